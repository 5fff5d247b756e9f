import { LRUCache } from 'lru-cache'
import type { OpenedToken } from '../../crypto/token-open.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { TokenFault } from './refusal.ts'

/**
 * What decryption once found out, by SHA-256 of the token as sent (`bearer.ts`): a longer string is slower to look
 * up, and a secret. Good and bad are kept apart, so that a flood of garbage cannot push out tokens that are in use. Never a
 * verdict about revocation: that is asked at every call.
 */
export class TokenCache {
  readonly #clock: Clock
  readonly #opened: LRUCache<string, OpenedToken>
  readonly #refused: LRUCache<string, TokenFault>
  /** How often a token was known as good, as bad, or not at all. */
  readonly looked = { opened: 0, refused: 0, unknown: 0 }

  constructor(clock: Clock) {
    // The cache takes a start of exactly 0 for "no expiry".
    const perf = { now: () => clock.monotonicMs() + 1 }
    this.#clock = clock
    this.#opened = new LRUCache({ max: MAX_OPENED, ttl: OPENED_MS, ttlResolution: 0, perf })
    this.#refused = new LRUCache({ max: MAX_REFUSED, ttl: REFUSED_MS, ttlResolution: 0, perf })
  }

  findOpened(digest: string): OpenedToken | null {
    const opened = this.#opened.get(digest) ?? null
    if (opened !== null) this.looked.opened += 1
    return opened
  }

  findRefused(digest: string): TokenFault | null {
    const fault = this.#refused.get(digest) ?? null
    this.looked[fault === null ? 'unknown' : 'refused'] += 1
    return fault
  }

  keep(digest: string, opened: OpenedToken): void {
    const leftMs =
      opened.claims.exp === undefined ? OPENED_MS : opened.claims.exp * 1000 - this.#clock.nowMs()
    if (leftMs > 0) this.#opened.set(digest, opened, { ttl: Math.min(OPENED_MS, leftMs) })
  }

  refuse(digest: string, fault: TokenFault): void {
    this.#refused.set(digest, fault)
  }

  /** Forgets tokens that were ended, and the credentials in them. The store refuses them anyway. */
  forget(isEnded: (token: OpenedToken) => boolean): void {
    for (const [digest, token] of this.#opened.entries()) {
      if (isEnded(token)) this.#opened.delete(digest)
    }
  }

  /** Tokens kept. */
  get size(): number {
    return this.#opened.size
  }

  /** After a change of keys: what was good may be bad, and the reverse. */
  clear(): void {
    this.#opened.clear()
    this.#refused.clear()
  }
}

const MAX_OPENED = 10_000
const MAX_REFUSED = 10_000
const OPENED_MS = 5 * 60_000
const REFUSED_MS = 60_000
