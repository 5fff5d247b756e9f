import type { JSX } from 'preact'
import { Hidden, Page, renderPage } from './page.tsx'

export interface EnvironmentRow {
  readonly env: string
  readonly label: string
  readonly host: string
  /** E.g. `added 3 days ago`. */
  readonly age: string
}

export interface EnvironmentsView {
  readonly account: string
  readonly rows: readonly EnvironmentRow[]
  readonly notices: readonly Notice[]
  /** Where to go on after something was added, e.g. to a consent page. */
  readonly next: string | undefined
  readonly formToken: string
  readonly mcpHost: string
}

export interface Notice {
  readonly tone: 'plain' | 'warn' | 'bad'
  readonly text: string
}

export function environmentsPage(view: EnvironmentsView): string {
  return renderPage(
    <Page title="Environments" account={view.account} current="environments">
      <h1>Maximo environments</h1>
      {view.notices.map(({ tone, text }) => (
        <div class={tone === 'plain' ? 'note' : `note ${tone}`} role="status" key={text}>
          <p>{text}</p>
        </div>
      ))}
      {view.next === undefined ? null : (
        <p>
          <a class={view.rows.length > 0 ? 'button primary' : 'button'} href={view.next}>
            Go on connecting your client
          </a>
        </p>
      )}
      <ul class="cards">
        {view.rows.map((row) => (
          <Row row={row} view={view} key={row.env} />
        ))}
      </ul>
      {view.rows.length === 0 ? <p>You have none yet.</p> : null}
      <OpenVault purpose="add" view={view} name="Add an environment" isPrimary={true} />
      <p class="soft">
        Keys are typed on {view.mcpHost}, tested there and kept encrypted. This portal stores what it cannot
        read.
      </p>
    </Page>,
  )
}

function Row({ row, view }: { readonly row: EnvironmentRow; readonly view: EnvironmentsView }): JSX.Element {
  return (
    <li class="card" data-environment={row.env}>
      <h2>
        <bdi>{row.label}</bdi>
      </h2>
      <p>
        {row.host} <span class="soft">· {row.age}</span>
      </p>
      <div class="row">
        <OpenVault purpose="replace" env={row} view={view} name="Replace the key" />
        <OpenVault purpose="remove" env={row} view={view} name="Remove" />
      </div>
    </li>
  )
}

interface OpenVaultProps {
  readonly purpose: 'add' | 'replace' | 'remove'
  readonly env?: EnvironmentRow
  readonly view: EnvironmentsView
  readonly name: string
  readonly isPrimary?: boolean
}

function OpenVault({ purpose, env, view, name, isPrimary }: OpenVaultProps): JSX.Element {
  const fields = {
    form: view.formToken,
    purpose,
    ...(env === undefined ? {} : { env: env.env }),
    ...(view.next === undefined ? {} : { next: view.next }),
  }
  const look = isPrimary === true ? 'primary' : purpose === 'remove' ? 'danger' : ''
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
}

/** One button between the two origins: the handle travels in a form, never in an address. */
export function vaultDoorPage(door: VaultDoor): string {
  return renderPage(
    <Page title="To the vault" account={door.account} current="environments">
      <h1>Continue at the MCP server</h1>
      <p>
        The next page is at <strong>{door.mcpHost}</strong>: look at the address before you type a key. The
        button works for one minute.
      </p>
      <form method="post" action={door.vaultUrl}>
        <Hidden fields={{ handle: door.handle }} />
        <button class="primary" type="submit">
          Continue to {door.mcpHost}
        </button>
      </form>
    </Page>,
  )
}
