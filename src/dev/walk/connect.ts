import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Browser, Page } from './browser.ts'
import type { Discovered } from './discover.ts'
import { formTo, LostOnTheWay } from './forms.ts'
import { ask } from './json-http.ts'
import { openSignedIn } from './sign-in.ts'

/** Nobody listens there: the walk's browser stops before it follows. */
export const CALLBACK = 'http://localhost:33418/callback'

const registered = z.looseObject({ client_id: z.string() })
const tokenAnswer = z.looseObject({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number(),
  scope: z.string(),
  refresh_token: z.string().optional(),
})
export type Tokens = z.output<typeof tokenAnswer>

/** Dynamic client registration (RFC 7591) of a native public client. */
export async function register(discovered: Discovered, name: string): Promise<string> {
  const answer = await ask(discovered.server.registration_endpoint, {
    json: { client_name: name, redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' },
  })
  return registered.parse(answer.body).client_id
}

export interface Asked {
  readonly clientId: string
  readonly scope: string
  readonly email: string
  /** Which button is pressed; `approve` when absent. */
  readonly decision?: 'approve' | 'deny'
}

/** Authorization request with PKCE S256, sign-in and approval. Returns the code as the client's callback gets it. */
export async function authorize(browser: Browser, discovered: Discovered, asked: Asked): Promise<Authorized> {
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const url = new URL(discovered.server.authorization_endpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: asked.clientId,
    redirect_uri: CALLBACK,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    scope: asked.scope,
    state,
    resource: discovered.resource,
  }).toString()
  const answered = await answerConsent(browser, url.href, asked)
  const callback = new URL(answered.url).searchParams
  const code = callback.get('code')
  if (code === null || callback.get('state') !== state || callback.get('iss') !== discovered.server.issuer) {
    throw new LostOnTheWay(
      answered,
      `a callback with code, state and iss instead of ${callback.get('error') ?? 'none'}`,
    )
  }
  return { code, verifier }
}

export interface Authorized {
  readonly code: string
  readonly verifier: string
}

/** Follows an authorization request to its end: sign-in where needed, one of the two buttons, the client's callback. */
export async function answerConsent(
  browser: Browser,
  url: string,
  { email, decision = 'approve' }: Pick<Asked, 'email' | 'decision'>,
): Promise<Page> {
  const consent = await openSignedIn(browser, url, email)
  const button = consent.html.querySelector(`#${decision}`)
  if (button === null) throw new LostOnTheWay(consent, 'the consent page')
  const [name, value] = [button.getAttribute('name'), button.getAttribute('value') ?? '']
  return browser.submit(
    consent,
    formTo(consent, '/oauth/decision'),
    name === undefined ? {} : { [name]: value },
  )
}

/** The code for the first pair of tokens. */
export const redeem = (
  discovered: Discovered,
  clientId: string,
  { code, verifier }: Authorized,
): Promise<Tokens> =>
  tokens(discovered, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    code_verifier: verifier,
    redirect_uri: CALLBACK,
    resource: discovered.resource,
  })

export const refresh = (discovered: Discovered, clientId: string, refreshToken: string): Promise<Tokens> =>
  tokens(discovered, { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken })

async function tokens(discovered: Discovered, form: Readonly<Record<string, string>>): Promise<Tokens> {
  const answer = await ask(discovered.server.token_endpoint, { form })
  if (answer.status !== 200)
    throw new Error(`The token endpoint answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return tokenAnswer.parse(answer.body)
}
