import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Store } from '../../kernel/store/contract.ts'
import type { SessionPages } from './session-pages.ts'
import type { Sessions } from './sessions.ts'

export interface GuardDeps {
  readonly sessions: Sessions
  /** Keeps a form (`form:<id>`, 10 min) while the session is renewed by a handshake. */
  readonly store: Store
  readonly pages: SessionPages
}

export interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly deps: GuardDeps
}

export function setCookies(reply: FastifyReply, cookies: readonly string[]): void {
  if (cookies.length > 0) reply.header('set-cookie', [...cookies])
}

/** Never kept: Chrome caches redirects of inactive tabs, and a handshake answered from a cache loops. */
export function redirect(reply: FastifyReply, status: 303 | 307, location: string): void {
  void reply.header('cache-control', 'no-store').redirect(location, status)
}

export function sendPage(reply: FastifyReply, status: number, html: string): void {
  void reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html)
}

/** `503`: an outage of Clerk or of the store is never a sign-out. */
export function sendUnavailable(reply: FastifyReply, deps: GuardDeps): void {
  sendPage(reply.header('retry-after', '5'), 503, deps.pages.unavailable())
}
