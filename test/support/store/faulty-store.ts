import type { Projected, Write } from '../../../src/kernel/store/contract.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'

/** How a store behaves: answers, is silent before it does anything, or does it and then its answer is lost. */
export type StoreMood = 'well' | 'down' | 'deaf'

/** A memory store that can be taken down, flushed and rolled back to a snapshot, as a Redis can. */
export class FaultyStore extends MemoryStore {
  mood: StoreMood = 'well'
  readonly #written = new Map<string, string>()

  flush(): void {
    for (const key of this.#written.keys()) this.drop(key)
    this.#written.clear()
  }

  snapshot(): ReadonlyMap<string, string> {
    return new Map(this.#written)
  }

  restore(snapshot: ReadonlyMap<string, string>): void {
    this.flush()
    for (const [key, value] of snapshot) this.poke(key, value)
  }

  override poke(key: string, value: string, ttlMs?: number): void {
    this.#written.set(key, value)
    super.poke(key, value, ttlMs)
  }

  override drop(key: string): void {
    this.#written.delete(key)
    super.drop(key)
  }

  override async mark(writer: string): Promise<number | null> {
    return this.#answer(() => super.mark(writer))
  }

  override async getMany(keys: readonly string[]): Promise<(string | null)[]> {
    return this.#answer(() => super.getMany(keys))
  }

  override async get(key: string): Promise<string | null> {
    return this.#answer(() => super.get(key))
  }

  override async put(key: string, value: string, ttlMs: number): Promise<void> {
    return this.#answer(() => super.put(key, value, ttlMs))
  }

  override async putOnce(key: string, value: string, ttlMs: number): Promise<boolean> {
    return this.#answer(() => super.putOnce(key, value, ttlMs))
  }

  override async project(
    writer: string,
    seq: number,
    writes: readonly Write[],
    from?: number,
  ): Promise<Projected> {
    return this.#answer(() => super.project(writer, seq, writes, from))
  }

  async #answer<T>(call: () => Promise<T>): Promise<T> {
    if (this.mood === 'down') throw new StoreUnavailable('the test store is down')
    const value = await call()
    if (this.mood === 'deaf') throw new StoreUnavailable('the answer was lost')
    return value
  }
}
