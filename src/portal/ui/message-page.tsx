import type { ComponentChildren, JSX } from 'preact'
import { Page, renderPage } from './page.tsx'

export interface Message {
  readonly status: number
  readonly heading: string
  /** What happened, in a sentence. */
  readonly what: string
  /** What the person can do now. */
  readonly next: ComponentChildren
  readonly correlationId?: string | undefined
}

/** A page that says what went wrong and what to do. Nothing of it comes from upstream or from the request. */
export function messagePage(message: Message): string {
  return renderPage(
    <Page title={message.heading}>
      <h1>{message.heading}</h1>
      <div class="card">
        <p>{message.what}</p>
        <p>{message.next}</p>
      </div>
      <p class="fine">
        Status {message.status}
        {message.correlationId === undefined ? null : (
          <>
            {' · '}Reference <code>{message.correlationId}</code>
          </>
        )}
      </p>
    </Page>,
  )
}

export const StartAgainInClient = (): JSX.Element => (
  <>Go back to your MCP client and connect again. Nothing was granted.</>
)

export const ToStart = (): JSX.Element => (
  <>
    Go to the <a href="/">start page</a>.
  </>
)
