import { afterAll, afterEach, beforeAll } from 'vitest'
import type { AuditEvent } from '../../../src/audit/event.ts'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { openMaximo } from '../../../src/maximo/client.ts'
import { type Egress, type EgressOptions, openEgress } from '../../../src/maximo/egress/egress.ts'
import type { Query } from '../../../src/maximo/query/query.ts'
import type { UpdateRequest } from '../../../src/maximo/write/contract.ts'
import { type McpDoor, openDoor } from '../mcp/mcp-door.ts'
import { askTool, type ToolReply } from '../maximo/plant-door.ts'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'

const PLANNER = 'planner@example.com'
const SCOPE = 'maximo:read maximo:write'

/** The simulator as one environment more: behind a fault proxy of its own, so with a lane of its own to it. */
export interface FaultyEnvironment {
  readonly proxy: FaultProxy
  readonly baseUrl: string
  /** Calls a tool of the MCP server as an account of the simulator, the planner unless said otherwise. */
  ask(tool: string, args?: unknown, as?: string): Promise<ToolReply>
  /** Assets of one site, whose schema was read before. */
  assets(as?: string): Promise<ToolReply>
  /** Questions about the rows of assets that left for Maximo since it was opened. */
  asked(): number
}

/** The MCP server, the simulator, and environments between them; all of one file, ended with it. */
export class FaultyPlant {
  readonly #egress: Partial<EgressOptions>
  readonly #environments: FaultyEnvironment[] = []
  readonly #egresses: Egress[] = []
  #door: McpDoor | null = null
  #simulator: Simulator | null = null

  constructor(egress: Partial<EgressOptions>) {
    this.#egress = egress
  }

  get door(): McpDoor {
    if (this.#door === null) throw new Error('not started')
    return this.#door
  }

  get simulator(): Simulator {
    if (this.#simulator === null) throw new Error('not started')
    return this.#simulator
  }

  async start(): Promise<void> {
    this.#door = await openDoor({ egress: this.#egress })
    this.#simulator = await startSimulator({ port: 0, clock: systemClock })
  }

  async endTest(): Promise<void> {
    this.simulator.faults.clear()
    await Promise.all(this.#environments.splice(0).map(({ proxy }) => proxy.close()))
    await Promise.all(this.#egresses.splice(0).map((egress) => egress.close()))
  }

  async stop(): Promise<void> {
    await this.door.close()
    await this.simulator.close()
  }

  /** One that works so far; schemas are read, so that what comes is about the rows. */
  async environment(): Promise<FaultyEnvironment> {
    const proxy = await openFaultProxy(Number(new URL(this.simulator.url).port))
    const baseUrl = `http://127.0.0.1:${proxy.port}/maximo`
    // Clients are kept by environment and user.
    const id = randomId()
    const tokens = new Map<string, Promise<string>>()
    const tokenOf = (account: string): Promise<string> => {
      const { apiKey } = this.simulator.accounts.of(account)
      const token =
        tokens.get(apiKey) ??
        this.door.token({ maximo: { baseUrl, apiKey }, subject: account, environment: id, scope: SCOPE })
      tokens.set(apiKey, token)
      return token
    }
    const ask: FaultyEnvironment['ask'] = async (tool, args = {}, as = PLANNER) =>
      askTool(this.door, { tool, args, token: await tokenOf(as) })
    const assets: FaultyEnvironment['assets'] = (as) => ask('query_records', ASSET_TOOL, as)
    const worked = await assets()
    if (worked.isError) throw new Error(worked.text)
    const before = proxy.exchanges(ASSET_ROWS)
    const asked = (): number => proxy.exchanges(ASSET_ROWS) - before
    const environment = { proxy, baseUrl, ask, assets, asked }
    this.#environments.push(environment)
    return environment
  }

  /** Both halves of the Maximo client on an environment, on an egress of their own. */
  maximo(
    { baseUrl }: Pick<FaultyEnvironment, 'baseUrl'>,
    { clock = systemClock, ...egress }: Partial<EgressOptions> & { readonly clock?: Clock } = {},
  ): ReturnType<typeof openMaximo> {
    const opened = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock, ...egress })
    this.#egresses.push(opened)
    const credential = new Secret(this.simulator.accounts.of(PLANNER).apiKey)
    return openMaximo({ environment: { baseUrl, method: 'apikey', credential }, egress: opened, clock })
  }

  /** As {@link maximo}, with the schemas of assets and work orders read: what comes is about rows. */
  async informed(...asked: Parameters<FaultyPlant['maximo']>): Promise<ReturnType<typeof openMaximo>> {
    const maximo = this.maximo(...asked)
    const call = { signal: new AbortController().signal, correlationId: 'test-1' }
    for (const objectStructure of ['mxapiasset', 'mxapiwodetail'])
      await maximo.client.schema(objectStructure, call)
    return maximo
  }

  /** The audit record of the last call. */
  lastEvent(): AuditEvent | undefined {
    return this.door.events.at(-1)
  }
}

/** What only the rows of assets hold in their first packet. */
export const ASSET_ROWS = '/os/mxapiasset?'
/** The same as a question of the client's. */
export const ASSETS: Query = {
  objectStructure: 'mxapiasset',
  select: { fields: ['assetnum'] },
  pageSize: 2,
}
/** A change of a work order. */
export const UPDATE: UpdateRequest = {
  objectStructure: 'MXAPIWODETAIL',
  id: '_U0lNU0lURS8yMDA5',
  rowstamp: '4410400',
  values: { description: 'x' },
}
const ASSET_TOOL = { object: 'mxapiasset', site: 'BEDFORD', select: ['assetnum'], limit: 2 }

/** Starts a plant before the file's tests; after each of them its environments and the simulator's faults end. */
export function faultyPlant(egress: Partial<EgressOptions> = {}): FaultyPlant {
  const plant = new FaultyPlant(egress)
  beforeAll(() => plant.start())
  afterEach(() => plant.endTest())
  afterAll(() => plant.stop())
  return plant
}
