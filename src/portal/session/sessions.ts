import { type Clock, nowSeconds } from '../../kernel/clock.ts'
import { type Clerk, ClerkRefused, ClerkUnavailable } from '../clerk/clerk-client.ts'
import { clerkRequest, ownUrl } from './clerk-request.ts'
import { readClerkState } from './read-clerk-state.ts'
import { renewSession } from './renewal.ts'
import { clearedCookies, readSessionCookies } from './session-cookies.ts'
import type { SessionOwner, SessionState, SignedIn } from './session-state.ts'
import { provenOwner, type VerifyContext } from './session-token.ts'

/** What is read of a request: Fastify's own satisfies it. `url` is path and query. */
export interface PageRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface SessionsLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface SessionsDeps {
  readonly clerk: Clerk
  /** `PUBLIC_PORTAL_URL` as an origin. What a request says about its own host is ignored. */
  readonly publicOrigin: string
  readonly clock: Clock
  readonly log: SessionsLog
  /** Tolerated difference to Clerk's clock; 5,000 ms by default. Tests lower it. */
  readonly clockSkewMs?: number
}

export type SignOut =
  | {
      readonly state: 'signed-out'
      readonly cookies: readonly string[]
      /** Whose session ended; `null`: nobody's was shown. */
      readonly owner: SessionOwner | null
    }
  | { readonly state: 'unavailable' }

export interface Sessions {
  readonly publicOrigin: string
  /**
   * Who is asking. With `freshWithinS`, a token issued longer ago than that is renewed first, so that the MCP server,
   * which takes at most 60 s, accepts it.
   */
  authenticate(request: PageRequest, options?: { readonly freshWithinS?: number }): Promise<SessionState>
  /** Address of Clerk's sign-in page that leads back to `returnPath` (a path of ours; anything else becomes `/`). */
  signInUrl(request: PageRequest, returnPath: string): string
  /** Ends the session at Clerk. The cookies forget it. `unavailable`: Clerk could not be told, nothing is changed. */
  signOut(request: PageRequest): Promise<SignOut>
}

export function createSessions(deps: SessionsDeps): Sessions {
  const context: Context = { ...deps, clockSkewMs: deps.clockSkewMs ?? DEFAULT_CLOCK_SKEW_MS }
  return {
    publicOrigin: deps.publicOrigin,
    authenticate: (request, options = {}) =>
      orUnavailable(context, () => authenticate(request, options.freshWithinS ?? Infinity, context)),
    signInUrl: (request, returnPath) => signInUrl(request, returnPath, context),
    signOut: (request) => orUnavailable(context, () => signOut(request, context)),
  }
}

type Context = Required<SessionsDeps>

async function orUnavailable<T>(
  { log }: Context,
  work: () => Promise<T>,
): Promise<T | { readonly state: 'unavailable' }> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ClerkUnavailable)) throw error
    log.warn({ event: 'clerk.unavailable' }, error.message)
    return { state: 'unavailable' }
  }
}

async function authenticate(
  request: PageRequest,
  freshWithinS: number,
  context: Context,
): Promise<SessionState> {
  const state = await askClerk(request, context)
  if (state.state === 'signed-in')
    return isFresh(state.session, freshWithinS, context) ? state : freshen(request, context)
  // A form cannot go through the handshake that a GET would be sent into; see whether the session can be renewed.
  if (state.state === 'signed-out' && state.reason !== 'pending' && request.method !== 'GET')
    return renewForm(request, state, context)
  return state
}

const isFresh = (session: SignedIn, freshWithinS: number, { clock }: Context): boolean =>
  nowSeconds(clock) - session.issuedAtS <= freshWithinS

/** A token that is still valid but too old: by the refresh cookie, else a GET is sent through a handshake. */
async function freshen(request: PageRequest, context: Context): Promise<SessionState> {
  const renewal = await renewSession(request, context)
  if (renewal.state === 'renewed') return { ...renewal, state: 'signed-in' }
  if (request.method === 'GET') return askClerk(request, context, { withoutSession: true })
  return renewal.state === 'nobody'
    ? { state: 'signed-out', reason: 'refused', cookies: [] }
    : { state: 'stale', owner: renewal.owner, cookies: [] }
}

async function renewForm(
  request: PageRequest,
  signedOut: SessionState,
  context: VerifyContext,
): Promise<SessionState> {
  const renewal = await renewSession(request, context)
  if (renewal.state === 'nobody') return signedOut
  if (renewal.state === 'not-renewed') return { state: 'stale', owner: renewal.owner, cookies: [] }
  return { ...renewal, state: 'signed-in' }
}

async function askClerk(
  request: PageRequest,
  context: Context,
  options: { readonly withoutSession?: boolean } = {},
): Promise<SessionState> {
  const { clerk, publicOrigin, clockSkewMs } = context
  const { instance } = clerk.config
  const outcome = await clerk.attempt((sdk) =>
    sdk.authenticateRequest(clerkRequest(request, { publicOrigin, instance, ...options }), {
      // Given to createClerkClient instead, the library would silently ignore them.
      authorizedParties: [publicOrigin],
      issuer: instance.issuer,
      acceptsToken: 'session_token',
      clockSkewInMs: clockSkewMs,
    }),
  )
  return readClerkState(outcome, context)
}

function signInUrl(request: PageRequest, returnPath: string, { clerk, publicOrigin }: Context): string {
  const { instance, signInUrl: page } = clerk.config
  const url = new URL(page)
  const back = ownUrl(returnPath, publicOrigin)
  url.searchParams.set('redirect_url', back.origin === publicOrigin ? back.href : publicOrigin)
  const { devBrowser } = readSessionCookies(request.headers.cookie, instance)
  if (instance.kind === 'development' && devBrowser !== null)
    url.searchParams.set('__clerk_db_jwt', devBrowser)
  return url.href
}

/** Works on a page that has been open for long: an old token still says which session to end. */
async function signOut(request: PageRequest, context: Context): Promise<SignOut> {
  const { clerk, publicOrigin } = context
  const { tokens } = readSessionCookies(request.headers.cookie, clerk.config.instance)
  const owner = await provenOwner(tokens, context)
  if (owner !== null)
    try {
      await clerk.call((sdk) => sdk.sessions.revokeSession(owner.sessionId))
    } catch (error) {
      // Refused: Clerk knows no such session any more, so it cannot be used either.
      if (!(error instanceof ClerkRefused)) throw error
    }
  const cookies = clearedCookies(clerk.config.instance, publicOrigin)
  if (owner === null) return { state: 'signed-out', cookies, owner }
  const { userId, sessionId } = owner
  return { state: 'signed-out', cookies, owner: { userId, sessionId } }
}

/** As the library's own default. */
const DEFAULT_CLOCK_SKEW_MS = 5000
