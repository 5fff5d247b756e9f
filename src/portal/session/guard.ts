import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Store } from '../../kernel/store/contract.ts'
import type { SessionPages } from './session-pages.ts'
import type { SignedIn } from './session-state.ts'
import type { Sessions } from './sessions.ts'

export interface GuardDeps {
  readonly sessions: Sessions
  /** Keeps a form (`form:<id>`, 10 min) while the session is renewed by a handshake. */
  readonly store: Store
  readonly pages: SessionPages
}

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
  void [request, reply, deps]
  throw new Error('not built yet')
}

/** As {@link requireSession}; the token is at most 40 s old, so that the MCP server takes it. */
export function requireFreshSession(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GuardDeps,
): Promise<SignedIn | null> {
  void [request, reply, deps]
  throw new Error('not built yet')
}

/** For pages that also make sense signed out: `'anonymous'` instead of an answer. `null`: answered (handshake, 503). */
export function findSession(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: GuardDeps,
): Promise<SignedIn | 'anonymous' | null> {
  void [request, reply, deps]
  throw new Error('not built yet')
}

/** `GET /sign-in?return=<path>`: 303 to Clerk's sign-in page. Then `return reply`. */
export function answerSignIn(request: FastifyRequest, reply: FastifyReply, deps: GuardDeps): void {
  void [request, reply, deps]
}

/**
 * `POST /sign-out`: checks that the form is ours, ends the session at Clerk, clears the cookies, 303 to `/`.
 * Then `return reply`.
 */
export function answerSignOut(request: FastifyRequest, reply: FastifyReply, deps: GuardDeps): Promise<void> {
  void [request, reply, deps]
  return Promise.resolve()
}

/** Adds `GET /session/resume`, where a kept form is offered again. Register once, where @fastify/formbody is. */
export function sessionRoutes(app: FastifyInstance, deps: GuardDeps): void {
  void [app, deps]
}
