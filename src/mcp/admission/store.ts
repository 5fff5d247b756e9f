import type { RequiredMark } from '../../kernel/peers/shared-recorder.ts'
import { letterOf, type Left } from './limiters/limiter.ts'
import type { Quota, Spent } from './limiters/quota.ts'
import type { RateLimit } from './limits.ts'
import type { LimitName, RevokedBy } from './refusal.ts'

export type { RequiredMark }

/** Everything about a token by which it can be ended. */
export interface Standing {
  readonly tokenId: string
  readonly grantId: string
  readonly subject: string
  readonly environment: string
  readonly clientId: string
  readonly encryptionKid: string
  readonly signingKid: string
  readonly kind: 'at' | 'ci'
  /** `at` of the receipt, milliseconds of the attesting server's clock. */
  readonly attestedMs: number
  /** Version of the credential in the receipt. */
  readonly credentialVersion: number
}

/** A rate, and whose: the name of a profile or of a tool. */
export interface Rated {
  readonly name: string
  readonly limit: RateLimit
}

/** What a call costs. Each part is optional; an absent one is not checked. */
export interface Spending {
  readonly profile?: Rated
  readonly tool?: Rated
  /** A place among the running calls of the grant, under a name of its own. */
  readonly lease?: { readonly id: string; readonly atMost: number }
  /** Units of the user's day and month (UTC, by the store's clock). */
  readonly quota?: Quota & { readonly units: number }
}

export interface AdmissionAsk {
  readonly marks: readonly RequiredMark[]
  readonly standing: Standing
  readonly spending: Spending
}

export type AdmissionVerdict =
  | {
      readonly state: 'passed'
      /** The journaled credential, when it is newer than the receipt's. */
      readonly newer: { readonly version: number; readonly blob: string } | null
      readonly left: LeftOfLimits
    }
  /** A mark is missing or low: the store lost something or has not got it yet. Nothing it says may be believed. */
  | { readonly state: 'unprimed' }
  | { readonly state: 'revoked'; readonly by: RevokedBy }
  | { readonly state: 'unlisted' }
  | { readonly state: 'limited'; readonly limit: StoreLimit; readonly retryAfterMs: number }
export type StoreLimit = Exclude<LimitName, 'failed_authentication'>

/** What a call that passed left of its limits; null where it has no such limit. */
export interface LeftOfLimits {
  readonly profile_rate: Left | null
  readonly tool_rate: Left | null
  readonly daily_quota: Left | null
  readonly monthly_quota: Left | null
}

/**
 * The store as admission asks it: one call per message. The checks run in the order of {@link AdmissionVerdict}; the
 * first that fails is the answer. Either all pass and everything is spent, or nothing is.
 *
 * Two adapters keep it, held together by one suite: `memory-admission-store.ts` and `redis-admission-store.ts`. Every
 * method rejects with `StoreUnavailable` when there is no answer.
 */
export interface AdmissionStore {
  ask(ask: AdmissionAsk): Promise<AdmissionVerdict>
  /** Gives a running call another {@link LEASE_MS}. `false`: its lease is gone. */
  renewLease(grantId: string, leaseId: string): Promise<boolean>
  releaseLease(grantId: string, leaseId: string): Promise<void>
  /** What a user has spent. Null: nothing yet. */
  spent(subject: string): Promise<Spent | null>
}

/** A lease that nobody renews ends after this long: its process died. */
export const LEASE_MS = 45_000

/** Names of what is spent, without the store's prefix. None is journaled: losing one forgets a limit, never a refusal. */
export const spendingKeys = {
  profileRate: (standing: Standing, { name, limit }: Rated): string =>
    `rate:p${letterOf(limit)}:${name}:${standing.environment}:${standing.subject}`,
  toolRate: (standing: Standing, { name, limit }: Rated): string =>
    `rate:t${letterOf(limit)}:${standing.tokenId}:${name}`,
  leases: (grantId: string): string => `lease:${grantId}`,
  quota: (subject: string): string => `quota:${subject}`,
} as const
