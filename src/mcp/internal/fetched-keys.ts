import type { Clock } from '../../kernel/clock.ts'

/** Public keys of somebody whose tokens we verify. */
export interface KeySource<K> {
  /** `null`: none to be had. */
  current(): Promise<K | null>
  /** Newer keys than the current ones; `null` when there are none, or asking again would be too soon. */
  renewed(): Promise<K | null>
}

interface Options<K> {
  /** `null`: not to be had now. */
  readonly load: () => Promise<K | null>
  readonly clock: Clock
  /** While they cannot be had anew, the last ones count for this long after they should have been; 0 without it. */
  readonly staleMs?: number
}

/** Somebody's key set, kept for 5 minutes and asked for at most once in 30 seconds, however many tokens name unknown keys. */
export class FetchedKeys<K> implements KeySource<K> {
  readonly #options: Options<K>
  #keys: K | null = null
  #fetchedMs = -Infinity
  #triedMs = -Infinity
  #running: Promise<K | null> | null = null

  constructor(options: Options<K>) {
    this.#options = options
  }

  async current(): Promise<K | null> {
    if (this.#keys !== null && this.#ageMs() < KEEP_MS) return this.#keys
    const fetched = await this.#fetch()
    const isTolerable = this.#ageMs() < KEEP_MS + (this.#options.staleMs ?? 0)
    return fetched ?? (isTolerable ? this.#keys : null)
  }

  renewed(): Promise<K | null> {
    return this.#fetch()
  }

  #ageMs(): number {
    return this.#options.clock.monotonicMs() - this.#fetchedMs
  }

  #fetch(): Promise<K | null> {
    if (this.#running !== null) return this.#running
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#triedMs < RETRY_MS) return Promise.resolve(null)
    this.#triedMs = nowMs
    this.#running = this.#load().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #load(): Promise<K | null> {
    const keys = await this.#options.load()
    if (keys === null) return null
    this.#keys = keys
    this.#fetchedMs = this.#options.clock.monotonicMs()
    return keys
  }
}

const KEEP_MS = 5 * 60_000
const RETRY_MS = 30_000
