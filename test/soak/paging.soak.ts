import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../src/dev/simulator/contract.ts'
import type { Row } from '../../src/dev/simulator/plant/plant.ts'
import { startSimulator } from '../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Egress } from '../../src/maximo/egress/egress.ts'
import { openEgress } from '../../src/maximo/egress/egress.ts'
import type { Query } from '../../src/maximo/query/query.ts'
import { insertWorkOrder } from '../support/maximo/insert-work-order.ts'
import { clientOf } from '../support/maximo/simulated-client.ts'
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
  select: { fields: ['wonum', 'siteid', 'status', 'workorderid'] },
  pageSize: PAGE_SIZE,
  count: true,
}

interface Walked {
  /** Numbers of the records that were there before the walk. */
  readonly before: readonly number[]
  /** Numbers of what came, in order. */
  readonly seen: readonly number[]
  /** Numbers of what was inserted between two pages. */
  readonly inserted: readonly number[]
  readonly total: number | null
}

/** Walks to the end as the client offers it, while others insert work orders, and looks at what stays in memory. */
async function walk(how: string, bend: Partial<Query>): Promise<Walked> {
  const maximo = clientOf(simulator, egress, 'planner@example.com')
  const call = { signal: new AbortController().signal, correlationId: 'soak' }
  const before = simulator.plant.rows('WORKORDER').map((row) => Number(row['workorderid']))
  // One place for all numbers: what the test itself remembers must not look like growth.
  const numbers = new Float64Array(before.length * 2)
  const inserted: number[] = []
  let total: number | null = null
  let [count, pages, heapAfterWarmUp, mostHeap] = [0, 0, 0, 0]
  const { ms } = await timed(async () => {
    for await (const page of maximo.pages({ ...query, ...bend }, call)) {
      if (!page.ok) throw new Error(JSON.stringify(page.error))
      if (pages === 0) total = page.value.total
      pages += 1
      for (const { values } of page.value.records) numbers[count++] = Number(values['workorderid'])
      if (pages % PAGES_PER_INSERT === 0 && page.value.next !== null)
        inserted.push(await insertWorkOrder(simulator, `Inserted behind page ${pages}`))
      if (pages === 25) heapAfterWarmUp = heapInUse()
      if (pages > 25 && pages % 25 === 0) mostHeap = Math.max(mostHeap, heapInUse())
    }
  })
  maximo.close()
  figure(`${how}: records that were there`, before.length, 'rows')
  figure(`${how}: inserted meanwhile`, inserted.length, 'rows')
  figure(`${how}: pages`, pages, `of ${PAGE_SIZE}`)
  figure(`${how}: a page, with its share of the insertions`, ms / pages, 'ms')
  figure(`${how}: heap growth after page 25`, (mostHeap - heapAfterWarmUp) / 2 ** 20, 'MiB')
  // What stays is the plant's: the rows that were inserted, not the pages that were read.
  expect(mostHeap - heapAfterWarmUp).toBeLessThan(24 * 2 ** 20)
  expect(before.length).toBeGreaterThanOrEqual(50_000)
  expect(inserted.length).toBeGreaterThan(50)
  return { before, seen: [...numbers.subarray(0, count)], inserted, total }
}

const ascending = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b)
const twice = (numbers: readonly number[]): number[] =>
  numbers.filter((number, index) => numbers.indexOf(number) !== index)

/** Those without one come first of a descending order. */
const priority = (row: Row): number => Number(row['wopriority'] ?? Infinity)

describe('50,000 work orders, while others are inserted', () => {
  test('by keyset: each record that was there exactly once, and the new ones, which are numbered higher', async () => {
    const { before, seen, inserted, total } = await walk('keyset walk', { paging: 'keyset' })
    expect(seen).toEqual([...ascending(before), ...inserted])
    expect(total).toBe(before.length)
  })

  test('by an answer that Maximo keeps: what the first page found, once each, in its order, and nothing new', async () => {
    const orderBy = [
      { field: 'wopriority', direction: 'desc' },
      { field: 'workorderid', direction: 'desc' },
    ] as const
    const wanted = simulator.plant
      .rows('WORKORDER')
      .toSorted((a, b) =>
        priority(a) === priority(b)
          ? Number(b['workorderid']) - Number(a['workorderid'])
          : priority(b) - priority(a),
      )
      .map((row) => Number(row['workorderid']))
    const { before, seen, inserted, total } = await walk('stable walk', { paging: 'stable', orderBy })
    expect(seen).toEqual(wanted)
    expect(seen.filter((number) => inserted.includes(number))).toEqual([])
    expect(total).toBe(before.length)
  })

  test('by number, where new ones come last: each once, and the new ones', async () => {
    const orderBy = [{ field: 'workorderid', direction: 'asc' }] as const
    const { before, seen, inserted } = await walk('walk by number, new ones last', { orderBy })
    expect(seen).toEqual([...ascending(before), ...inserted])
  })

  test('by number, where new ones come first: none is left out, and each insertion brings one twice', async () => {
    const orderBy = [{ field: 'workorderid', direction: 'desc' }] as const
    const { before, seen, inserted } = await walk('walk by number, new ones first', { orderBy })
    expect([...new Set(seen)]).toEqual(ascending(before).reverse())
    expect(twice(seen)).toHaveLength(inserted.length)
    expect(seen.filter((number) => inserted.includes(number))).toEqual([])
  })
})

test('by number, while nothing is inserted: as many as the total says', async () => {
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
  expect(seen.size).toBeGreaterThan(50_000)
  expect(seen.size).toBe(total)
  figure('walk by number: all pages', ms, 'ms')
})
