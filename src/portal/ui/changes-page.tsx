import type { JSX } from 'preact'
import { Hidden, Page, renderPage } from './page.tsx'

/** All that this portal knows of a change. */
export interface ChangeRow {
  readonly id: string
  readonly risk: 'low' | 'medium' | 'high'
  /** E.g. `3 minutes ago`. */
  readonly age: string
  /** Staged by a client of this account; else somebody else asks for a second yes. */
  readonly isOwn: boolean
}

export interface ChangesView {
  readonly account: string
  /** Null: the MCP server does not say now. */
  readonly rows: readonly ChangeRow[] | null
  readonly formToken: string
  readonly mcpHost: string
}

export function changesPage(view: ChangesView): string {
  return renderPage(
    <Page title="Changes" account={view.account} current="changes">
      <h1>Changes that wait for you</h1>
      <p class="lead">
        What a client wants to write to Maximo and may not without your yes. This portal cannot read what it
        is: you see and decide it at {view.mcpHost}.
      </p>
      {view.rows === null ? (
        <Silent />
      ) : view.rows.length === 0 ? (
        <NoRows />
      ) : (
        <Rows {...view} rows={view.rows} />
      )}
    </Page>,
  )
}

const Silent = (): JSX.Element => (
  <div class="note warn" role="status">
    <p>The MCP server does not answer, so nobody knows what waits. Nothing is written meanwhile.</p>
  </div>
)

const NoRows = (): JSX.Element => (
  <div class="card">
    <h2>Nothing waits</h2>
    <p>
      When a client stages a change that needs a person, it stands here until you decide or its time is over.
    </p>
  </div>
)

const Rows = ({ rows, formToken }: ChangesView & { readonly rows: readonly ChangeRow[] }): JSX.Element => (
  <ul class="cards">
    {rows.map(({ id, risk, age, isOwn }) => (
      <li class="card head" data-change={id} key={id}>
        <div>
          <h2>
            <code>{id}</code>
          </h2>
          <p>
            <span class={risk === 'high' ? 'state waiting' : 'state'}>{risk} risk</span>{' '}
            <span class="soft">
              staged {age}
              {isOwn ? '' : ' by somebody else, who needs your yes'}
            </span>
          </p>
        </div>
        <form method="post" action="/changes/open">
          <Hidden fields={{ form: formToken, change: id }} />
          <button class="primary" type="submit">
            Look at it<span class="unseen"> of change {id}</span>
          </button>
        </form>
      </li>
    ))}
  </ul>
)
