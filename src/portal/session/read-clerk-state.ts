import type { RequestState } from '@clerk/backend/internal'
import { type Clerk, ClerkUnavailable } from '../clerk/clerk-client.ts'
import type { Attempt } from '../clerk/clerk-fetch.ts'
import { hardened } from './session-cookies.ts'
import type { SessionState } from './session-state.ts'
import type { SessionsLog } from './sessions.ts'
import { signedInBy } from './session-token.ts'

interface Context {
  readonly clerk: Clerk
  readonly publicOrigin: string
  readonly log: SessionsLog
}

/**
 * What the library's verdict means for us. It turns an outage into a sign-out or a redirect, so neither is believed
 * when one of its requests got no proper answer. Of its headers only cookies and the address are taken.
 *
 * @throws ClerkUnavailable
 */
export function readClerkState(outcome: Attempt<RequestState>, context: Context): SessionState {
  if (outcome.settled === 'late') throw new ClerkUnavailable('Clerk did not answer in time')
  if (outcome.settled === 'error') return readError(outcome, context)
  const { value, hadTrouble } = outcome
  if (hadTrouble && value.status !== 'signed-in') throw new ClerkUnavailable('Clerk gave no proper answer')

  const cookies = hardened(value.headers.getSetCookie(), context.publicOrigin)
  const location = value.headers.get('location')
  if (location !== null) return readRedirect(location, cookies, context)
  if (value.status === 'signed-in') return readSignedIn(value, cookies)
  const isPlain = PLAINLY_SIGNED_OUT.includes(value.reason)
  if (!isPlain) context.log.info({ event: 'session.refused', reason: value.reason }, 'not signed in')
  return { state: 'signed-out', reason: isPlain ? 'none' : 'refused', cookies }
}

/** The library throws on a handshake result that somebody invented. The message quotes the request: not logged. */
function readError(
  outcome: { readonly error: unknown; readonly hadTrouble: boolean },
  { log }: Context,
): SessionState {
  if (outcome.hadTrouble) throw new ClerkUnavailable('Clerk gave no proper answer', { cause: outcome.error })
  const name = outcome.error instanceof Error ? outcome.error.name : 'unknown'
  log.info({ event: 'session.refused', reason: 'library-error', name }, 'not signed in')
  return { state: 'signed-out', reason: 'refused', cookies: [] }
}

/** The library only ever leads to Clerk or back to the page itself; anything else would be an open redirect. */
function readRedirect(location: string, cookies: readonly string[], context: Context): SessionState {
  const { origin } = new URL(location)
  const isKnown = origin === context.publicOrigin || origin === context.clerk.config.instance.frontendOrigin
  if (isKnown) return { state: 'redirect', location, cookies }
  context.log.warn({ event: 'session.refused', reason: 'foreign-redirect' }, 'not signed in')
  return { state: 'signed-out', reason: 'refused', cookies: [] }
}

function readSignedIn(
  state: Extract<RequestState, { status: 'signed-in' }>,
  cookies: readonly string[],
): SessionState {
  // `status` also covers sessions with open tasks at Clerk.
  const { sessionClaims } = state.toAuth({ treatPendingAsSignedOut: false })
  if (sessionClaims.sts === 'pending') return { state: 'signed-out', reason: 'pending', cookies }
  const session = signedInBy(state.token, sessionClaims)
  return session === null
    ? { state: 'signed-out', reason: 'refused', cookies }
    : { state: 'signed-in', session, cookies }
}

/** Reasons of the library that stand for "no session" and not for "a session that did not hold". */
const PLAINLY_SIGNED_OUT: readonly string[] = ['session-token-and-uat-missing', 'session-token-missing']
