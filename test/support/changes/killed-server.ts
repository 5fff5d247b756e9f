import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startService, type ServiceProcess } from '../../../src/dev/processes/service-process.ts'
import { ALICE, McpWorld, type Answer, type Grant } from '../mcp/mcp-world.ts'
import { freePort } from '../ports.ts'
import { startRedis, type RedisServer } from '../store/redis.ts'
import { REDIS_USERS } from '../stack.ts'

/** At which write to its journal the server ends itself, in the words of `kill-switch.js`. */
export type KillPoint = `${'before' | 'after'} change.${'begun' | 'step' | 'ended'}`

/** What a tool answered. Null: the server died over it. */
export type Said = string | null

/** What is said of a change that was claimed and of which nothing is in the journal. */
export const NEVER_SENT = /^internal: The change could not be written down first/
/** What is said of a change that was sent, or about to be, and is not in Maximo. */
export const LOOKED_ABSENT = /^refused: Nothing was written: \S+ not_written \(looked\)/

const SWITCH = resolve(import.meta.dirname, 'kill-switch.js')
const SCOPE = 'maximo:read maximo:write'
/** What was lost is known to be lost after two minutes. */
const AHEAD_MS = 130_000
const MAX_REFUSALS = 100

interface Life {
  process: ServiceProcess | null
  /** By how much its clock is ahead of the machine's. */
  aheadMs: number
}

/** An MCP server as a process of its own, on a real Redis and a folder that both outlive it, and a person's token. */
export class KilledServer {
  readonly world: McpWorld
  readonly #redis: RedisServer
  readonly #grant: Grant
  readonly #life: Life

  private constructor(parts: { redis: RedisServer; world: McpWorld; grant: Grant; life: Life }) {
    this.world = parts.world
    this.#redis = parts.redis
    this.#grant = parts.grant
    this.#life = parts.life
  }

  static async start(): Promise<KilledServer> {
    const redis = await startRedis({ acl: REDIS_USERS })
    const life: Life = { process: null, aheadMs: 0 }
    const internalPort = String(await freePort())
    const env = { REDIS_URL: redis.urlOf('mcp'), MCP_INTERNAL_PORT: internalPort }
    const world = await McpWorld.start(env, {
      realTime: true,
      serve: async (given) => {
        const process = await startService('mcp', {
          ...given,
          NODE_OPTIONS: `--import=${SWITCH}`,
          KILL_SWITCH: join(given['DATA_DIR'] ?? '', 'kill-switch'),
          CLOCK_AHEAD_MS: String(life.aheadMs),
        })
        life.process = process
        return {
          url: given['PUBLIC_MCP_URL'] ?? '',
          internalUrl: `http://127.0.0.1:${internalPort}`,
          reloadKeys: () => Promise.resolve(),
          reloadPolicy: () => Promise.resolve(),
          close: async () => {
            await process.stop()
          },
        }
      },
    })
    const grant = await world.attest(ALICE, { scp: SCOPE })
    return new KilledServer({ redis, world, grant, life })
  }

  /** From now on the server ends itself at this write. */
  arm(point: KillPoint): Promise<void> {
    return writeFile(this.#switch, point)
  }

  /** SIGKILL, now. */
  kill(): void {
    this.#life.process?.kill('SIGKILL')
  }

  /** A new process on what the dead one left, by its own clock two minutes later. */
  async restart(): Promise<void> {
    await this.#life.process?.stop()
    await rm(this.#switch, { force: true })
    this.#life.aheadMs += AHEAD_MS
    await this.world.startServer()
  }

  /** Stages a note of low risk on a work order. @returns the id of its plan */
  async stage(note: string): Promise<string> {
    const args = { record: '1001', kind: 'work_order', summary: note, reason: 'a test' }
    const said = await this.#call('call_write_tool', { tool: 'add_work_log', arguments: args })
    const { change_id: id } = JSON.parse(said ?? '{}') as { change_id?: string }
    if (id === undefined) throw new Error(said ?? 'the server is dead')
    return id
  }

  commit(id: string): Promise<Said> {
    return this.#call('commit_change', { change_id: id })
  }

  /** Committed again by several at once: the state that all are told, or the one error. */
  async commitAgain(id: string): Promise<string> {
    const all = await Promise.all([1, 2, 3].map(() => this.commit(id)))
    const told = new Set(all.map((said) => (said?.startsWith('{') === true ? stateIn(said) : String(said))))
    if (told.size !== 1) throw new Error(`several answers about one change: ${[...told].join(' / ')}`)
    return [...told].join()
  }

  /** How often Maximo holds the note. */
  notes(note: string): number {
    return this.world.simulator.plant.find('WORKLOG', 'description', note).length
  }

  /** Whether a write reached Maximo since the counter was reset. */
  get isWriteSeen(): boolean {
    return this.world.simulator.requests.seen().some(({ query }) => query.includes('interactive=1'))
  }

  async close(): Promise<void> {
    await this.world.close()
    await this.#redis.end()
  }

  get #switch(): string {
    return join(this.world.dataDir, 'kill-switch')
  }

  async #call(name: string, args: object): Promise<Said> {
    const nowS = Math.floor((this.world.clock.nowMs() + this.#life.aheadMs) / 1_000)
    const token = await this.world.token(this.#grant, { scope: SCOPE, iat: nowS, exp: nowS + 3_600 })
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.world.rpc(token, { body }).catch(() => null)
      if (answer === null) return null
      const said = textOf(answer)
      // Not primed yet, or a store that is slow on a busy machine: it says itself to try again.
      const isSilent = answer.status === 503 || said.includes('because its own store does not answer')
      if (!isSilent || attempt >= MAX_REFUSALS) return said
      await delay(50)
    }
  }
}

const stateIn = (said: string): string => String((JSON.parse(said) as { state?: string }).state)

/** Without the id that every error has for itself. */
function textOf({ json, text }: Answer): string {
  const result = json['result'] as { content: { text: string }[] } | undefined
  return (result?.content[0]?.text ?? text).replace(/\nError id: \S+$/, '')
}
