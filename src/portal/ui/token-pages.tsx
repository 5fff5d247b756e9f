import type { JSX } from 'preact'
import { messagePage } from './message-page.tsx'
import { Hidden, Page, renderPage } from './page.tsx'

export interface TokenMade {
  readonly account: string
  readonly name: string
  readonly environment: string
  readonly token: string
  /** `PUBLIC_MCP_URL/ci/mcp`. */
  readonly address: string
  /** E.g. `2026-11-26`; null: no expiry. */
  readonly endsOn: string | null
  /** What happens to the token it follows. */
  readonly former: string | null
}

/** The one page that shows a token. It is made for this answer and kept nowhere. */
export function tokenMadePage(made: TokenMade): string {
  return renderPage(
    <Page title="Your new token" account={made.account} current="tokens">
      <h1>Copy your token now</h1>
      <p class="lead">
        This page shows it once. Nobody can show it again: the portal keeps a fingerprint of it and no copy.
      </p>
      <div class="card">
        <h2>
          “<bdi>{made.name}</bdi>” for <bdi>{made.environment}</bdi>
        </h2>
        <p class="soft">One click selects all of it. Then copy it (Ctrl-C or ⌘-C).</p>
        <pre class="once" id="token" tabIndex={0} aria-label="The token">
          {made.token}
        </pre>
        <p class="fine">
          {made.endsOn === null ? 'It ends only when you end it.' : `It ends on ${made.endsOn} (UTC).`}
          {made.former === null ? '' : ` ${made.former}`}
        </p>
      </div>
      <NextSteps address={made.address} />
      <p>
        <a class="button" href="/tokens">
          I have stored it
        </a>
      </p>
    </Page>,
  )
}

const NextSteps = ({ address }: { readonly address: string }): JSX.Element => (
  <div class="card">
    <h2>Put it where secrets live</h2>
    <p>
      In GitHub: <em>Settings → Secrets and variables → Actions</em>, as <code>MAXIMO_MCP_TOKEN</code>.
      Elsewhere: the secret store of your pipeline. Never in a repository, a log or a chat.
    </p>
    <p>Try it, with the token in that variable:</p>
    <pre>{`curl -sS ${address} \\
  -H "authorization: Bearer $MAXIMO_MCP_TOKEN" \\
  -H 'content-type: application/json' -H 'mcp-protocol-version: 2025-11-25' \\
  -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_context","arguments":{}}}'`}</pre>
  </div>
)

export interface SignInAgain {
  readonly account: string
  readonly draft: string
  readonly formToken: string
}

/** A token that lasts asks for a fresh proof of who is there. What was typed is kept meanwhile. */
export function signInAgainPage({ account, draft, formToken }: SignInAgain): string {
  return renderPage(
    <Page title="Please sign in again" account={account} current="tokens">
      <h1>Please sign in again</h1>
      <form class="card" method="post" action="/tokens/sign-in-again">
        <Hidden fields={{ form: formToken, draft }} />
        <p>
          Your sign-in is more than ten minutes old, and a token that works without you needs a fresh one.
          What you chose is kept for half an hour; no token was made yet.
        </p>
        <button class="primary" type="submit">
          Sign out and in again
        </button>
      </form>
    </Page>,
  )
}

export interface RotateForm {
  readonly account: string
  readonly name: string
  readonly environment: string
  readonly hidden: Readonly<Record<string, string>>
  readonly overlaps: readonly { readonly value: string; readonly words: string }[]
  readonly chosen: string
}

export function rotateFormPage(form: RotateForm): string {
  return renderPage(
    <Page title="Rotate a token" account={form.account} current="tokens">
      <h1>
        Rotate “<bdi>{form.name}</bdi>”
      </h1>
      <p class="lead">
        You get a new token with the same rights for <bdi>{form.environment}</bdi>. The old one goes on for as
        long as you choose, so that nothing stops while you put the new one in place.
      </p>
      <form method="post" action="/tokens/rotate">
        <Hidden fields={form.hidden} />
        <fieldset class="card">
          <legend class="within">The old token ends</legend>
          <div class="choices">
            {form.overlaps.map(({ value, words }) => (
              <label class="choice" key={value}>
                <input type="radio" name="overlap" value={value} checked={value === form.chosen} required />
                <span>{words}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <div class="row">
          <button class="primary" type="submit" id="rotate">
            Make the new token
          </button>
          <a class="button" href="/tokens">
            Back
          </a>
        </div>
      </form>
    </Page>,
  )
}

const back = (
  <>
    Go to <a href="/tokens">your tokens</a>.
  </>
)

export const formUsedPage = (correlationId: string): string =>
  messagePage({
    status: 410,
    heading: 'This form was used already',
    what: 'A form makes one token. Sending it again, or going back to it, makes no second one.',
    next: back,
    correlationId,
  })

export const tokenUnknownPage = (correlationId: string): string =>
  messagePage({
    status: 404,
    heading: 'There is no such token',
    what: 'It ended already, or its environment is not in your account any more.',
    next: back,
    correlationId,
  })

export const noFeaturePage = (correlationId: string): string =>
  messagePage({
    status: 403,
    heading: 'Your plan has no automation tokens',
    what: 'Tokens for pipelines are part of a larger plan. No token was made.',
    next: (
      <>
        Change your plan, sign in again, and come back. <a href="/connections">Connections</a> of your own
        clients are part of every plan.
      </>
    ),
    correlationId,
  })

export const tokenRefusedPage = (correlationId: string): string =>
  messagePage({
    status: 422,
    heading: 'The MCP server did not agree',
    what: 'It checks your sign-in and your environment by itself, and one of them was not valid there. No token was made.',
    next: back,
    correlationId,
  })

export const tokenSilentPage = (correlationId: string): string =>
  messagePage({
    status: 503,
    heading: 'The MCP server does not answer',
    what: 'A token is made together with it. No token was made.',
    next: (
      <>
        Wait a moment, then <a href="/tokens/new">open the form again</a>.
      </>
    ),
    correlationId,
  })
