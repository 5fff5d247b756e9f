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
    <Page title={message.heading} correlationId={message.correlationId}>
      <h1>{message.heading}</h1>
      <p>{message.what}</p>
      <p>{message.next}</p>
      <p class="soft">Status {message.status}</p>
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
