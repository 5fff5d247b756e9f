import { BmxError, loginRefused, notAuthenticated } from '../errors.ts'
import type { SimulatorRules } from '../rules.ts'
import type { AccountStore } from './account-store.ts'
import type { Bearers } from './bearers.ts'
import type { Session, Sessions } from './sessions.ts'
import type { MaximoUser } from './users.ts'

/** What a request shows of its caller. */
export interface Credentials {
  readonly apiKey: string | null
  /** The `maxauth` header: base64 of `user:password`. */
  readonly maxauth: string | null
  readonly sessionId: string | null
  /** The `Authorization` header, `Basic …` or `Bearer …`. */
  readonly authorization: string | null
  /** Thumbprint of a client certificate that TLS has verified. */
  readonly certificate: string | null
  /** `ccm=1` is among the parameters. */
  readonly hasCcm: boolean
  /** `enablesession=1` is: a session beside an API key (IBM's Python client). */
  readonly enablesSession: boolean
}

export interface Authenticated {
  readonly user: MaximoUser
  /** A session this answer must set as `JSESSIONID`. */
  readonly newSession: Session | null
  /** The session that the request came with, where that is what opened. */
  readonly session?: Session
}

export interface Authenticator {
  readonly accounts: AccountStore
  readonly sessions: Sessions
  readonly rules: SimulatorRules
  readonly bearers: Bearers
  /** Whom client certificates stand for, by thumbprint. */
  readonly certified: ReadonlyMap<string, MaximoUser>
}

/**
 * Decides who calls. A session cookie wins over an API key, even when it stands for nobody (maximo-api §1.2); `/api`
 * demands a key; `maxauth`, HTTP Basic and a bearer work on every `/oslc` request. A client certificate counts on both
 * where nothing else is shown.
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
  if (shown.authorization !== null) return byAuthorization(shown.authorization, from)
  if (session !== null) return bySession(session)
  if (shown.apiKey !== null && from.rules.oslcTakesApiKey)
    return byKey(shown.apiKey, from, shown.enablesSession)
  return byCertificate(shown, from)
}

function onApi(shown: Credentials, from: Authenticator): Authenticated {
  if (shown.apiKey === null) {
    if (shown.maxauth !== null && from.rules.apiTakesMaxauth) return byPassword(shown.maxauth, from)
    return byCertificate(shown, from)
  }
  const session = shown.sessionId === null ? null : from.sessions.find(shown.sessionId)
  if (session !== null) return bySession(session)
  return byKey(shown.apiKey, from, shown.enablesSession)
}

function bySession(session: Session): Authenticated {
  if (session.user === null) throw notAuthenticated()
  return { user: session.user, newSession: null, session }
}

/** As IBM's operators call Manage inside MAS: a client certificate and `ccm=1` (maximo-api §1.2). */
function byCertificate(
  { certificate, hasCcm }: Credentials,
  { certified, rules }: Authenticator,
): Authenticated {
  const user = certificate === null ? undefined : certified.get(certificate)
  if (user === undefined || (rules.certificateNeedsCcm && !hasCcm)) throw notAuthenticated()
  return { user, newSession: null }
}

function byKey(
  apiKey: string,
  { accounts, sessions, rules }: Authenticator,
  enablesSession = false,
): Authenticated {
  const user = accounts.userOfKey(apiKey)
  if (user === null) {
    const text = 'The API key token is invalid. It may have expired or been revoked.'
    throw new BmxError(rules.invalidKeyStatus, 'BMXAA9549E', text)
  }
  if (enablesSession && rules.keyTakesSession) return { user, newSession: sessions.open(user) }
  return { user, newSession: rules.cookieOnApiKey ? sessions.open(null) : null }
}

/** LDAP users by HTTP Basic, those of the identity provider by a bearer. */
function byAuthorization(authorization: string, from: Authenticator): Authenticated {
  const [, scheme = '', value = ''] = /^(\w+) (\S+)$/.exec(authorization) ?? []
  if (scheme.toLowerCase() === 'basic') return byPassword(value, from)
  const user =
    scheme.toLowerCase() === 'bearer' && from.rules.oslcTakesBearer ? from.bearers.userOf(value) : null
  if (user === null) throw notAuthenticated()
  return { user, newSession: null }
}

function byPassword(maxauth: string, from: Authenticator): Authenticated {
  const [, userId, password] = /^([^:]+):(.*)$/s.exec(decodeBase64(maxauth)) ?? []
  if (userId === undefined || password === undefined) throw loginRefused()
  if (userId === 'apikey' && from.rules.maxauthTakesApiKey) return byKey(password, from)
  const user = from.accounts.userOfPassword(userId, password)
  if (user === null) throw loginRefused()
  return { user, newSession: from.sessions.open(user) }
}

function decodeBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes.toString('utf8') : ''
}
