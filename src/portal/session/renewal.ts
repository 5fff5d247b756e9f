import { ClerkRefused } from '../clerk/clerk-client.ts'
import { hardened, readSessionCookies } from './session-cookies.ts'
import { provenOwner, type VerifyContext, verifiedSession } from './session-token.ts'
import type { SessionOwner, SignedIn } from './session-state.ts'
import type { PageRequest } from './sessions.ts'

export type Renewal =
  | { readonly state: 'renewed'; readonly session: SignedIn; readonly cookies: readonly string[] }
  /** Only a handshake can help: no refresh cookie, or Clerk did not take it. */
  | { readonly state: 'not-renewed'; readonly owner: SessionOwner }
  /** No token of ours came with the request. */
  | { readonly state: 'nobody' }

/**
 * A new session token without leaving the page, by the refresh cookie: what Clerk's library does for a GET, done for
 * a form that was open longer than the token lives. An old token alone proves nothing; Clerk judges the pair.
 *
 * @throws ClerkUnavailable
 */
export async function renewSession(request: PageRequest, context: VerifyContext): Promise<Renewal> {
  const { clerk, publicOrigin } = context
  const { tokens, refresh } = readSessionCookies(request.headers.cookie, clerk.config.instance)
  const owner = await provenOwner(tokens, context)
  if (owner === null) return { state: 'nobody' }
  const directives = refresh === null ? [] : await refreshed(request, { ...owner, refresh }, context)
  const session = await newSession(directives, context)
  const isSame = session?.userId === owner.userId && session.sessionId === owner.sessionId
  if (session === null || !isSame) return { state: 'not-renewed', owner }
  return { state: 'renewed', session, cookies: hardened(directives, publicOrigin) }
}

async function refreshed(
  request: PageRequest,
  old: SessionOwner & { readonly token: string; readonly refresh: string },
  { clerk, publicOrigin }: VerifyContext,
): Promise<readonly string[]> {
  const agent = request.headers['user-agent']
  try {
    const answer = await clerk.call((sdk) =>
      sdk.sessions.refreshSession(old.sessionId, {
        format: 'cookie',
        suffixed_cookies: true,
        expired_token: old.token,
        refresh_token: old.refresh,
        request_origin: publicOrigin,
        request_headers: typeof agent === 'string' ? { 'user-agent': [agent] } : {},
      }),
    )
    return answer.cookies
  } catch (error) {
    if (error instanceof ClerkRefused) return []
    throw error
  }
}

/** The last directive whose name starts with `__session` carries the token, as in Clerk's library. */
function newSession(directives: readonly string[], context: VerifyContext): Promise<SignedIn | null> {
  const pair = directives.findLast((directive) => directive.startsWith('__session'))?.split(';')[0] ?? ''
  const token = pair.slice(pair.indexOf('=') + 1)
  return token === '' ? Promise.resolve(null) : verifiedSession(token, context)
}
