import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../src/dev/simulator/contract.ts'
import { startSimulator } from '../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Egress } from '../../src/maximo/egress/egress.ts'
import { openEgress } from '../../src/maximo/egress/egress.ts'
import type { Query } from '../../src/maximo/query/query.ts'
import { insertWorkOrder } from '../support/insert-work-order.ts'
import { clientOf } from '../support/simulated-client.ts'
import { figure, heapInUse, timed } from '../support/soak.ts'

/** One insertion per so many pages: each is a whole save in the simulator. */
const PAGES_PER_INSERT = 3
const PAGE_SIZE = 200

let simulator: Simulator
let egress: Egress

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, clock: systemClock, size: 'large' })
  egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
})
afterAll(async () => {
  await egress.close()
  await simulator.close()
})

const query: Query = {
  objectStructure: 'mxapiwodetail',
  select: { fields: ['wonum', 'siteid', 'status', 'description'] },
  pageSize: PAGE_SIZE,
  count: true,
}

describe('50,000 work orders, while others are inserted', () => {
  test('by keyset: each record that was there exactly once, memory flat', async () => {
    const maximo = clientOf(simulator, egress, 'planner@example.com')
    const call = { signal: new AbortController().signal, correlationId: 'soak' }
    const before = simulator.plant.rows('WORKORDER').map((row) => Number(row['workorderid']))
    const missing = new Set(before)
    expect(missing.size).toBeGreaterThanOrEqual(50_000)
    const inserted = new Set<number>()
    let [last, twice, pages, heapAfterWarmUp, mostHeap] = [0, 0, 0, 0, 0]
    const { ms } = await timed(async () => {
      for await (const page of maximo.pages({ ...query, paging: 'keyset' }, call)) {
        if (!page.ok) throw new Error(JSON.stringify(page.error))
        pages += 1
        for (const { values } of page.value.records) {
          const number = Number(values['workorderid'])
          if (number <= last) twice += 1
          last = number
          if (!inserted.delete(number)) missing.delete(number)
        }
        if (pages % PAGES_PER_INSERT === 0 && page.value.next !== null)
          inserted.add(await insertWorkOrder(simulator, `Inserted behind page ${pages}`))
        if (pages === 25) heapAfterWarmUp = heapInUse()
        if (pages > 25 && pages % 25 === 0) mostHeap = Math.max(mostHeap, heapInUse())
      }
    })
    expect(twice).toBe(0)
    expect(missing.size).toBe(0)
    // All were numbered higher than the place at which they came in, so all came along.
    expect(inserted.size).toBe(0)
    figure('keyset walk: records', before.length, 'rows')
    figure('keyset walk: pages', pages, `of ${PAGE_SIZE}`)
    figure('keyset walk: a page', ms / pages, 'ms')
    figure('keyset walk: heap growth after page 25', (mostHeap - heapAfterWarmUp) / 2 ** 20, 'MiB')
    // What stays is the plant's: the rows that were inserted, not the pages that were read.
    expect(mostHeap - heapAfterWarmUp).toBeLessThan(24 * 2 ** 20)
  })

  test('by number: as many as the total says when nothing is inserted', async () => {
    const maximo = clientOf(simulator, egress, 'planner@example.com')
    const call = { signal: new AbortController().signal, correlationId: 'soak' }
    const seen = new Set<string>()
    let total: number | null = null
    const { ms } = await timed(async () => {
      for await (const page of maximo.pages({ ...query, pageSize: 1000 }, call)) {
        if (!page.ok) throw new Error(JSON.stringify(page.error))
        total ??= page.value.total
        for (const { values } of page.value.records)
          seen.add(`${String(values['siteid'])}/${String(values['wonum'])}`)
      }
    })
    expect(seen.size).toBe(total)
    figure('walk by number: all pages', ms, 'ms')
  })
})
