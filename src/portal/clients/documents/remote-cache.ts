import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../kernel/clock.ts'
import { err, ok, type Result } from '../../../kernel/result.ts'

export interface Loaded<T> {
  readonly value: T
  readonly freshMs: number
}

/**
 * What was read of remote documents, by address. Failures are never kept; parallel askers share one load. `mayLoad` is
 * asked only when its asker is the one who causes a load.
 */
export class RemoteCache<T extends object, Failure> {
  readonly #load: (url: string) => Promise<Result<Loaded<T>, Failure>>
  readonly #clock: Clock
  readonly #held = new LRUCache<string, { readonly value: T; readonly freshUntilMs: number }>({
    max: MAX_HELD,
  })
  readonly #loading = new Map<string, Promise<Result<T, Failure>>>()

  constructor(load: (url: string) => Promise<Result<Loaded<T>, Failure>>, clock: Clock) {
    this.#load = load
    this.#clock = clock
  }

  /** What was loaded last, however old. */
  last(url: string): T | null {
    return this.#held.get(url)?.value ?? null
  }

  /** Fresh, or loaded now. */
  async find(url: string, mayLoad: () => boolean): Promise<Result<T, Failure | 'too_often'>> {
    const held = this.#held.get(url)
    const isFresh = held !== undefined && held.freshUntilMs > this.#clock.monotonicMs()
    return isFresh ? ok(held.value) : this.renew(url, mayLoad)
  }

  /** Loaded now, whatever is held. */
  async renew(url: string, mayLoad: () => boolean): Promise<Result<T, Failure | 'too_often'>> {
    const running = this.#loading.get(url)
    if (running !== undefined) return running
    if (!mayLoad()) return err('too_often')
    const loading = this.#keep(url).finally(() => this.#loading.delete(url))
    this.#loading.set(url, loading)
    return loading
  }

  async #keep(url: string): Promise<Result<T, Failure>> {
    const loaded = await this.#load(url)
    if (!loaded.ok) return loaded
    const { value, freshMs } = loaded.value
    this.#held.set(url, { value, freshUntilMs: this.#clock.monotonicMs() + freshMs })
    return ok(value)
  }
}

const MAX_HELD = 500
