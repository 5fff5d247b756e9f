import type { Secret } from '../../kernel/secret.ts'

/** Evidence of a live Clerk session: made only by `sessions.ts`, after the token was verified. */
export interface SignedIn {
  readonly userId: string
  readonly sessionId: string
  /** The Clerk session token itself, for the back channel to the MCP server. Never into HTML, a URL or a log. */
  readonly token: Secret<string>
  /** `iat` of the token, seconds since the Unix epoch. */
  readonly issuedAtS: number
  readonly claims: PlanClaims
}

export interface PlanClaims {
  /** `pla` and `fea` as Clerk wrote them, e.g. `u:pro` and `u:mcp,u:audit`; empty when absent. */
  readonly pla: string
  readonly fea: string
  /** Minutes since the first and second factor when the token was issued; -1: never. `null` when absent. */
  readonly fva: readonly [number, number] | null
}

/** `cookies` are hardened `Set-Cookie` values that the answer must carry. */
export type SessionState =
  | { readonly state: 'signed-in'; readonly session: SignedIn; readonly cookies: readonly string[] }
  /** Clerk's handshake, or back from it to the clean address. To be answered `307`. */
  | { readonly state: 'redirect'; readonly location: string; readonly cookies: readonly string[] }
  /**
   * A form came with a session that must be renewed, and no refresh cookie could do it: only a GET can go through the
   * handshake. `owner` is proven by the old token's signature.
   */
  | { readonly state: 'stale'; readonly owner: SessionOwner; readonly cookies: readonly string[] }
  | { readonly state: 'signed-out'; readonly reason: SignedOutReason; readonly cookies: readonly string[] }
  /** Clerk hangs or is down, and the question cannot be answered without it: `503`, not a sign-out. */
  | { readonly state: 'unavailable' }

export interface SessionOwner {
  readonly userId: string
  readonly sessionId: string
}

/** `none`: no session. `pending`: signed in, but tasks at Clerk are open. `refused`: what was presented is not valid. */
export type SignedOutReason = 'none' | 'pending' | 'refused'
