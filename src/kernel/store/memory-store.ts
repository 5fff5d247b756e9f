import type { Clock } from '../clock.ts'
import type { Projected, Store, Write } from './contract.ts'

/** The store of one process. Lives and dies with it; journals make a restart harmless. */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Reads at once, for a script twin that must be atomic. */
  peek(key: string): string | null {
    throw new Error(`not yet: ${key}`)
  }

  /** Writes at once. Without `ttlMs` the key stays for good. */
  poke(key: string, value: string, ttlMs?: number): void {
    throw new Error(`not yet: ${key} ${value} ${String(ttlMs)}`)
  }

  /** Removes at once. */
  drop(key: string): void {
    throw new Error(`not yet: ${key}`)
  }

  get(key: string): Promise<string | null> {
    return Promise.resolve(this.peek(key))
  }

  getMany(keys: readonly string[]): Promise<(string | null)[]> {
    return Promise.resolve(keys.map((key) => this.peek(key)))
  }

  put(key: string, value: string, ttlMs: number): Promise<void> {
    return Promise.resolve(this.poke(key, value, ttlMs))
  }

  putOnce(key: string, value: string, ttlMs: number): Promise<boolean> {
    return Promise.reject(new Error(`not yet: ${key} ${value} ${ttlMs}`))
  }

  take(key: string): Promise<string | null> {
    return Promise.reject(new Error(`not yet: ${key}`))
  }

  remove(key: string): Promise<void> {
    return Promise.resolve(this.drop(key))
  }

  count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetMs: number }> {
    return Promise.reject(new Error(`not yet: ${key} ${windowMs}`))
  }

  nowMs(): Promise<number> {
    return Promise.resolve(this.#clock.nowMs())
  }

  project(writer: string, seq: number, writes: readonly Write[]): Promise<Projected> {
    return Promise.reject(new Error(`not yet: ${writer} ${seq} ${writes.length}`))
  }

  mark(writer: string): Promise<number | null> {
    return Promise.reject(new Error(`not yet: ${writer}`))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
