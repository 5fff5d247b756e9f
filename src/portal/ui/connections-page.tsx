import type { JSX } from 'preact'
import { ATTEMPTS_PATH } from './attempts-page.tsx'
import { Notices, type NoticesView } from './notices.tsx'
import { STATES, type ConnectionState } from './connection-states.ts'
import { Hidden, Page, renderPage } from './page.tsx'

export interface ConnectionRow {
  readonly gid: string
  readonly cid: string
  /** Live connections of the same client. */
  readonly ofClient: number
  readonly clientName: string
  readonly redirectHost: string
  /** Its page, where it is a machine client. */
  readonly machinePath: string | null
  readonly environment: string
  readonly scopes: string
  readonly made: string
  readonly lastToken: string
  readonly state: ConnectionState
  /** Who ended it and why, in words. */
  readonly ended: string | null
}

export interface ConnectionsView {
  readonly account: string
  readonly notices: NoticesView
  readonly rows: readonly ConnectionRow[]
  readonly formToken: string
  readonly mcpHost: string
}

export function connectionsPage(view: ConnectionsView): string {
  return renderPage(
    <Page title="Connections" account={view.account} current="connections">
      <h1>Connections</h1>
      <Notices {...view.notices} />
      <p class="lead">
        Programs that you allowed to use your Maximo. Ending one takes effect with its very next call.
      </p>
      {view.rows.length === 0 ? <NoRows /> : null}
      <ul class="cards">
        {view.rows.map((row) => (
          <Row row={row} formToken={view.formToken} key={row.gid} />
        ))}
      </ul>
      <p>
        <a class="button" href="/machines/new">
          Register a machine client
        </a>
      </p>
      <EndEverything />
      <OwnList {...view} />
      <Attempts />
    </Page>,
  )
}

const NoRows = (): JSX.Element => (
  <div class="card">
    <h2>There are none yet</h2>
    <p>
      The <a href="/">start page</a> has the address to give to your client.
    </p>
  </div>
)

function Row({ row, formToken }: { readonly row: ConnectionRow; readonly formToken: string }): JSX.Element {
  const { words, look } = STATES[row.state]
  return (
    <li class="card" id={`c-${row.gid}`} data-connection={row.gid} data-state={row.state}>
      <div class="head">
        <div>
          <h2>
            “<bdi>{row.clientName}</bdi>”
          </h2>
          <p class="soft">
            {row.machinePath === null ? (
              `at ${row.redirectHost}`
            ) : (
              <a href={row.machinePath}>machine client: how it gets its tokens, its keys</a>
            )}
          </p>
        </div>
        <p class={look}>{words}</p>
      </div>
      <dl>
        <dt>Environment</dt>
        <dd>
          <bdi>{row.environment}</bdi>
        </dd>
        <dt>May</dt>
        <dd>{row.scopes}</dd>
        <dt>Allowed</dt>
        <dd>{row.made}</dd>
        <dt>Last token</dt>
        <dd>{row.lastToken}</dd>
        {row.ended === null ? null : (
          <>
            <dt>Ended</dt>
            <dd>{row.ended}</dd>
          </>
        )}
      </dl>
      <Ends row={row} formToken={formToken} />
    </li>
  )
}

const Attempts = (): JSX.Element => (
  <section class="card" aria-labelledby="attempts">
    <h2 id="attempts">A client does not connect?</h2>
    <p>
      Every login attempt leaves a trace: what the client sent, what was decided, and why. See your{' '}
      <a href={ATTEMPTS_PATH}>login attempts</a>.
    </p>
  </section>
)

const Ends = ({
  row,
  formToken,
}: {
  readonly row: ConnectionRow
  readonly formToken: string
}): JSX.Element => (
  <div class="row">
    {row.state === 'live' || row.state === 'pending' ? (
      <form method="post" action="/connections/revoke">
        <Hidden fields={{ form: formToken, gid: row.gid }} />
        <button class={row.state === 'live' ? 'danger' : ''} type="submit">
          {row.state === 'live' ? 'End this connection' : 'Try again'}
          <span class="unseen"> of {row.clientName}</span>
        </button>
      </form>
    ) : null}
    {row.state === 'live' && row.ofClient > 1 ? (
      <form method="post" action="/connections/revoke-client">
        <Hidden fields={{ form: formToken, cid: row.cid }} />
        <button type="submit">
          End all {row.ofClient} of this client<span class="unseen">, {row.clientName}</span>
        </button>
      </form>
    ) : null}
  </div>
)

const EndEverything = (): JSX.Element => (
  <section class="card" aria-labelledby="end-everything">
    <h2 id="end-everything">Something is wrong?</h2>
    <p>
      You can end all connections and tokens of your account at once, also those that are not in this list.
    </p>
    <p>
      <a class="button" href="/connections/end-everything">
        End everything…
      </a>
    </p>
  </section>
)

/** The owner's check on this portal. */
const OwnList = ({ formToken, mcpHost }: ConnectionsView): JSX.Element => (
  <section class="card" aria-labelledby="own-list">
    <h2 id="own-list">Check this list</h2>
    <p>
      The MCP server at {mcpHost} keeps a list of its own. It shows every connection that can reach your
      Maximo, also one that this portal would hide.
    </p>
    <form method="post" action="/environments/open">
      <Hidden fields={{ form: formToken, purpose: 'grants' }} />
      <button type="submit">See the MCP server’s own list</button>
    </form>
  </section>
)
