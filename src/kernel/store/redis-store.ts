import type { RedisConnection } from '../redis.ts'
import type { Projected, Store, Write } from './contract.ts'

export interface RedisStoreOptions {
  readonly redis: RedisConnection
  /** `{portal}:` or `{mx}:`: one hash tag, hence one Cluster slot. */
  readonly prefix: string
}

/** The shared store. Every method costs one round trip and fails closed as `StoreUnavailable`. */
export class RedisStore implements Store {
  readonly kind = 'redis'
  readonly #options: RedisStoreOptions

  constructor(options: RedisStoreOptions) {
    this.#options = options
  }

  get(key: string): Promise<string | null> {
    return this.#options.redis.run((redis) => redis.get(this.#options.prefix + key))
  }

  getMany(keys: readonly string[]): Promise<(string | null)[]> {
    return this.#options.redis.run((redis) => redis.mget(...keys.map((key) => this.#options.prefix + key)))
  }

  put(key: string, value: string, ttlMs: number): Promise<void> {
    return Promise.reject(new Error(`not yet: ${key} ${value} ${ttlMs}`))
  }

  putOnce(key: string, value: string, ttlMs: number): Promise<boolean> {
    return Promise.reject(new Error(`not yet: ${key} ${value} ${ttlMs}`))
  }

  take(key: string): Promise<string | null> {
    return Promise.reject(new Error(`not yet: ${key}`))
  }

  remove(key: string): Promise<void> {
    return Promise.reject(new Error(`not yet: ${key}`))
  }

  count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetMs: number }> {
    return Promise.reject(new Error(`not yet: ${key} ${windowMs}`))
  }

  nowMs(): Promise<number> {
    return Promise.reject(new Error('not yet'))
  }

  project(writer: string, seq: number, writes: readonly Write[]): Promise<Projected> {
    return Promise.reject(new Error(`not yet: ${writer} ${seq} ${writes.length}`))
  }

  mark(writer: string): Promise<number | null> {
    return Promise.reject(new Error(`not yet: ${writer}`))
  }

  /** The connection is the caller's: it may serve others. */
  close(): Promise<void> {
    return Promise.resolve()
  }
}
