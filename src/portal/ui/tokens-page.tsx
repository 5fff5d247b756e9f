import type { JSX } from 'preact'
import { STATES, type ConnectionState } from './connection-states.ts'
import { Notices, type NoticesView } from './notices.tsx'
import { Hidden, Page, renderPage } from './page.tsx'

export interface TokenRow {
  readonly gid: string
  readonly name: string
  readonly environment: string
  readonly state: ConnectionState
  /** Rows of the description, in order: name and words. */
  readonly facts: readonly (readonly [name: string, words: string])[]
  /** It can be replaced. */
  readonly isLive: boolean
}

export interface TokensView {
  readonly account: string
  readonly rows: readonly TokenRow[]
  readonly formToken: string
  readonly notices: NoticesView
  /** The MCP server could not be asked when they were last used. */
  readonly isUseUnknown: boolean
}

export function tokensPage(view: TokensView): string {
  return renderPage(
    <Page title="Automation tokens" account={view.account} current="tokens">
      <h1>Automation tokens</h1>
      <Notices {...view.notices} />
      <p class="lead">
        For pipelines and programs that run without you. Ending one takes effect with its very next call.
      </p>
      {view.isUseUnknown ? (
        <div class="note warn" role="status">
          <p>The MCP server does not answer, so the last uses are not shown. Reload in a moment.</p>
        </div>
      ) : null}
      <p>
        <a class="button primary" href="/tokens/new">
          New automation token
        </a>
      </p>
      {view.rows.length === 0 ? (
        <div class="card">
          <h2>There are none yet</h2>
          <p>A token is shown once, when it is made, and can be narrowed to objects, networks and a time.</p>
        </div>
      ) : null}
      <ul class="cards">
        {view.rows.map((row) => (
          <Row row={row} formToken={view.formToken} key={row.gid} />
        ))}
      </ul>
    </Page>,
  )
}

function Row({ row, formToken }: { readonly row: TokenRow; readonly formToken: string }): JSX.Element {
  const { words, look } = STATES[row.state]
  return (
    <li class="card" data-token={row.gid} data-state={row.state}>
      <div class="head">
        <div>
          <h2>
            <bdi>{row.name}</bdi>
          </h2>
          <p class="soft">
            for <bdi>{row.environment}</bdi>
          </p>
        </div>
        <p class={look}>{words}</p>
      </div>
      <dl>
        {row.facts.map(([name, fact]) => (
          <>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </>
        ))}
      </dl>
      {row.isLive || row.state === 'pending' ? <Acts row={row} formToken={formToken} /> : null}
    </li>
  )
}

const Acts = ({ row, formToken }: { readonly row: TokenRow; readonly formToken: string }): JSX.Element => (
  <div class="row">
    {row.isLive ? (
      <a class="button" href={`/tokens/rotate?gid=${row.gid}`}>
        Rotate<span class="unseen"> {row.name}</span>
      </a>
    ) : null}
    <form method="post" action="/tokens/revoke">
      <Hidden fields={{ form: formToken, gid: row.gid }} />
      <button class={row.isLive ? 'danger' : ''} type="submit">
        {row.isLive ? 'End this token' : 'Try again'}
        <span class="unseen"> {row.name}</span>
      </button>
    </form>
  </div>
)
