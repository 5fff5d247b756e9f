import { LRUCache } from 'lru-cache'
import { addressPrefix } from './address.ts'
import type { Clock } from './clock.ts'

export interface FailurePolicy {
  /** Failures of one address prefix within the window that are answered for what they are. */
  readonly max: number
  readonly windowMs: number
}

/** `first`: the failure that hit the limit. */
export type FailureVerdict =
  | { readonly state: 'counted' }
  | { readonly state: 'limited'; readonly retryAfterMs: number; readonly first: boolean }

/**
 * Counts what strangers do, by address prefix, in this process and without any store. What it says may change the answer
 * to failures, and what is written about them; it never decides about somebody who has proven anything, so nobody can
 * lock out whoever shares his address (T-31; all of Claude's users share a few).
 */
export class FailureLimiter {
  readonly policy: FailurePolicy
  readonly #clock: Clock
  readonly #windows: LRUCache<string, { count: number; readonly endsMs: number }>

  constructor(policy: FailurePolicy, clock: Clock) {
    this.policy = policy
    this.#clock = clock
    this.#windows = new LRUCache({ max: MAX_PREFIXES })
  }

  fail(address: string): FailureVerdict {
    return this.failAs(addressPrefix(address))
  }

  /** The same for somebody who is known by another name than his address. */
  failAs(who: string): FailureVerdict {
    const nowMs = this.#clock.monotonicMs()
    const window = this.#windowOf(who, nowMs)
    window.count += 1
    if (window.count <= this.policy.max) return { state: 'counted' }
    const first = window.count === this.policy.max + 1
    return { state: 'limited', retryAfterMs: window.endsMs - nowMs, first }
  }

  /** Whether a failure deserves a record: those within the limit, and the one that says that there are more. */
  isWorthRecording(address: string): boolean {
    const verdict = this.fail(address)
    return verdict.state === 'counted' || verdict.first
  }

  #windowOf(prefix: string, nowMs: number): { count: number; readonly endsMs: number } {
    const known = this.#windows.get(prefix)
    if (known !== undefined && known.endsMs > nowMs) return known
    const fresh = { count: 0, endsMs: nowMs + this.policy.windowMs }
    this.#windows.set(prefix, fresh)
    return fresh
  }
}

const MAX_PREFIXES = 20_000
