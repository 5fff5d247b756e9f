import type { Clock } from '../../../src/kernel/clock.ts'
import {
  type Projected,
  type Store,
  StoreUnavailable,
  type Tally,
  type Write,
} from '../../../src/kernel/store/contract.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'

/** The in-process store behind a switch: silent like a dead Redis, or emptied like a flushed one. */
export class SwitchedStore implements Store {
  readonly kind = 'memory'
  readonly #clock: Clock
  #inner: MemoryStore
  #failsIn = 0
  #isSilent: (method: string) => boolean = () => false

  constructor(clock: Clock) {
    this.#clock = clock
    this.#inner = new MemoryStore(clock)
  }

  /** No method answers; with `methods`, only these do not. */
  silence(methods?: readonly string[]): void {
    this.#isSilent = (method) => methods?.includes(method) ?? true
  }

  restore(): void {
    this.#isSilent = () => false
    this.#failsIn = 0
  }

  /** The `n`th call from now on is not answered, whatever it asks; all others are. */
  failAt(n: number): void {
    this.#failsIn = n
  }

  /** FLUSHALL. */
  flush(): void {
    this.#inner = new MemoryStore(this.#clock)
  }

  get size(): number {
    return this.#inner.size
  }

  async #ask<T>(method: string, call: (store: MemoryStore) => Promise<T>): Promise<T> {
    this.#failsIn -= 1
    if (this.#isSilent(method) || this.#failsIn === 0) throw new StoreUnavailable('switched off by the test')
    return call(this.#inner)
  }

  get(key: string): Promise<string | null> {
    return this.#ask('get', (store) => store.get(key))
  }
  getMany(keys: readonly string[]): Promise<(string | null)[]> {
    return this.#ask('getMany', (store) => store.getMany(keys))
  }
  put(key: string, value: string, ttlMs: number): Promise<void> {
    return this.#ask('put', (store) => store.put(key, value, ttlMs))
  }
  putOnce(key: string, value: string, ttlMs: number): Promise<boolean> {
    return this.#ask('putOnce', (store) => store.putOnce(key, value, ttlMs))
  }
  take(key: string): Promise<string | null> {
    return this.#ask('take', (store) => store.take(key))
  }
  remove(key: string): Promise<void> {
    return this.#ask('remove', (store) => store.remove(key))
  }
  count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetMs: number }> {
    return this.#ask('count', (store) => store.count(key, windowMs))
  }
  tally(key: string, to: Tally): Promise<number> {
    return this.#ask('tally', (store) => store.tally(key, to))
  }
  nowMs(): Promise<number> {
    return this.#ask('nowMs', (store) => store.nowMs())
  }
  project(writer: string, seq: number, writes: readonly Write[], from?: number): Promise<Projected> {
    return this.#ask('project', (store) => store.project(writer, seq, writes, from))
  }
  mark(writer: string): Promise<number | null> {
    return this.#ask('mark', (store) => store.mark(writer))
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
}
