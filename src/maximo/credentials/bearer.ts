import { type CallSignal, orAborted } from '../../kernel/call-signal.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Secret } from '../../kernel/secret.ts'
import { MaximoFault } from '../fault.ts'
import type { FormPost } from '../egress/form-post.ts'
import { isObject, type JsonObject, textOf, wholeNumberOf } from '../json.ts'
import { type ClientGrant, readClientGrant, writeClientGrant } from './credential.ts'

export interface BearerOptions {
  readonly method: 'oauth' | 'oidc'
  readonly credential: Secret<string>
  readonly post: FormPost
  readonly clock: Clock
  /**
   * The identity provider replaced the refresh token: the credential to store instead of the old one, which may be dead
   * already. The bearer is used only after it was kept.
   */
  readonly onReplaced: (credential: string) => Promise<void>
}

/** The bearer of one credential: obtained when needed, used again until shortly before it ends, asked for once at a time. */
export interface Bearer {
  /** @throws MaximoFault credentials_rejected when the identity provider says no; else what the way there says */
  token(signal: CallSignal): Promise<string>
  /** Maximo refused it: the next call obtains another. */
  discard(token: string): void
}

/** @throws MaximoFault credentials_rejected when the credential is not what the method needs */
export function openBearer(options: BearerOptions): Bearer {
  const { post, clock } = options
  let grant = read(options)
  let held: { readonly token: string; readonly untilMs: number } | null = null
  let obtaining: Promise<string> | null = null

  const obtain = async (): Promise<string> => {
    const { token, lifeS, refreshToken } = await ask(options.method, grant, post)
    if (refreshToken !== null && refreshToken !== grant.r) {
      grant = { ...grant, r: refreshToken }
      await options.onReplaced(writeClientGrant(grant))
    }
    held = { token, untilMs: clock.monotonicMs() + Math.max(0, lifeS - EARLY_S) * 1000 }
    return token
  }
  return {
    token: (signal) => {
      if (held !== null && held.untilMs > clock.monotonicMs()) return Promise.resolve(held.token)
      // Not bound to one caller's signal: others wait for the same answer.
      obtaining ??= obtain().finally(() => {
        obtaining = null
      })
      return orAborted(obtaining, signal)
    },
    discard: (token) => {
      if (held?.token === token) held = null
    },
  }
}

function read({ method, credential }: BearerOptions): ClientGrant {
  const grant = readClientGrant(method, credential.reveal())
  if (!grant.ok) throw new MaximoFault('credentials_rejected', { detail: 'malformed' })
  return grant.value
}

interface Obtained {
  readonly token: string
  readonly lifeS: number
  readonly refreshToken: string | null
}

async function ask(method: 'oauth' | 'oidc', grant: ClientGrant, post: FormPost): Promise<Obtained> {
  const body = formOf(method, grant).toString()
  const answer = await post({ url: grant.t, body, authorization: basicOf(grant) })
  const fault = { detail: 'identity_provider', httpStatus: answer.status }
  if (answer.status === 400 || answer.status === 401) throw new MaximoFault('credentials_rejected', fault)
  if (answer.status >= 500) throw new MaximoFault('unavailable', fault)
  const obtained = answer.status === 200 && isObject(answer.json) ? readObtained(answer.json) : null
  if (obtained === null) throw new MaximoFault('bad_upstream', fault)
  return obtained
}

/** RFC 6749 §4.4.2 and §6; the client authenticates by HTTP Basic (§2.3.1), a public one by its id alone. */
function formOf(method: 'oauth' | 'oidc', { i, s, r, scope }: ClientGrant): URLSearchParams {
  const form = new URLSearchParams({
    grant_type: method === 'oauth' ? 'client_credentials' : 'refresh_token',
  })
  if (method === 'oidc' && r !== undefined) form.set('refresh_token', r)
  if (scope !== undefined) form.set('scope', scope)
  if (s === undefined) form.set('client_id', i)
  return form
}

/** RFC 6749 §5.1; `null` for what is no answer of a token endpoint, or a token of another kind. */
function readObtained(body: JsonObject): Obtained | null {
  const token = textOf(body['access_token'])
  const isBearer = /^bearer$/i.test(textOf(body['token_type']) ?? 'bearer')
  if (token === null || !isBearer) return null
  return { token, lifeS: lifeOf(body['expires_in']), refreshToken: textOf(body['refresh_token']) }
}

/** Some providers write the number as text; without one the token is used for a minute. */
const lifeOf = (value: unknown): number =>
  Math.min(wholeNumberOf(typeof value === 'string' ? Number(value) : value) ?? UNKNOWN_LIFE_S, LONGEST_LIFE_S)

/** Both halves are form-encoded before they are joined (RFC 6749 §2.3.1). */
function basicOf({ i, s }: ClientGrant): string | null {
  if (s === undefined) return null
  const pair = [i, s].map((half) => encodeURIComponent(half).replaceAll('%20', '+')).join(':')
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

/** Before its end, so that it does not end on its way. */
const EARLY_S = 30
const UNKNOWN_LIFE_S = 60 + EARLY_S
const LONGEST_LIFE_S = 86_400
