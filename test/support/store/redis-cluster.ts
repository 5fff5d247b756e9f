import { freePort } from '../ports.ts'
import { type RedisServer, type RedisUser, startRedis, untilSays } from './redis.ts'

const KEEPER: RedisUser = { name: 'keeper', password: 'keeper-password', rules: '~* &* +@all' }

/** Three masters that share the slots. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  urlOf(user: string): string
  /** The slot of the key, who has it, and another master. */
  placeOf(key: string): Promise<{
    readonly slot: string
    readonly owner: RedisServer
    readonly other: RedisServer
  }>
  /** Starts to move a slot: from now on keys that are not there any more are asked for at `to`. */
  beginMove(slot: string, from: RedisServer, to: RedisServer): Promise<void>
  /** Moves one key, or all that are left in the slot. */
  moveKeys(slot: string, from: RedisServer, to: RedisServer, atMost?: number): Promise<void>
  endMove(slot: string, to: RedisServer): Promise<void>
  /** Adds a replica of the server and makes it the master in its place. */
  failOver(owner: RedisServer): Promise<RedisServer>
  end(): Promise<void>
}

const SLOTS = [
  ['0', '5460'],
  ['5461', '10922'],
  ['10923', '16383'],
] as const

export interface RedisClusterOptions {
  readonly users: readonly RedisUser[]
  /** As of `RedisServerOptions`. */
  readonly tls?: string
}

export async function startCluster(options: RedisClusterOptions): Promise<RedisCluster> {
  const nodes = await Promise.all(SLOTS.map(() => startNode(options)))
  const cluster = new LocalCluster(nodes, options)
  await cluster.join()
  return cluster
}

async function startNode({ users, ...tls }: RedisClusterOptions): Promise<RedisServer> {
  const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '500']
  const bus = ['--cluster-port', String(await freePort())]
  const login = ['--masteruser', KEEPER.name, '--masterauth', KEEPER.password]
  return startRedis({
    ...tls,
    acl: [KEEPER, ...users],
    args: [...cluster, ...bus, ...login, '--repl-diskless-sync-delay', '0'],
  })
}

class LocalCluster implements RedisCluster {
  readonly nodes: RedisServer[]
  readonly #options: RedisClusterOptions

  constructor(nodes: readonly RedisServer[], options: RedisClusterOptions) {
    this.nodes = [...nodes]
    this.#options = options
  }

  urlOf(user: string): string {
    const found = this.#options.users.find(({ name }) => name === user)
    const hosts = this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')
    const scheme = this.#options.tls === undefined ? 'redis' : 'rediss'
    return `${scheme}+cluster://${user}:${encodeURIComponent(found?.password ?? '')}@${hosts}`
  }

  async join(): Promise<void> {
    for (const [at, node] of this.nodes.entries()) {
      await node.cli('CLUSTER', 'SET-CONFIG-EPOCH', String(at + 1))
      await node.cli('CLUSTER', 'ADDSLOTSRANGE', ...(SLOTS[at] ?? []))
      if (at > 0) await this.#meet(node)
    }
    await this.#agreed()
  }

  async placeOf(key: string): ReturnType<RedisCluster['placeOf']> {
    const up = this.nodes.filter((node) => node.isUp())
    const slot = await up[0]!.cli('CLUSTER', 'KEYSLOT', key)
    const lines = (await up[0]!.cli('CLUSTER', 'NODES')).split('\n')
    const port = portOf(lines.find((line) => hasSlot(line, Number(slot))) ?? '')
    const owner = up.find((node) => node.port === port)!
    const other = this.nodes.find((node) => node !== owner && node.isUp())!
    return { slot, owner, other }
  }

  async beginMove(slot: string, from: RedisServer, to: RedisServer): Promise<void> {
    await to.cli('CLUSTER', 'SETSLOT', slot, 'IMPORTING', await idOf(from))
    await from.cli('CLUSTER', 'SETSLOT', slot, 'MIGRATING', await idOf(to))
  }

  async moveKeys(slot: string, from: RedisServer, to: RedisServer, atMost = 1_000): Promise<void> {
    const keys = (await from.cli('CLUSTER', 'GETKEYSINSLOT', slot, String(atMost))).split('\n')
    const target = ['127.0.0.1', String(to.port), '', '0', '5000', 'AUTH2', KEEPER.name, KEEPER.password]
    await from.cli('MIGRATE', ...target, 'KEYS', ...keys)
  }

  async endMove(slot: string, to: RedisServer): Promise<void> {
    const id = await idOf(to)
    for (const node of [to, ...this.nodes.filter((other) => other !== to)])
      await node.cli('CLUSTER', 'SETSLOT', slot, 'NODE', id)
  }

  async failOver(owner: RedisServer): Promise<RedisServer> {
    const replica = await startNode(this.#options)
    this.nodes.push(replica)
    await this.#meet(replica)
    await this.#agreed()
    await replica.cli('CLUSTER', 'REPLICATE', await idOf(owner))
    await untilSays(replica, ['INFO', 'replication'], /master_link_status:up/)
    await replica.cli('CLUSTER', 'FAILOVER', 'TAKEOVER')
    await untilSays(replica, ['ROLE'], /^master/)
    return replica
  }

  async end(): Promise<void> {
    for (const node of this.nodes) await node.end()
  }

  async #meet(node: RedisServer): Promise<void> {
    const known = this.nodes.find((other) => other !== node && other.isUp())!
    const bus = await known.cli('CONFIG', 'GET', 'cluster-port')
    await node.cli('CLUSTER', 'MEET', '127.0.0.1', String(known.port), bus.split('\n')[1] ?? '')
  }

  async #agreed(): Promise<void> {
    const known = new RegExp(`cluster_state:ok[^]*cluster_known_nodes:${this.nodes.length}`)
    for (const node of this.nodes.filter((one) => one.isUp()))
      await untilSays(node, ['CLUSTER', 'INFO'], known)
  }
}

/** Of a line of `CLUSTER NODES`: `<id> <ip>:<port>@<bus port> <flags> … <from>-<to> <slot> …`. */
const portOf = (line: string): number => Number(/:(\d+)@/.exec(line)?.[1])
const hasSlot = (line: string, slot: number): boolean =>
  line
    .split(' ')
    .slice(8)
    .map((range) => range.split('-').map(Number))
    .some(([from = NaN, to = from]) => slot >= from && slot <= to)

const idOf = (node: RedisServer): Promise<string> => node.cli('CLUSTER', 'MYID')
