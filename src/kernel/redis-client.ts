import { Cluster, Redis, type RedisCommander } from 'ioredis'
import { type ScriptCall, scriptOf } from './redis-script.ts'
import type { RedisAddress } from './redis-url.ts'

export interface RedisClientOptions {
  readonly address: RedisAddress
  /** Begins every key that will be used, with its hash tag: of a cluster, the server of that slot is meant. */
  readonly prefix: string
  readonly ca: string | undefined
}

export interface RedisClientEvents {
  /** The server that answers for our keys may have become another: nothing is known of it yet. */
  readonly onChange: () => void
  /** There is one, and it takes commands. */
  readonly onReady: () => void
  readonly onLost: () => void
  readonly onError: (error: unknown) => void
}

/** What a store says to Redis, be it a single server or a cluster. */
export type RedisCommands = RedisCommander & Pick<Redis, 'multi'>

/** A client of ioredis, by whatever way it finds the server that answers for our keys. */
export interface RedisClient {
  readonly commands: RedisCommands
  /** `INFO` of that server. */
  info(): Promise<string>
  script(lua: string): ScriptCall
  /** The connection, where there is exactly one. */
  stream(): { cork(): void; uncork(): void } | null
  /** Looks for the master anew: the one that was found is none. */
  findAnother(): void
  /** Whoever was asked is silent: its connection is closed, and made anew. */
  hangUp(): void
  close(): void
}

/** Starts connecting, and goes on for ever. */
export const openRedisClient = (options: RedisClientOptions, events: RedisClientEvents): RedisClient =>
  options.address.is === 'cluster' ? openCluster(options, events) : openSingle(options, events)

function openSingle(options: RedisClientOptions, events: RedisClientEvents): RedisClient {
  const { address } = options
  const redis = new Redis({ ...commonOptions(options), ...whereabouts(address), retryStrategy: retryDelay })
  redis.on('ready', events.onReady)
  redis.on('close', events.onLost)
  redis.on('error', events.onError)
  let isClosed = false
  // ioredis gives up for good when a Sentinel tells of a failover while the master is being looked for.
  redis.on('end', () => {
    if (!isClosed) setTimeout(() => void redis.connect().catch(events.onError), retryDelay(1)).unref()
  })
  return {
    commands: redis,
    info: () => redis.info(),
    script: (lua) => scriptOf(redis, lua),
    stream: () => redis.stream,
    findAnother: () => redis.disconnect(true),
    hangUp: () => redis.stream.destroy(),
    close: () => {
      isClosed = true
      redis.disconnect()
    },
  }
}

function whereabouts(address: RedisAddress) {
  switch (address.is) {
    case 'single':
      return { ...address.hosts[0], db: address.db }
    case 'sentinel':
      return {
        sentinels: [...address.hosts],
        name: address.master,
        db: address.db,
        // Told of a failover at once: a master that was cut off would take writes that are lost.
        failoverDetector: true,
        sentinelReconnectStrategy: retryDelay,
        sentinelRetryStrategy: retryDelay,
        sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
        // Who is asked stands in the address alone; the Sentinels’ user needs no right to list others.
        updateSentinels: false,
        enableTLSForSentinelMode: address.tls,
        ...definedOf({
          sentinelUsername: address.sentinelLogin.username,
          sentinelPassword: address.sentinelLogin.password,
        }),
      }
    case 'cluster':
      return {}
  }
}

/**
 * One slot of a cluster, and whoever is its master. A redirection is followed, since nothing was done; a command whose
 * connection was lost is not sent again, since it may have been.
 */
function openCluster(options: RedisClientOptions, events: RedisClientEvents): RedisClient {
  const cluster = new Cluster([...options.address.hosts], {
    redisOptions: commonOptions(options),
    clusterRetryStrategy: retryDelay,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    maxRedirections: 4,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 20,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: SLOTS_EVERY_MS,
    // The name that a certificate is for, not what it resolves to.
    dnsLookup: (host, found) => found(null, host),
  })
  cluster.on('ready', events.onReady)
  cluster.on('close', events.onLost)
  cluster.on('error', events.onError)
  cluster.on('node error', events.onError)
  cluster.on('+node', (node: Redis) => {
    node.on('connect', events.onChange)
    node.on('ready', events.onReady)
    node.on('close', events.onChange)
    hearAsking(node)
  })
  const info = scriptOf(cluster, `return redis.call('INFO')`)
  return {
    commands: cluster,
    // INFO has no key, so that the cluster would ask anybody.
    info: async () => String(await info([options.prefix], [])),
    script: (lua) => scriptOf(cluster, lua),
    stream: () => null,
    findAnother: () => cluster.disconnect(true),
    hangUp: () => {
      for (const node of cluster.nodes()) if (node.status === 'ready') node.stream.destroy()
    },
    close: () => cluster.disconnect(),
  }
}

/** ioredis awaits no answer to ASKING: one that fails would end the process. The command behind it then fails by itself. */
function hearAsking(node: Redis): void {
  const asking = node.asking.bind(node)
  node.asking = () => {
    const asked = asking()
    asked.catch(() => undefined)
    return asked
  }
}

function commonOptions({ address, ca }: RedisClientOptions) {
  const tls = { minVersion: 'TLSv1.2' as const, ...definedOf({ ca }) }
  return {
    ...definedOf({ username: address.username, password: address.password }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    // For the handshake, which nobody waits for; all else has the deadline of its call.
    socketTimeout: HANDSHAKE_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    // RESP2 and no client info: the user needs no right to HELLO and CLIENT.
    protocol: 2 as const,
    disableClientInfo: true,
    // Our own inspection asks the same and more.
    enableReadyCheck: false,
    ...(address.is === 'cluster' ? {} : { enableOfflineQueue: false }),
    ...(address.tls ? { tls, sentinelTLS: tls } : {}),
  }
}

/** Without the members that have no value: ioredis takes `undefined` for one. */
const definedOf = <T extends object>(members: T): { [Name in keyof T]?: NonNullable<T[Name]> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: NonNullable<T[Name]>
  }

const retryDelay = (attempt: number): number =>
  Math.min(25 * 2 ** attempt, LONGEST_RETRY_MS) * (0.75 + Math.random() / 4)

const CONNECT_TIMEOUT_MS = 2_000
const HANDSHAKE_TIMEOUT_MS = 5_000
const LONGEST_RETRY_MS = 1_000
const SLOTS_EVERY_MS = 5_000
