import { BmxError, loginRefused, notAuthenticated } from '../errors.ts'
import type { SimulatorRules } from '../rules.ts'
import type { AccountStore } from './account-store.ts'
import type { Session, Sessions } from './sessions.ts'
import type { MaximoUser } from './users.ts'

/** What a request shows of its caller. */
export interface Credentials {
  readonly apiKey: string | null
  /** The `maxauth` header: base64 of `user:password`. */
  readonly maxauth: string | null
  readonly sessionId: string | null
}

export interface Authenticated {
  readonly user: MaximoUser
  /** A session this answer must set as `JSESSIONID`. */
  readonly newSession: Session | null
}

export interface Authenticator {
  readonly accounts: AccountStore
  readonly sessions: Sessions
  readonly rules: SimulatorRules
}

/**
 * Decides who calls. A session cookie wins over an API key, even when it stands for nobody (maximo-api §1.2); `/api`
 * demands a key; `maxauth` works on every `/oslc` request.
 *
 * @throws BmxError 401 BMXAA0021E without credentials, 401 BMXAA7901E for a wrong password, BMXAA9549E for a wrong key.
 */
export function authenticate(
  shown: Credentials,
  context: 'oslc' | 'api',
  from: Authenticator,
): Authenticated {
  if (context === 'api') return onApi(shown, from)
  const session = shown.sessionId === null ? null : from.sessions.find(shown.sessionId)
  if (shown.maxauth !== null) return byPassword(shown.maxauth, from)
  if (session !== null) return bySession(session)
  if (shown.apiKey !== null && from.rules.oslcTakesApiKey) return byKey(shown.apiKey, from)
  throw notAuthenticated()
}

function onApi(shown: Credentials, from: Authenticator): Authenticated {
  if (shown.apiKey === null) {
    if (shown.maxauth !== null && from.rules.apiTakesMaxauth) return byPassword(shown.maxauth, from)
    throw notAuthenticated()
  }
  const session = shown.sessionId === null ? null : from.sessions.find(shown.sessionId)
  if (session !== null) return bySession(session)
  return byKey(shown.apiKey, from)
}

function bySession(session: Session): Authenticated {
  if (session.user === null) throw notAuthenticated()
  return { user: session.user, newSession: null }
}

function byKey(apiKey: string, { accounts, sessions, rules }: Authenticator): Authenticated {
  const user = accounts.userOfKey(apiKey)
  if (user === null) {
    const text = 'The API key token is invalid. It may have expired or been revoked.'
    throw new BmxError(rules.invalidKeyStatus, 'BMXAA9549E', text)
  }
  return { user, newSession: rules.cookieOnApiKey ? sessions.open(null) : null }
}

function byPassword(maxauth: string, { accounts, sessions }: Authenticator): Authenticated {
  const [, userId, password] = /^([^:]+):(.*)$/s.exec(decodeBase64(maxauth)) ?? []
  const user =
    userId === undefined || password === undefined ? null : accounts.userOfPassword(userId, password)
  if (user === null) throw loginRefused()
  return { user, newSession: sessions.open(user) }
}

function decodeBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes.toString('utf8') : ''
}
