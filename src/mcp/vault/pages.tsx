import type { ComponentChildren, VNode } from 'preact'
import type { Grant } from '../records/ledger.ts'
import { visible } from '../tools/result/visible.ts'
import { VAULT_PATHS } from './forms.ts'
import type { ShownEnvironment } from './session.ts'

/** What every page of a visit shows: whose it is, and the way back. */
export interface Frame {
  readonly account: string
  readonly portalUrl: string
}

/** What a person typed, shown again beside a problem. Never the key. */
export interface Typed {
  readonly label: string
  readonly baseUrl: string
  readonly method: 'apikey' | 'maxauth'
  readonly user: string
}

interface FormPage {
  readonly frame: Frame
  /** Token of the form to `save`. */
  readonly form: string
  readonly typed: Typed
  readonly problem: string | null
}

export const AddPage = ({ frame, form, typed, problem }: FormPage): VNode => (
  <Layout title="Add a Maximo environment" frame={frame}>
    <Problem text={problem} />
    <p>
      This page belongs to the MCP server. What you type here is tested against Maximo, encrypted, and never
      shown again: not to the portal, not to an administrator, not to you.
    </p>
    <form method="post" action={VAULT_PATHS.save}>
      <input type="hidden" name="form" value={form} />
      <Field id="label" label="Name of the environment" value={typed.label} hint="For example: Production" />
      <Field
        id="baseUrl"
        label="Address of Maximo"
        value={typed.baseUrl}
        hint="For example: https://maximo.example.com/maximo"
      />
      <CredentialFields typed={typed} />
      <button type="submit">Test and save</button>
    </form>
  </Layout>
)

interface ReplacePage extends FormPage {
  readonly environment: ShownEnvironment
  /** Tokens of the two forms that settle an earlier replacement; null when there is none. */
  readonly settle: SettleForms | null
}
export interface SettleForms {
  readonly confirm: string
  readonly back: string
}

export const ReplacePage = ({ frame, form, typed, problem, environment, settle }: ReplacePage): VNode => (
  <Layout title="Replace the key of an environment" frame={frame}>
    <Problem text={problem} />
    <Environment environment={environment} />
    {settle === null ? null : (
      <Settle forms={settle} text="The last replacement is in use and not confirmed yet." />
    )}
    <p>
      The new key serves every connection from the moment its test has passed. Nothing has to be connected
      again, and for 7 days you can go back.
    </p>
    <form method="post" action={VAULT_PATHS.save}>
      <input type="hidden" name="form" value={form} />
      <CredentialFields typed={typed} />
      <button type="submit">Test and replace</button>
    </form>
  </Layout>
)

interface SavedPage {
  readonly frame: Frame
  readonly environment: ShownEnvironment
  readonly settle: SettleForms | null
}

export const SavedPage = ({ frame, environment, settle }: SavedPage): VNode => (
  <Layout title="The connection works" frame={frame}>
    <p role="status">Maximo accepted the key. It is encrypted and saved.</p>
    <Environment environment={environment} />
    {settle === null ? null : (
      <Settle forms={settle} text="The new key is in use for every connection now." />
    )}
  </Layout>
)

export const RemovePage = ({ frame, form, environment }: PlainPage): VNode => (
  <Layout title="Remove an environment" frame={frame}>
    <Environment environment={environment} />
    <p>
      Its key is forgotten, and every connection and token that reaches it ends at once. This cannot be
      undone.
    </p>
    <form method="post" action={VAULT_PATHS.remove}>
      <input type="hidden" name="form" value={form} />
      <button type="submit" class="danger">
        Remove this environment
      </button>
    </form>
  </Layout>
)
interface PlainPage {
  readonly frame: Frame
  readonly form: string
  readonly environment: ShownEnvironment
}

/** The end of an act: one sentence. */
export const DonePage = ({ frame, title, text }: { frame: Frame; title: string; text: string }): VNode => (
  <Layout title={title} frame={frame}>
    <p role="status">{text}</p>
  </Layout>
)

/** Without a visit nothing is known but the way to the portal. */
export const RefusalPage = ({ text, portalUrl }: { text: string; portalUrl: string }): VNode => (
  <Layout title="This did not work" frame={{ account: '', portalUrl }}>
    <p role="alert">{text}</p>
  </Layout>
)

export interface GrantRow {
  readonly grant: Grant
  readonly environment: string
  readonly madeAt: string
  readonly isEnded: boolean
}

export const GrantsPage = ({ frame, rows }: { frame: Frame; rows: readonly GrantRow[] }): VNode => (
  <Layout title="Connections in the MCP server’s own log" frame={frame}>
    <p>
      Everything that was ever allowed to use your environments and has not run out. This list does not come
      from the portal. If something stands here that you did not allow, remove the environment and change its
      key in Maximo.
    </p>
    {rows.length === 0 ? <p>There is none.</p> : <GrantTable rows={rows} />}
  </Layout>
)

const GrantTable = ({ rows }: { rows: readonly GrantRow[] }): VNode => (
  <table>
    <thead>
      <tr>
        {['Client says it is', 'Sent back to', 'Environment', 'May', 'Kind', 'Since (UTC)', 'State'].map(
          (name) => (
            <th scope="col" key={name}>
              {name}
            </th>
          ),
        )}
      </tr>
    </thead>
    <tbody>
      {rows.map(({ grant, environment, madeAt, isEnded }) => (
        <tr key={grant.gid}>
          <td>{visible(grant.clientName)}</td>
          <td>{visible(grant.redirectHost)}</td>
          <td>{visible(environment)}</td>
          <td>{grant.scp}</td>
          <td>{grant.knd === 'ci' ? 'automation token' : 'connection'}</td>
          <td>{madeAt}</td>
          <td>{isEnded ? 'ended' : 'in force'}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

const CredentialFields = ({ typed }: { typed: Typed }): VNode => (
  <>
    <label for="method">How to sign in to Maximo</label>
    <select id="method" name="method">
      <option value="apikey" selected={typed.method === 'apikey'}>
        API key
      </option>
      <option value="maxauth" selected={typed.method === 'maxauth'}>
        User name and password (maxauth)
      </option>
    </select>
    <Field id="user" label="User name (not for an API key)" value={typed.user} hint={null} />
    <label for="key">API key, or password</label>
    <input
      id="key"
      name="key"
      type="password"
      required
      maxLength={400}
      autocomplete="off"
      spellcheck={false}
    />
  </>
)

interface FieldProps {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly hint: string | null
}

const Field = ({ id, label, value, hint }: FieldProps): VNode => (
  <>
    <label for={id}>{label}</label>
    {hint === null ? null : (
      <small id={`${id}-hint`} class="hint">
        {hint}
      </small>
    )}
    <input
      id={id}
      name={id}
      type="text"
      value={value}
      maxLength={255}
      autocomplete="off"
      spellcheck={false}
      {...(hint === null ? {} : { required: true, 'aria-describedby': `${id}-hint` })}
    />
  </>
)

const Settle = ({ forms, text }: { forms: SettleForms; text: string }): VNode => (
  <section aria-label="New key">
    <p>
      {text} Confirm it and the former key is forgotten, or go back to the former key. After 7 days it is
      forgotten.
    </p>
    <form method="post" action={VAULT_PATHS.confirm}>
      <input type="hidden" name="form" value={forms.confirm} />
      <button type="submit">Confirm the new key</button>
    </form>
    <form method="post" action={VAULT_PATHS.back}>
      <input type="hidden" name="form" value={forms.back} />
      <button type="submit" class="second">
        Go back to the former key
      </button>
    </form>
  </section>
)

const Environment = ({ environment }: { environment: ShownEnvironment }): VNode => (
  <dl>
    <dt>Environment</dt>
    <dd>{visible(environment.label)}</dd>
    <dt>Host</dt>
    <dd>{environment.host}</dd>
  </dl>
)

const Problem = ({ text }: { text: string | null }): VNode | null =>
  text === null ? null : (
    <p role="alert" class="problem">
      {text}
    </p>
  )

interface LayoutProps {
  readonly title: string
  readonly frame: Frame
  readonly children: ComponentChildren
}

const Layout = ({ title, frame, children }: LayoutProps): VNode => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${title} – Maximo vault`}</title>
      <link rel="stylesheet" href={VAULT_PATHS.style} />
    </head>
    <body>
      <header>
        <strong>Maximo vault</strong>
        {frame.account === '' ? null : <span>{`Signed in as ${visible(frame.account)}`}</span>}
      </header>
      <main>
        <h1>{title}</h1>
        {children}
        <p>
          <a href={`${frame.portalUrl}/environments`}>Back to the portal</a>
        </p>
      </main>
    </body>
  </html>
)
