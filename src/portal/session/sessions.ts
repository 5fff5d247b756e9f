import type { Clock } from '../../kernel/clock.ts'
import type { Clerk } from '../clerk/clerk-client.ts'
import type { SessionState } from './session-state.ts'

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
  signOut(
    request: PageRequest,
  ): Promise<
    { readonly state: 'signed-out'; readonly cookies: readonly string[] } | { readonly state: 'unavailable' }
  >
}

export function createSessions(deps: SessionsDeps): Sessions {
  void deps
  throw new Error('not built yet')
}
