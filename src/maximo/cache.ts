import { LRUCache } from 'lru-cache'
import { type CallSignal, orAborted } from '../kernel/call-signal.ts'
import type { Clock } from '../kernel/clock.ts'

interface Kept<T> {
  readonly value: T
  readonly untilMs: number
}

/** Remembers answers for a while; concurrent askers of one key share one question. Failures are not remembered. */
export class Cache<T extends object> {
  readonly #clock: Clock
  readonly #lifetimeMs: number
  /** Made for the first answer: a client has a dozen of these, most callers ask for two things, and each has its size from the start. */
  #known: LRUCache<string, Kept<T>> | undefined
  readonly #loading = new Map<string, Promise<T>>()

  constructor(clock: Clock, lifetimeMs: number = LIFETIME_MS) {
    this.#clock = clock
    this.#lifetimeMs = lifetimeMs
  }

  /** The value if it is known and fresh: no promise on the hot path. */
  peek(key: string): T | undefined {
    const entry = this.#known?.get(key)
    return entry !== undefined && entry.untilMs > this.#clock.monotonicMs() ? entry.value : undefined
  }

  /** `load` must not depend on one asker's signal: others wait for the same answer. */
  async get(key: string, signal: CallSignal, load: () => Promise<T>): Promise<T> {
    const known = this.peek(key)
    if (known !== undefined) return known
    return orAborted(this.#loading.get(key) ?? this.#load(key, load), signal)
  }

  keep(key: string, value: T): void {
    this.#known ??= new LRUCache({ max: MAX_ENTRIES })
    this.#known.set(key, { value, untilMs: this.#clock.monotonicMs() + this.#lifetimeMs })
  }

  clear(): void {
    this.#known?.clear()
  }

  #load(key: string, load: () => Promise<T>): Promise<T> {
    const loading = load()
      .then((value) => {
        this.keep(key, value)
        return value
      })
      .finally(() => this.#loading.delete(key))
    this.#loading.set(key, loading)
    return loading
  }
}

const LIFETIME_MS = 10 * 60_000
const MAX_ENTRIES = 200
