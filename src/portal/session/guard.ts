import type { FastifyReply, FastifyRequest } from 'fastify'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { formFields, keepForm } from './form-stash.ts'
import { type Exchange, type GuardDeps, redirect, sendPage, sendUnavailable, setCookies } from './answers.ts'
import { isOwnForm } from './same-origin.ts'
import type { SessionOwner, SessionState, SignedIn, SignedOutReason } from './session-state.ts'

/**
 * The session, or `null` when the request has been answered already (redirect, sign-in, 503): then `return reply`.
 * A GET is sent to the sign-in page; a POST gets a page with a link, or is kept and offered again after a handshake.
 * Sets the session's cookies on `reply`. Call it in browser routes only, never on `/oauth/token` or `/.well-known/*`.
 */
export function requireSession(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GuardDeps,
): Promise<SignedIn | null> {
  return demandSession({ request, reply, deps })
}

/** As {@link requireSession}; the token is at most 40 s old, so that the MCP server takes it. */
export function requireFreshSession(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GuardDeps,
): Promise<SignedIn | null> {
  return demandSession({ request, reply, deps, freshWithinS: FRESH_WITHIN_S })
}

/** For pages that also make sense signed out: `'anonymous'` instead of an answer. `null`: answered (handshake, 503). */
export async function findSession(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GuardDeps,
): Promise<SignedIn | 'anonymous' | null> {
  const state = await deps.sessions.authenticate(request)
  if (state.state === 'signed-out' && state.reason !== 'pending') {
    setCookies(reply, state.cookies)
    return 'anonymous'
  }
  return answerUnlessSignedIn({ request, reply, deps }, state)
}

async function demandSession(
  exchange: Exchange & { readonly freshWithinS?: number },
): Promise<SignedIn | null> {
  const { freshWithinS, request, deps } = exchange
  const state = await deps.sessions.authenticate(request, freshWithinS === undefined ? {} : { freshWithinS })
  return answerUnlessSignedIn(exchange, state)
}

/** Every state but one is an answer. A new state does not compile until it has one. */
async function answerUnlessSignedIn(exchange: Exchange, state: SessionState): Promise<SignedIn | null> {
  const { reply, deps } = exchange
  if (state.state !== 'unavailable') setCookies(reply, state.cookies)
  switch (state.state) {
    case 'signed-in':
      return state.session
    case 'redirect':
      redirect(reply, 307, state.location)
      return null
    case 'stale':
      await answerStale(exchange, state.owner)
      return null
    case 'signed-out':
      answerSignedOut(exchange, state.reason)
      return null
    case 'unavailable':
      sendUnavailable(reply, deps)
      return null
  }
}

function answerSignedOut({ request, reply, deps }: Exchange, why: SignedOutReason): void {
  const isGet = request.method === 'GET'
  const link = deps.sessions.signInUrl(request, isGet ? request.url : '/')
  // Only where nothing was presented: where something was refused, Clerk's page might send it straight back, in a loop.
  if (isGet && why === 'none') redirect(reply, 303, link)
  else sendPage(reply, 403, deps.pages.signInNeeded({ link, why }))
}

/**
 * The form is offered again after the handshake, as a form of ours. So it must be one now: otherwise this detour would
 * turn a foreign page's form into a page of ours.
 */
async function answerStale({ request, reply, deps }: Exchange, owner: SessionOwner): Promise<void> {
  if (!isOwnForm(request, deps.sessions.publicOrigin)) {
    sendPage(reply, 403, deps.pages.foreignForm())
    return
  }
  const fields = formFields(request.body)
  const kept = fields === null ? null : { ...owner, action: request.url, fields }
  try {
    const id = kept === null ? null : await keepForm(kept, deps.store)
    if (id === null) answerSignedOut({ request, reply, deps }, 'refused')
    else redirect(reply, 303, `/session/resume?form=${id}`)
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    sendUnavailable(reply, deps)
  }
}

const FRESH_WITHIN_S = 40
