import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Database } from '../../../src/dev/simulator/plant/database.ts'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { SortedIndex } from '../../../src/dev/simulator/plant/sorted-index.ts'
import { Table } from '../../../src/dev/simulator/plant/table.ts'
import { narrowest } from '../../../src/dev/simulator/query/narrowest.ts'
import { sliceInOrder } from '../../../src/dev/simulator/query/slice-in-order.ts'
import { DEFAULT_RULES } from '../../../src/dev/simulator/rules.ts'
import { mboNamed } from '../../../src/dev/simulator/schema/catalog.ts'
import { positionsOf, rowTest } from '../../../src/dev/simulator/where/condition.ts'
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
    const condition = bindWhere({ terms, anyOf: false }, mbo, scope)
    const all = scope.plant.rows('WORKORDER')
    const some = narrowest(scope.plant, mbo, { terms, dates: scope })
    const found = positionsOf([condition], some).map((position) => some.rows[position])
    expect(found.length).toBeGreaterThan(0)
    expect(new Set(found)).toEqual(new Set(all.filter(rowTest(condition))))
    expect(some.rows.length < all.length).toBe(isNarrowed)
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
    expect(table.column('n')).toEqual([3, 1, 2, 2, 5])
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
    expect(table.column('n')).toEqual(table.rows.map((row) => row['n']))
    expect(table.column('n')).toEqual([5, 2, 9, 2, 3])
    expect(() => table.remove(first)).toThrow('not stored')
  })

  test('a range with one open end, and rows without a value', () => {
    const index = new SortedIndex('n', [{ n: 2 }, {}, { n: 1 }])
    expect([index.range(undefined, 1), index.range(2, undefined)]).toEqual([[{ n: 1 }], [{ n: 2 }]])
    expect(index.range(undefined, undefined)).toHaveLength(2)
  })
})

describe('a condition put to the columns of a large table finds what it finds row by row', () => {
  const STATUSES = ['BROKEN', 'OPERATING', undefined]
  const assets = Array.from({ length: 90 }, (_, index) => ({
    assetnum: `A${index % 60}`,
    siteid: index < 60 ? 'BEDFORD' : 'NASHUA',
    status: STATUSES[index % 3],
    priority: index % 4,
    location: index % 5 === 0 ? undefined : `L${index % 7}`,
  }))
  const locations = Array.from({ length: 14 }, (_, index) => ({
    location: `L${index % 7}`,
    siteid: index < 7 ? 'BEDFORD' : 'NASHUA',
    type: index % 2 === 0 ? 'OPERATING' : 'STOREROOM',
  }))
  const orders = Array.from({ length: 2400 }, (_, index) => ({
    wonum: String(index),
    siteid: index % 3 === 0 ? 'NASHUA' : 'BEDFORD',
    assetnum: index % 11 === 0 ? undefined : `A${index % 70}`,
    parent: index % 4 === 0 ? String(index - 1) : undefined,
    istask: index % 8 === 0,
    description: `${index % 2 === 0 ? 'Stop leak at' : 'Mend'} pump ${index % 100}`,
    wopriority: index % 5,
  }))
  const database = new Database(
    new Map<string, Row[]>([
      ['WORKORDER', orders],
      ['ASSET', assets],
      ['LOCATIONS', locations],
    ]),
    { startOfDayMs: 0, rowstamp: 1 },
  )
  const scope = { plant: database, rules: DEFAULT_RULES, zone: 'UTC', clock: new HandClock() }

  test.each([
    ['asset.status="BROKEN"', false],
    ['asset.status!="*"', false],
    ['asset{status="BROKEN" and priority>1} and wopriority<3', false],
    ['asset.location.type="STOREROOM"', false],
    ['woactivity.wopriority>=2', false],
    ['children.wopriority>=2', false],
    ['description="%leak%pump 4%"', false],
    ['asset.priority=3 and wopriority=1', true],
  ])('%s', (where, anyOf) => {
    const condition = bindWhere({ terms: parseWhere(where), anyOf }, mboNamed('WORKORDER'), scope)
    const found = positionsOf([condition], database.source('WORKORDER')).map((position) => orders[position])
    expect(found.length).toBeGreaterThan(0)
    expect(found.length).toBeLessThan(orders.length)
    expect(found).toEqual(orders.filter(rowTest(condition)))
  })
})

/** Positions by what stands there, those of the same as they come. */
const inOrderOf =
  (keys: readonly number[]) =>
  (a: number, b: number): number =>
    keys[a] === keys[b] ? a - b : (keys[a] ?? 0) - (keys[b] ?? 0)

describe('a part of an order', () => {
  const ranks = Array.from({ length: 400 }, (_, index) => (index * 7919) % 13)
  const compare = inOrderOf(ranks)
  const positions = [...ranks.keys()]
  test.each([
    [0, 0],
    [0, 1],
    [0, 50],
    [50, 100],
    [399, 400],
    [350, 1000],
    [400, 450],
    [0, 1000],
  ])('from %d to %d it is that of a whole, stable sort', (start, end) => {
    expect(sliceInOrder(positions, compare, { start, end })).toEqual(
      positions.toSorted(compare).slice(start, end),
    )
  })

  test('every part of every order', () => {
    const order = fc.array(fc.nat(6), { maxLength: 60 })
    fc.assert(
      fc.property(order, fc.nat(60), fc.nat(60), (keys, start, length) => {
        const by = inOrderOf(keys)
        const all = [...keys.keys()]
        const part = { start, end: start + length }
        expect(sliceInOrder(all, by, part)).toEqual(all.toSorted(by).slice(start, start + length))
      }),
    )
  })
})
