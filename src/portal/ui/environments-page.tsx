import type { JSX } from 'preact'
import { Notices, type NoticesView } from './notices.tsx'
import { Hidden, Page, renderPage } from './page.tsx'

export interface EnvironmentRow {
  readonly env: string
  readonly label: string
  readonly host: string
  /** E.g. `added 3 days ago`. */
  readonly age: string
  /** Class of the environment and age of its key; null: the MCP server does not say. */
  readonly key: string | null
  /** Where a client connects that is to be offered this environment and no other. */
  readonly address: string
}

export interface EnvironmentsView {
  readonly account: string
  readonly rows: readonly EnvironmentRow[]
  readonly notices: readonly Notice[]
  /** About keys that should be replaced. */
  readonly owner: NoticesView
  /** Where to go on after something was added, e.g. to a consent page. */
  readonly next: string | undefined
  readonly formToken: string
  readonly mcpHost: string
}

export interface Notice {
  readonly tone: 'good' | 'warn' | 'bad'
  readonly text: string
}

export function environmentsPage(view: EnvironmentsView): string {
  return renderPage(
    <Page title="Environments" account={view.account} current="environments">
      <h1>Maximo environments</h1>
      <p class="lead">
        What your clients can be given access to. Keys are typed and tested at {view.mcpHost}; this portal
        keeps them encrypted and cannot read them.
      </p>
      <Notices {...view.owner} />
      {view.notices.map(({ tone, text }) => (
        <div class={`note ${tone}`} role="status" key={text}>
          <p>{text}</p>
        </div>
      ))}
      {view.next === undefined ? null : <GoOn next={view.next} isReady={view.rows.length > 0} />}
      {view.rows.length === 0 ? <NoRows view={view} /> : <Rows view={view} />}
    </Page>,
  )
}

const GoOn = ({ next, isReady }: { readonly next: string; readonly isReady: boolean }): JSX.Element => (
  <div class="note head">
    <p>
      {isReady ? 'Your client still waits for your answer.' : 'Your client waits. Add an environment first.'}
    </p>
    <a class={isReady ? 'button primary' : 'button'} href={next}>
      {isReady ? 'Go on connecting your client' : 'Back to the request'}
    </a>
  </div>
)

const NoRows = ({ view }: { readonly view: EnvironmentsView }): JSX.Element => (
  <div class="card">
    <h2>You have none yet</h2>
    <p>Have the address of your Maximo ready, and an API key of your user there.</p>
    <OpenVault purpose="add" view={view} name="Add an environment" look="primary" />
  </div>
)

const Rows = ({ view }: { readonly view: EnvironmentsView }): JSX.Element => (
  <>
    <ul class="cards">
      {view.rows.map((row) => (
        <Row row={row} view={view} key={row.env} />
      ))}
    </ul>
    <OpenVault
      purpose="add"
      view={view}
      name="Add an environment"
      look={view.next === undefined ? 'primary' : ''}
    />
  </>
)

const Row = ({
  row,
  view,
}: {
  readonly row: EnvironmentRow
  readonly view: EnvironmentsView
}): JSX.Element => (
  <li class="card head" data-environment={row.env}>
    <div>
      <h2>
        <bdi>{row.label}</bdi>
      </h2>
      <p>
        {row.host} <span class="soft">· {row.age}</span>
      </p>
      {row.key === null ? null : <p data-key>{row.key}</p>}
      <p class="soft">
        For this one alone: <code>{row.address}</code>
      </p>
    </div>
    <div class="row">
      <OpenVault purpose="replace" env={row} view={view} name="Replace the key" look="" />
      <OpenVault purpose="remove" env={row} view={view} name="Remove" look="danger" />
    </div>
  </li>
)

interface OpenVaultProps {
  readonly purpose: 'add' | 'replace' | 'remove'
  readonly env?: EnvironmentRow
  readonly view: EnvironmentsView
  readonly name: string
  readonly look: '' | 'primary' | 'danger'
}

function OpenVault({ purpose, env, view, name, look }: OpenVaultProps): JSX.Element {
  const fields = {
    form: view.formToken,
    purpose,
    ...(env === undefined ? {} : { env: env.env }),
    ...(view.next === undefined ? {} : { next: view.next }),
  }
  return (
    <form method="post" action="/environments/open">
      <Hidden fields={fields} />
      <button class={look} type="submit">
        {name}
        {env === undefined ? null : <span class="unseen"> of {env.label}</span>}
      </button>
    </form>
  )
}

export interface VaultDoor {
  readonly account: string
  readonly mcpHost: string
  /** `PUBLIC_MCP_URL/vault`. */
  readonly vaultUrl: string
  /** One-time handle; it is worth nothing after 60 seconds. */
  readonly handle: string
  /** What is behind it: the vault where a key is typed, unless said otherwise. */
  readonly to?: 'change'
}

/** One button between the two origins: the handle travels in a form, never in an address. */
export function vaultDoorPage(door: VaultDoor): string {
  return renderPage(
    <Page
      title="To the vault"
      account={door.account}
      current={door.to === 'change' ? 'changes' : 'environments'}
    >
      <h1>Continue at the MCP server</h1>
      <form class="card" method="post" action={door.vaultUrl}>
        <Hidden fields={{ handle: door.handle }} />
        <p>
          {door.to === 'change'
            ? 'The next page shows the change. Before you agree to it, check that its address begins with'
            : 'The next page is the vault. Before you type a key there, check that its address begins with'}
        </p>
        <p class="host">{new URL(door.vaultUrl).origin}</p>
        <button class="primary" type="submit">
          Continue to {door.mcpHost}
        </button>
      </form>
      <p class="fine">The button works once, for one minute.</p>
    </Page>,
  )
}
