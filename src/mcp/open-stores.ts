import { redisAuthorities } from '../kernel/tls-files.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { type Circuit, connectRedis } from '../kernel/redis.ts'
import type { Store } from '../kernel/store/contract.ts'
import { MemoryStore } from '../kernel/store/memory-store.ts'
import { RedisStore } from '../kernel/store/redis-store.ts'
import { MemoryAdmissionStore } from './admission/memory-admission-store.ts'
import { RedisAdmissionStore } from './admission/redis-admission-store.ts'
import type { AdmissionStore } from './admission/store.ts'
import type { McpConfig } from './config.ts'

/** One store under two views: keys of every kind, and the one call of admission. */
export interface Stores {
  readonly store: Store
  readonly admission: AdmissionStore
  /** What is wrong with it, in words for the operator; null when nothing is. */
  readonly trouble: () => string | null
  /** What should be mended although it is used. */
  readonly remarks: () => readonly string[]
  /** Of the breaker before it. */
  readonly circuit: () => Circuit
  readonly close: () => Promise<void>
}

interface StoresOptions {
  readonly clock: Clock
  readonly log: Log
  /** Hears of every change of the breaker. */
  readonly onCircuit: (state: Circuit) => void
  /** An in-process store that somebody else holds on to. */
  readonly memory?: MemoryStore
}

/** Redis when its address is configured, else a store that lives in this process. */
export function openStores(redis: McpConfig['redis'], options: StoresOptions): Stores {
  return redis === undefined ? inProcess(options) : onRedis(redis, options)
}

/** All keys of the MCP server share one hash tag, hence one slot of a cluster. The portal's user has no command on them. */
const KEY_PREFIX = '{mx}:'

function onRedis(
  { url, caFile }: NonNullable<McpConfig['redis']>,
  { clock, log, onCircuit }: StoresOptions,
): Stores {
  const ca = redisAuthorities(caFile)
  const connection = connectRedis({ url, prefix: KEY_PREFIX, clock, log, onCircuit, ...ca })
  return {
    store: new RedisStore({ redis: connection, prefix: KEY_PREFIX }),
    admission: new RedisAdmissionStore(connection, KEY_PREFIX),
    trouble: () => connection.trouble(),
    remarks: () => connection.remarks(),
    circuit: () => connection.circuit(),
    close: () => connection.close(),
  }
}

function inProcess({ clock, memory }: StoresOptions): Stores {
  const store = memory ?? new MemoryStore(clock)
  return {
    store,
    admission: new MemoryAdmissionStore(store, clock),
    trouble: () => null,
    remarks: () => [],
    circuit: () => 'closed',
    close: () => store.close(),
  }
}
