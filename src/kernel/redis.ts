import type { Redis } from 'ioredis'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Secret } from './secret.ts'

export interface RedisOptions {
  /** `redis://` or `rediss://`, with `user:password@` and `/db` where needed. */
  readonly url: Secret<string>
  /** PEM of the authority that signed the server's certificate; the system's authorities without it. */
  readonly ca?: string
  readonly clock: Clock
  readonly log: Log
  /** Longest wait for one answer. Default 150. */
  readonly commandTimeoutMs?: number
}

/** One connection of this process to Redis, behind one breaker: whoever uses it shares its fate. */
export interface RedisConnection {
  /**
   * Runs one or more commands.
   *
   * @throws StoreUnavailable for every failure; it names the kind of failure, no key and no value
   */
  run<T>(call: (redis: Redis) => Promise<T>): Promise<T>
  /** Registers a Lua script under a name of its own. It is sent once, then called by its hash. */
  script(name: string, lua: string): RedisScript
  /** Whether the connection is up and the breaker closed, for readiness. */
  healthy(): boolean
  close(): Promise<void>
}

/** @throws StoreUnavailable for every failure */
export type RedisScript = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>

/** Starts connecting, and reconnects for ever. Does not wait: calls reject until the connection is there. */
export function connectRedis(options: RedisOptions): RedisConnection {
  throw new Error(`not yet: ${options.log.level}`)
}
