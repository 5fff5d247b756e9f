import type { JSX } from 'preact'
import { Hidden, Page, renderPage } from './page.tsx'

export interface MachineView {
  readonly account: string
  readonly cid: string
  readonly name: string
  readonly environment: string
  readonly scopes: string
  /** When the last token was made for it, in words. */
  readonly lastExchange: string
  readonly isLive: boolean
  readonly tokenEndpoint: string
  /** The audience of what it signs. */
  readonly issuer: string
  readonly mcpAddress: string
  readonly proof:
    | { readonly kind: 'keys'; readonly thumbprints: readonly string[]; readonly mayAdd: boolean }
    | { readonly kind: 'secret' }
    | {
        readonly kind: 'workload'
        readonly issuer: string
        readonly audience: string
        /** In words, e.g. `repository is org/app`. */
        readonly rules: readonly string[]
      }
  /** Only on the page that follows its registration. */
  readonly secret: string | null
  readonly formToken: string
  readonly problem: string | null
}

/** One machine client: how it gets a token, and its keys. */
export function machinePage(view: MachineView): string {
  return renderPage(
    <Page title={view.name} account={view.account} current="connections">
      <h1>
        “<bdi>{view.name}</bdi>”
      </h1>
      {view.problem === null ? null : (
        <div class="note bad" role="alert">
          <p>{view.problem}</p>
        </div>
      )}
      {view.isLive ? null : (
        <div class="note warn">
          <p>This machine client was ended. It gets no more tokens.</p>
        </div>
      )}
      {view.secret === null ? null : <Secret secret={view.secret} />}
      <Facts {...view} />
      <Way {...view} />
      {view.proof.kind === 'keys' && view.isLive ? <Keys {...view} proof={view.proof} /> : null}
      <p>
        <a href="/connections">End it, or see its state, under Connections</a>
      </p>
    </Page>,
  )
}

const Secret = ({ secret }: { readonly secret: string }): JSX.Element => (
  <section class="card" aria-labelledby="secret">
    <h2 id="secret">Its secret, shown this once</h2>
    <p class="host" id="client-secret">
      {secret}
    </p>
    <p class="soft">The portal keeps only a hash of it. Who loses it registers the client again.</p>
  </section>
)

const Facts = (view: MachineView): JSX.Element => (
  <dl class="card">
    <dt>Client id</dt>
    <dd>
      <code id="client-id">{view.cid}</code>
    </dd>
    <dt>Environment</dt>
    <dd>
      <bdi>{view.environment}</bdi>
    </dd>
    <dt>May</dt>
    <dd>{view.scopes}</dd>
    <dt>Last exchange</dt>
    <dd>{view.lastExchange}</dd>
  </dl>
)

const Way = ({ proof, issuer, tokenEndpoint, mcpAddress }: MachineView): JSX.Element => (
  <section class="card" aria-labelledby="way">
    <h2 id="way">How it gets a token</h2>
    <p>
      A form to <code>{tokenEndpoint}</code>, {GRANTS[proof.kind]}. The token works at{' '}
      <code>{mcpAddress}</code>.
    </p>
    {proof.kind === 'keys' ? (
      <p>
        The assertion’s <code>aud</code> is <code>{issuer}</code>, its <code>iss</code> and <code>sub</code>{' '}
        the client id, its life ten minutes at most; its <code>jti</code> counts once.
      </p>
    ) : null}
    {proof.kind === 'workload' ? (
      <>
        <p>
          {proof.issuer} has to sign a token for the audience <code>{proof.audience}</code>, which says:
        </p>
        <ul>
          {proof.rules.map((rule) => (
            <li key={rule}>
              <code>{rule}</code>
            </li>
          ))}
        </ul>
      </>
    ) : null}
  </section>
)

const GRANTS: Readonly<Record<MachineView['proof']['kind'], string>> = {
  keys: 'with grant_type client_credentials and a client assertion (private_key_jwt)',
  secret: 'with grant_type client_credentials and the client id and secret',
  workload:
    'with grant_type urn:ietf:params:oauth:grant-type:jwt-bearer and the platform’s token as assertion',
}

type KeysView = MachineView & { readonly proof: Extract<MachineView['proof'], { kind: 'keys' }> }

const Keys = ({ proof, cid, formToken }: KeysView): JSX.Element => (
  <section class="card" aria-labelledby="keys-of">
    <h2 id="keys-of">Its keys</h2>
    <p class="soft">
      To change a key, add the new one, let the client use it, then remove the old one. Tokens go on working
      meanwhile; removing a key ends the tokens that exist.
    </p>
    <ul>
      {proof.thumbprints.map((thumbprint) => (
        <li class="row" key={thumbprint}>
          <code>{thumbprint}</code>
          {proof.thumbprints.length > 1 ? (
            <form method="post" action="/machines/keys/remove">
              <Hidden fields={{ form: formToken, cid, thumbprint }} />
              <button class="danger small" type="submit">
                Remove<span class="unseen"> the key {thumbprint}</span>
              </button>
            </form>
          ) : null}
        </li>
      ))}
    </ul>
    {proof.mayAdd ? (
      <form method="post" action="/machines/keys/add">
        <Hidden fields={{ form: formToken, cid }} />
        <div class="field">
          <label for="keys">Another public key, as PEM or JWK</label>
          <textarea id="keys" name="keys" rows={4} spellcheck={false} />
        </div>
        <button type="submit">Add the key</button>
      </form>
    ) : null}
  </section>
)
