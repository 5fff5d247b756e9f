import { type RedisServer, type RedisUser, startRedis, untilSays } from './redis.ts'

/** One of the users of each server of the set: whoever replicates and watches. */
const KEEPER: RedisUser = { name: 'keeper', password: 'keeper-password', rules: '~* &* +@all' }

/** The services' user of the Sentinels, with the rights of docs/operate/redis.md. */
const WATCHER: RedisUser = {
  name: 'watch',
  password: 'watch-password',
  rules: 'resetchannels +sentinel|get-master-addr-by-name +subscribe &+switch-master',
}

export interface SentinelSet {
  /** For the user of that name. */
  urlOf(user: string): string
  /** The server that is the master now, as the Sentinels say. */
  master(): Promise<RedisServer>
  /** The other one. */
  replica(): Promise<RedisServer>
  readonly sentinels: readonly RedisServer[]
  /** From now on the replica gets nothing of what its master takes. */
  cutReplication(): Promise<void>
  /** Makes the replica the master, with what it has got; a master that was killed stays away. */
  failOver(how: 'asked' | 'killed'): Promise<void>
  /** Whoever is away comes back, as the replica of the master that there is; both are as they were. */
  rejoin(): Promise<void>
  end(): Promise<void>
}

export interface SentinelSetOptions {
  readonly users: readonly RedisUser[]
  readonly sentinels?: number
  /** As of `RedisServerOptions`; the Sentinels have the same. */
  readonly tls?: string
}

const LOGIN = [
  '--masteruser',
  KEEPER.name,
  '--masterauth',
  KEEPER.password,
  '--repl-diskless-sync-delay',
  '0',
]

/** Two servers, one the replica of the other, watched by Sentinels that trust a server to be dead after half a second. */
export async function startSentinels(options: SentinelSetOptions): Promise<SentinelSet> {
  const tls = options.tls === undefined ? {} : { tls: options.tls }
  const acl = [KEEPER, ...options.users]
  const first = await startRedis({ ...tls, acl, args: LOGIN })
  const second = await startRedis({ ...tls, acl, args: LOGIN })
  // Not for ever, as an argument would be: it may be the master when it is started again.
  await second.cli('REPLICAOF', '127.0.0.1', String(first.port))
  // A Sentinel asks for replicas when it starts, and then every ten seconds.
  await untilSays(second, ['INFO', 'replication'], /master_link_status:up/)
  const of = options.sentinels ?? 1
  const sentinels = await Promise.all(
    Array.from({ length: of }, () =>
      startRedis({
        ...tls,
        sentinel: [
          `sentinel monitor mymaster 127.0.0.1 ${first.port} ${Math.floor(of / 2) + 1}`,
          `sentinel auth-user mymaster ${KEEPER.name}`,
          `sentinel auth-pass mymaster ${KEEPER.password}`,
          'sentinel down-after-milliseconds mymaster 500',
          'sentinel failover-timeout mymaster 2000',
          `user ${WATCHER.name} on >${WATCHER.password} ${WATCHER.rules}`,
        ],
      }),
    ),
  )
  const set = new LocalSentinels([first, second], sentinels, options)
  await set.whole()
  return set
}

class LocalSentinels implements SentinelSet {
  readonly sentinels: readonly RedisServer[]
  readonly #servers: readonly [RedisServer, RedisServer]
  readonly #options: SentinelSetOptions

  constructor(
    servers: readonly [RedisServer, RedisServer],
    sentinels: readonly RedisServer[],
    options: SentinelSetOptions,
  ) {
    this.#servers = servers
    this.sentinels = sentinels
    this.#options = options
  }

  urlOf(user: string): string {
    const found = this.#options.users.find(({ name }) => name === user)
    const hosts = this.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')
    const watcher = `sentinel_username=${WATCHER.name}&sentinel_password=${WATCHER.password}`
    const scheme = this.#options.tls === undefined ? 'redis' : 'rediss'
    return `${scheme}+sentinel://${user}:${encodeURIComponent(found?.password ?? '')}@${hosts}/mymaster?${watcher}`
  }

  async master(): Promise<RedisServer> {
    const port = await this.#masterPort()
    return this.#servers[0].port === port ? this.#servers[0] : this.#servers[1]
  }

  async replica(): Promise<RedisServer> {
    return this.#other(await this.master())
  }

  /** The Sentinels know of each other and of the replica. */
  async whole(): Promise<void> {
    for (const sentinel of this.sentinels) {
      await untilSays(sentinel, ['SENTINEL', 'CKQUORUM', 'mymaster'], /^OK/)
      await untilSays(
        sentinel,
        ['SENTINEL', 'REPLICAS', 'mymaster'],
        /\nflags\nslave\n[^]*master-link-status\nok/,
      )
    }
  }

  async cutReplication(): Promise<void> {
    const master = await this.master()
    // The replica keeps its place, but may not log in any more.
    await (await this.replica()).cli('CONFIG', 'SET', 'masterauth', 'not-any-more')
    await master.cli('CLIENT', 'KILL', 'TYPE', 'replica')
  }

  async failOver(how: 'asked' | 'killed'): Promise<void> {
    const old = await this.master()
    const next = this.#other(old)
    if (how === 'killed') await old.stop()
    await next.cli('CONFIG', 'SET', 'masterauth', KEEPER.password)
    if (how === 'asked') await this.sentinels[0]?.cli('SENTINEL', 'FAILOVER', 'mymaster')
    for (const sentinel of this.sentinels)
      await untilSays(sentinel, ['SENTINEL', 'MASTER', 'mymaster'], new RegExp(`^port\\n${next.port}$`, 'm'))
    await untilSays(next, ['ROLE'], /^master/)
  }

  async rejoin(): Promise<void> {
    const master = await this.#settled()
    const replica = this.#other(master)
    await replica.stop()
    await replica.start()
    await replica.cli('CONFIG', 'SET', 'masterauth', KEEPER.password)
    await replica.cli('REPLICAOF', '127.0.0.1', String(master.port))
    await untilSays(replica, ['INFO', 'replication'], /master_link_status:up/)
    await this.whole()
  }

  async end(): Promise<void> {
    for (const server of [...this.sentinels, ...this.#servers]) await server.end()
  }

  /** A server that was away a moment too long is being replaced: until that is over, nobody else says who follows whom. */
  async #settled(): Promise<RedisServer> {
    for (;;) {
      const { port } = await this.master()
      for (const sentinel of this.sentinels)
        await untilSays(sentinel, ['SENTINEL', 'MASTER', 'mymaster'], /^flags\nmaster$/m)
      const master = await this.master()
      if (master.port === port && (await master.cli('ROLE')).startsWith('master')) return master
    }
  }

  #other(server: RedisServer): RedisServer {
    return server === this.#servers[0] ? this.#servers[1] : this.#servers[0]
  }

  async #masterPort(): Promise<number> {
    const said = await this.sentinels[0]?.cli(...WHERE)
    return Number(said?.split('\n')[1])
  }
}

const WHERE = ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster'] as const
