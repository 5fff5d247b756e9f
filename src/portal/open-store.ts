import { redisAuthorities } from '../kernel/tls-files.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { type Circuit, connectRedis, type RedisConnection } from '../kernel/redis.ts'
import type { Store } from '../kernel/store/contract.ts'
import { MemoryStore } from '../kernel/store/memory-store.ts'
import { RedisStore } from '../kernel/store/redis-store.ts'
import type { PortalConfig } from './config.ts'

/** How the store stands, in words for the operator. */
export type StoreHealth = Pick<RedisConnection, 'trouble' | 'remarks'>

export interface OpenStore {
  readonly store: Store
  readonly storeHealth: StoreHealth
  close(): Promise<void>
}

interface StoreOptions {
  readonly clock: Clock
  readonly log: Log
  /** Hears of every change of the breaker. */
  readonly onCircuit: (state: Circuit) => void
  /** Somebody else's, who closes it. */
  readonly given: Store | undefined
}

/** Redis when its address is configured, else a store that lives in this process. */
export function openStore(redis: PortalConfig['redis'], options: StoreOptions): OpenStore {
  const { clock, given } = options
  if (given === undefined && redis !== undefined) return onRedis(redis, options)
  const store = given ?? new MemoryStore(clock)
  return { store, storeHealth: WELL, close: () => Promise.resolve() }
}

/** All keys of the portal share one hash tag, hence one slot of a cluster. The MCP server's user has no command on them. */
const KEY_PREFIX = '{portal}:'

function onRedis(
  { url, caFile }: NonNullable<PortalConfig['redis']>,
  { clock, log, onCircuit }: StoreOptions,
): OpenStore {
  const ca = redisAuthorities(caFile)
  const connection = connectRedis({ url, prefix: KEY_PREFIX, ...ca, clock, log, onCircuit })
  return {
    store: new RedisStore({ redis: connection, prefix: KEY_PREFIX }),
    storeHealth: connection,
    close: () => connection.close(),
  }
}

const WELL: StoreHealth = { trouble: () => null, remarks: () => [] }
