import { describe, expect, test } from 'vitest'
import { SortedIndex } from '../../../src/dev/simulator/plant/sorted-index.ts'
import { Table } from '../../../src/dev/simulator/plant/table.ts'
import { firstInOrder } from '../../../src/dev/simulator/query/first-in-order.ts'
import { narrowest } from '../../../src/dev/simulator/query/narrowest.ts'
import { DEFAULT_RULES } from '../../../src/dev/simulator/rules.ts'
import { mboNamed } from '../../../src/dev/simulator/schema/catalog.ts'
import { parseWhere } from '../../../src/dev/simulator/where/parse-where.ts'
import { bindWhere } from '../../../src/dev/simulator/where/predicate.ts'
import { HandClock, runningPlant } from './running-plant.ts'

const plant = runningPlant()

describe('an index narrows a question and changes no answer', () => {
  test.each([
    ['siteid="BEDFORD" and status in ["WAPPR","APPR"]', true],
    ['status="appr" and wopriority=1', true],
    ['assetnum="11430"', true],
    ['reportdate>="2026-11-01T00:00:00-05:00" and reportdate<"2026-11-10T00:00:00-05:00"', true],
    ['workorderid=1005', true],
    ['status="%APPR"', false],
    ['status!="CLOSE"', false],
    ['asset.assetnum="11430"', false],
    ['assetnum!="*"', false],
    ['istask=0', false],
  ])('%s', (where, isNarrowed) => {
    const mbo = mboNamed('WORKORDER')
    const scope = { plant: plant.simulator.plant, rules: DEFAULT_RULES, zone: 'UTC', clock: new HandClock() }
    const terms = parseWhere(where, false)
    const test = bindWhere({ terms, anyOf: false }, mbo, scope)
    const all = scope.plant.rows('WORKORDER')
    const some = narrowest(scope.plant, mbo, { terms, dates: scope })
    expect(new Set(some.filter(test))).toEqual(new Set(all.filter(test)))
    expect(some.length < all.length).toBe(isNarrowed)
  })

  test('with opmodeor every row is looked at', async () => {
    const query = { 'oslc.where': 'assetnum="11430" and wopriority=1', opmodeor: '1', count: '1' }
    const wanted = plant.oracle.count(
      'WORKORDER',
      (row) => row['assetnum'] === '11430' || row['wopriority'] === 1,
    )
    expect((await plant.ask('os/mxapiwodetail', query)).json.totalCount).toBe(wanted)
  })

  test('after writes as before: by value, by range, and where a value was taken away', () => {
    const rows = [3, 1, 2, 2, 5].map((n, index) => ({ id: index, n }))
    const table = new Table([...rows])
    const found = (): unknown[] => [...table.range('n', { from: 2, to: 3 })].map((row) => row['id'])
    expect([found(), table.find('n', 2).length]).toEqual([[2, 3, 0], 2])
    const [first, second, third] = rows
    if (first === undefined || second === undefined || third === undefined) throw new Error('no rows')
    table.replace(third, { ...third, n: 9 })
    table.remove(first)
    table.insert({ id: 7, n: 3 })
    table.replace(second, { id: 1, n: 2 })
    expect([found(), table.find('n', 2).map((row) => row['id'])]).toEqual([
      [3, 1, 7],
      [3, 1],
    ])
    expect(table.find('n', 9)).toHaveLength(1)
    expect(() => table.remove(first)).toThrow('not stored')
  })

  test('a range with one open end, and rows without a value', () => {
    const index = new SortedIndex('n', [{ n: 2 }, {}, { n: 1 }])
    expect([index.range(undefined, 1), index.range(2, undefined)]).toEqual([[{ n: 1 }], [{ n: 2 }]])
    expect(index.range(undefined, undefined)).toHaveLength(2)
  })
})

describe('the first rows of an order', () => {
  const rows = Array.from({ length: 400 }, (_, index) => ({ index, rank: (index * 7919) % 13 }))
  const compare = (a: { rank: number }, b: { rank: number }): number => a.rank - b.rank
  test.each([0, 1, 10, 50, 399, 400, 1000])('%d of them are those of a whole, stable sort', (count) => {
    expect(firstInOrder(rows, compare, count)).toEqual(rows.toSorted(compare).slice(0, count))
  })
})
