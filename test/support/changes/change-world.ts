import { z } from 'zod'
import { openJournal, type Journal } from '../../../src/kernel/journal.ts'
import { ok } from '../../../src/kernel/result.ts'
import { FaultyStore } from '../store/faulty-store.ts'
import type { Maximo } from '../../../src/maximo/client.ts'
import { Changes } from '../../../src/mcp/changes/changes.ts'
import { openRecords, type Records } from '../../../src/mcp/records/records.ts'
import { openMaximoClients, type MaximoClients } from '../../../src/mcp/tools/run/clients.ts'
import { openEgress, type Egress } from '../../../src/maximo/egress/egress.ts'
import { defineTool, type ToolContext } from '../../../src/mcp/tools/tool.ts'
import { plainOutput } from '../../../src/mcp/tools/result/outputs.ts'
import { call, legacyRequest } from '../mcp/mcp-requests.ts'
import { openDoor, type McpDoor } from '../mcp/mcp-door.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'

/** Where a process may be killed, between what it writes down and what it sends. */
export const DEATHS = [
  'before change.begun',
  'after change.begun',
  'before change.step',
  'after change.step',
] as const
export type Death = (typeof DEATHS)[number]

/** The simulated plant, and two people's proven calls, which many runs share. */
export interface ChangeWorld {
  readonly door: McpDoor
  readonly simulator: Simulator
  readonly egress: Egress
  readonly clients: MaximoClients
  readonly people: readonly ToolContext[]
  close(): Promise<void>
}

export async function openChangeWorld(): Promise<ChangeWorld> {
  const people: ToolContext[] = []
  const capture = defineTool({
    ...{
      name: 'capture',
      title: 'Capture',
      description: 'Keeps its own context.',
      toolset: 'core',
      scopes: [],
    },
    ...{ effect: 'read', risk: 'none', costUnits: 1, reachesOutside: false, input: z.strictObject({}) },
    output: plainOutput,
    run: (_input, context) => {
      people.push(context)
      return Promise.resolve(ok({ text: '{}', recordCount: 0 }))
    },
  })
  const door = await openDoor({ catalog: [capture] })
  const { clock } = door.workshop
  const simulator = await startSimulator({ port: 0, clock })
  for (const account of ['planner@example.com', 'admin@example.com']) {
    const { apiKey } = simulator.accounts.of(account)
    const wish = {
      scope: 'maximo:write',
      subject: `user_${account}`,
      maximo: { baseUrl: simulator.baseUrl, apiKey },
    }
    await door.app.inject(legacyRequest(call('capture', {}), await door.token(wish)))
  }
  const egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock })
  const clients = openMaximoClients({
    egress,
    clock,
    keepReplaced: () => Promise.reject(new Error('none here')),
  })
  return {
    ...{ door, simulator, egress, clients, people },
    async close() {
      clients.close()
      await egress.close()
      await door.close()
      await simulator.close()
    },
  }
}

/** A server that can be killed: its journal and the store outlive it, and nothing it promised does. */
export class Mortal {
  readonly world: ChangeWorld
  readonly folder: string
  readonly name: string
  store: FaultyStore
  changes!: Changes
  #journal: Journal | null = null
  #records: Records | null = null
  #death: Death | null = null
  #die: () => void = () => undefined

  /** @param name INSTANCE_ID; servers of other names share a store */
  constructor(
    world: ChangeWorld,
    folder: string,
    { name = 'mortal', store }: { name?: string; store?: FaultyStore } = {},
  ) {
    this.world = world
    this.folder = folder
    this.name = name
    this.store = store ?? new FaultyStore(world.door.workshop.clock)
  }

  async start(): Promise<void> {
    const { workshop, log } = this.world.door
    const { clock } = workshop
    this.#journal = await openJournal({ folder: this.folder, writer: this.name, clock })
    const records = await openRecords({ journal: this.#journal, store: this.store, clock, log: log.log })
    this.#records = records
    const life = { isOver: false }
    const stop = (): Promise<never> => {
      life.isOver = true
      this.#die()
      return new Promise<never>(() => undefined)
    }
    const record: Records['record'] = async (type, data) => {
      if (life.isOver || this.#death === `before ${type}`) return stop()
      const written = await records.record(type, data)
      return this.#death === `after ${type}` ? stop() : written
    }
    this.changes = new Changes({
      ...{ clock, store: this.store, instanceId: this.name, log: log.log, keys: () => workshop.mcp },
      audit: { write: () => (life.isOver ? stop() : Promise.resolve()) },
      records: { ...records, ledger: records.ledger, record },
      maximoOf: (access): Maximo => this.world.clients.whole(access),
      trustedClients: new Set(),
      approvalUrl: 'http://portal/changes',
      secondApprovers: () => null,
    })
  }

  /** Runs until the work ends, or the process dies in the middle of it. @returns null when it died */
  async until<T>(death: Death | null, work: (changes: Changes) => Promise<T>): Promise<T | null> {
    this.#death = death
    const died = new Promise<null>((resolve) => (this.#die = () => resolve(null)))
    const result = await Promise.race([work(this.changes), died])
    this.#death = null
    this.store.mood = 'well'
    if (result === null) await this.restart(false)
    return result
  }

  async restart(isStoreLost: boolean): Promise<void> {
    await this.stop()
    if (isStoreLost) this.store = new FaultyStore(this.world.door.workshop.clock)
    await this.start()
  }

  async stop(): Promise<void> {
    await this.#records?.close()
    await this.#journal?.close()
  }
}

/** What happened in Maximo under a mark: notes and requests that hold it. */
export function effectsOf({ simulator }: ChangeWorld, mark: string): number {
  const notes = simulator.plant.find('WORKLOG', 'description', mark).length
  return notes + simulator.plant.find('TICKET', 'description', mark).length
}

export const contextOf = (mortal: Mortal, person: number): ToolContext => {
  const context = mortal.world.people[person]
  if (context === undefined) throw new Error('no such person')
  return { ...context, changes: mortal.changes }
}
export const SUBJECTS = ['user_planner@example.com', 'user_admin@example.com']
