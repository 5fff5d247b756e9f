import { afterAll, beforeAll } from 'vitest'
import type { Simulator } from '../../../../src/dev/simulator/contract.ts'
import { startSimulator } from '../../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../../src/kernel/clock.ts'
import type { MaximoClient, MaximoRecord } from '../../../../src/maximo/contract.ts'
import type { Egress } from '../../../../src/maximo/egress/egress.ts'
import { openEgress } from '../../../../src/maximo/egress/egress.ts'
import type {
  CreateRequest,
  MaximoWriter,
  Outcome,
  Done,
  RecordDone,
  WriteCall,
} from '../../../../src/maximo/write/contract.ts'
import { maximoOf } from '../../../support/maximo/simulated-client.ts'

export const WO = 'MXAPIWODETAIL'

/** A simulator that is written to, and both halves of connections to it. */
export class WrittenPlant {
  #simulator: Simulator | null = null
  #egress: Egress | null = null

  get simulator(): Simulator {
    if (this.#simulator === null) throw new Error('not started')
    return this.#simulator
  }

  get egress(): Egress {
    if (this.#egress === null) throw new Error('not started')
    return this.#egress
  }

  async start(): Promise<void> {
    this.#simulator = await startSimulator({ port: 0, clock: systemClock })
    this.#egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
  }

  async stop(): Promise<void> {
    await this.egress.close()
    await this.simulator.close()
  }

  as(account: string): { readonly client: MaximoClient; readonly writer: MaximoWriter } {
    return maximoOf(this.simulator, this.egress, account)
  }

  /** A work order as this account reads it. */
  async read(id: string, fields: readonly string[], children = {}): Promise<MaximoRecord> {
    const ref = { objectStructure: WO, id }
    const found = await this.as('planner@example.com').client.findRecord(
      ref,
      { fields, children },
      writeCall(),
    )
    if (!found.ok || found.value === null) throw new Error(`no work order ${id}`)
    return found.value.record
  }

  /** A new work order in WAPPR. */
  async workOrder(
    more: Partial<CreateRequest> = {},
  ): Promise<{ readonly id: string; readonly rowstamp: string }> {
    const values = { siteid: 'BEDFORD', description: 'Leak', location: 'BR230', ...more.values }
    const { writer } = this.as('planner@example.com')
    const made = await writer.create({ objectStructure: WO, ...more, values }, writeCall())
    const { id, record } = done<RecordDone>(made)
    if (id === null || typeof record?.rowstamp !== 'string') throw new Error('not read back')
    return { id, rowstamp: record.rowstamp }
  }
}

export const writtenPlant = (): WrittenPlant => {
  const plant = new WrittenPlant()
  beforeAll(() => plant.start())
  afterAll(() => plant.stop())
  return plant
}

export const writeCall = (more: Partial<WriteCall> = {}): WriteCall => ({
  signal: new AbortController().signal,
  correlationId: 'test-1',
  ...more,
})

/** The success of a write; fails the test with what it was instead. */
export const done = <D extends Done>(outcome: Outcome<D>): D => {
  if (outcome.kind === 'done') return outcome
  throw new Error(JSON.stringify(outcome))
}
