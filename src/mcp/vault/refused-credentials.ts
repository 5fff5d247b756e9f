import { LRUCache } from 'lru-cache'
import type { Clock } from '../../kernel/clock.ts'

/**
 * Which stored credentials Maximo refuses, and since when: as this server saw it, forgotten when it restarts. One that is
 * replaced has another key (`MaximoAccess.cacheKey`), so its flag goes with it.
 */
export class RefusedCredentials {
  readonly #since = new LRUCache<string, number>({ max: MAX_REFUSED })
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  hear(credential: string, isTaken: boolean): void {
    if (isTaken) this.#since.delete(credential)
    else if (!this.#since.has(credential)) this.#since.set(credential, this.#clock.nowMs())
  }

  /** Milliseconds since the epoch; null: Maximo takes it, or was not asked. */
  sinceMs(credential: string): number | null {
    return this.#since.get(credential) ?? null
  }
}

const MAX_REFUSED = 10_000
