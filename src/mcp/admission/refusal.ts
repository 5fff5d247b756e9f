import type { QuotaPolicy } from '../../kernel/rate-limit-fields.ts'
import type { Touch } from './object-rights.ts'
import type { Scope } from './scopes.ts'

/** Why a token opened no door. For the log and the audit only: on the wire each is the same `invalid_token`. */
export type TokenFault =
  /** Its shape, its pre-tag, or anything that {@link TokenFault} of the formats names. */
  | { readonly kind: 'unreadable'; readonly detail: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'revoked'; readonly by: RevokedBy }
  /** An automation token that is not on the allow-list. */
  | { readonly kind: 'unlisted' }
  /** A token of a person at `/ci/mcp`, or the reverse. */
  | { readonly kind: 'wrong_door' }
  /** A token of another environment at `/mcp/<environment id>`. */
  | { readonly kind: 'wrong_environment' }

/** What was ended: one thing by name, or all that was attested before a time or within a window. */
export const REVOKED_BY = [
  'token',
  'grant',
  'user',
  'client',
  'environment',
  'key',
  'time',
  'window',
] as const
export type RevokedBy = (typeof REVOKED_BY)[number]

/** The limit that was hit, by its name on the wire. */
export type LimitName =
  | 'profile_rate'
  | 'tool_rate'
  | 'concurrent_calls'
  | 'daily_quota'
  | 'monthly_quota'
  | 'failed_authentication'

export type Unavailable = 'store_silent' | 'store_unprimed' | 'audit_silent' | 'overloaded'

/** Everything admission can answer instead of a yes. `answer-refusal.ts` has one wire answer for each. */
export type Refusal =
  | { readonly reason: 'origin_refused' }
  | { readonly reason: 'host_refused' }
  | { readonly reason: 'credentials_missing' }
  /** `access_token` in the query, or several `Authorization` headers (RFC 6750 §2, §3.1). */
  | { readonly reason: 'credentials_misplaced' }
  | { readonly reason: 'token_invalid'; readonly fault: TokenFault }
  /** `required`: all scopes of the operation. */
  | { readonly reason: 'scope_missing'; readonly required: readonly Scope[] }
  | { readonly reason: 'feature_missing'; readonly feature: string }
  /** The owner's rules for this grant leave the object out. `rule`: in words. */
  | ({ readonly reason: 'object_refused'; readonly rule: string } & Touch)
  /** The token may be used from other networks only. */
  | { readonly reason: 'address_refused'; readonly address: string }
  | {
      readonly reason: 'limited'
      readonly limit: LimitName
      readonly retryAfterS: number
      readonly policy: QuotaPolicy
      /** The profile or the tool that it is the limit of; null for the others. */
      readonly whose: string | null
    }
  | { readonly reason: 'unavailable'; readonly why: Unavailable; readonly retryAfterS: number }
