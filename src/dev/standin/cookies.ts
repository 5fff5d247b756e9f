import type { Instance } from './instance.ts'
import type { Client, Session } from './state.ts'

/** What a handshake or a refresh makes the portal's answer set. Clerk sends them verbatim as `Set-Cookie` values. */
export interface SessionCookies {
  readonly instance: Instance
  readonly client: Client
  readonly session: Session
  readonly token: string
  readonly origin: string
}

/** Both the plain and the suffixed pair, always with the same token, so that no reader can prefer an older one. */
export function signedInCookies({ instance, client, session, token, origin }: SessionCookies): string[] {
  const rest = attributes(origin)
  const suffix = instance.cookieSuffix
  const uat = String(client.updatedAtS)
  const refresh = instance.settings.refreshDenied
    ? []
    : [`__refresh_${suffix}=${session.refreshToken}; ${rest}; HttpOnly`]
  return [
    `__client_uat=${uat}; ${rest}`,
    `__client_uat_${suffix}=${uat}; ${rest}`,
    ...refresh,
    `__session=${token}; ${rest}`,
    `__session_${suffix}=${token}; ${rest}`,
  ]
}

export function signedOutCookies(instance: Instance, origin: string): string[] {
  const rest = attributes(origin)
  const suffix = instance.cookieSuffix
  const gone = 'Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; SameSite=Lax'
  return [
    `__client_uat=0; ${rest}`,
    `__client_uat_${suffix}=0; ${rest}`,
    `__refresh_${suffix}=; ${gone}`,
    `__session=; ${gone}`,
    `__session_${suffix}=; ${gone}`,
  ]
}

/**
 * Development: which browser this is, kept on the portal's host. Production: `__client` says so, and the result's own
 * cookie must go, or every later request would look it up again.
 */
export function browserCookies(instance: Instance, client: Client | null, origin: string): string[] {
  if (instance.kind === 'production')
    return ['__clerk_handshake_nonce=; Path=/; Max-Age=0', '__clerk_handshake=; Path=/; Max-Age=0']
  if (client === null) return []
  const rest = attributes(origin)
  return [
    `__clerk_db_jwt=${client.devBrowser}; ${rest}`,
    `__clerk_db_jwt_${instance.cookieSuffix}=${client.devBrowser}; ${rest}`,
  ]
}

/** Lax, not Strict: with Strict the cookies are missing in the redirects of a cross-site entry, which then loops. */
function attributes(origin: string): string {
  return `Path=/; Max-Age=31536000; SameSite=Lax${origin.startsWith('https:') ? '; Secure' : ''}`
}
