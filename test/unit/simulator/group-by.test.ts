import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { groupsIn, runningPlant, type Shown } from './running-plant.ts'

const plant = runningPlant()
const WO = 'os/mxapiwodetail'
const group = async (parameters: Record<string, string>): Promise<readonly Shown[]> =>
  groupsIn((await plant.ask(WO, parameters)).json)

describe('gbcols', () => {
  test('counts by one attribute exactly what the plant holds', async () => {
    const groups = await group({ gbcols: 'status,count.*', 'oslc.where': 'istask=0' })
    const counted = new Map(groups.map((one) => [one['status'], one['count']]))
    expect(counted).toEqual(plant.oracle.groups('WORKORDER', 'status', (row) => row['istask'] === false))
  })

  test('groups null without a value, and its rows can be asked for', async () => {
    const groups = await group({ gbcols: 'wopriority,count.*' })
    const none = groups.find((one) => !('wopriority' in one))
    expect(none?.['count']).toBe(plant.oracle.count('WORKORDER', (row) => row['wopriority'] === undefined))
    const where = new URL(String(none?.['collectionref'])).searchParams.get('oslc.where') ?? ''
    expect((await plant.ask(WO, { count: '1', 'oslc.where': where })).json.totalCount).toBe(none?.['count'])
  })

  test('adds up, averages and finds extremes', async () => {
    const [bedford] = await group({
      gbcols: 'siteid,count.*,sum.estlabhrs,avg.estdur,max.wopriority,min.reportdate',
      gbsortby: '+siteid',
    })
    const rows = plant.oracle.rows('WORKORDER', (row) => row['siteid'] === 'BEDFORD')
    expect(bedford).toMatchObject({
      siteid: 'BEDFORD',
      count: rows.length,
      sum_estlabhrs: plant.oracle.sum('WORKORDER', 'estlabhrs', (row) => row['siteid'] === 'BEDFORD'),
      max_wopriority: 5,
    })
    const average = rows.reduce((sum, row) => sum + Number(row['estdur']), 0) / rows.length
    expect(bedford?.['avg_estdur']).toBeCloseTo(average, 9)
  })

  test('counts only rows of the caller’s sites', async () => {
    const { json } = await plant.ask(WO, { gbcols: 'siteid,count.*' }, { as: 'SAM' })
    expect(json).toMatchObject([{ siteid: 'BEDFORD', count: plant.oracleOf('BEDFORD').count('WORKORDER') }])
  })

  test('keeps the caller’s own clause in the reference to the rows', async () => {
    const [first] = await group({ gbcols: 'siteid,status,count.*', 'oslc.where': 'istask=0' })
    expect(first?.['collectionref']).toContain('/os/mxapiwodetail?&oslc.where=istask%3D0+and+siteid%3D')
  })
})

describe('gbfilter, gbsortby and gbrange', () => {
  test('filter groups as SQL does', async () => {
    expect(await group({ gbcols: 'siteid,count.*', gbfilter: "siteid='NASHUA'" })).toHaveLength(1)
    const large = await group({ gbcols: 'status,count.*', gbfilter: "count(*)>=60 and status!='WAPPR'" })
    expect(large.length).toBeGreaterThan(0)
    expect(large.every((one) => Number(one['count']) >= 60 && one['status'] !== 'WAPPR')).toBe(true)
  })
  test('sort by a column or a figure, signed', async () => {
    const counts = (await group({ gbcols: 'status,count.*', gbsortby: '-count' })).map((one) => one['count'])
    expect(counts).toEqual(counts.toSorted((a, b) => Number(b) - Number(a)))
    const names = (await group({ gbcols: 'status,count.*', gbsortby: '+status' })).map((one) => one['status'])
    expect(names).toEqual(names.toSorted())
  })
  test('collect values into ranges', async () => {
    const within = (from: number, to: number) => (row: Row) =>
      Number(row['wopriority']) >= from && Number(row['wopriority']) < to
    const groups = await group({
      gbcols: 'wopriority,count.*',
      gbrange: 'wopriority={[1..3),[4..5]}',
      gbsortby: '+wopriority',
    })
    expect(groups.slice(0, 3)).toMatchObject([
      { wopriority: [1, 3], count: plant.oracle.count('WORKORDER', within(1, 3)) },
      { wopriority: 3, count: plant.oracle.count('WORKORDER', within(3, 4)) },
      { wopriority: [4, 5], count: plant.oracle.count('WORKORDER', within(4, 6)) },
    ])
    const waiting = (await group({ gbcols: 'status,count.*', gbrange: 'status={[APPR:WAPPR]}' })).find(
      (one) => Array.isArray(one['status']),
    )
    expect(waiting).toMatchObject({
      status: ['APPR', 'WAPPR'],
      count: plant.oracle.count('WORKORDER', (row) => row['status'] === 'APPR' || row['status'] === 'WAPPR'),
    })
  })
})

describe('a grouping is refused', () => {
  test.each([
    ['without an attribute', { gbcols: 'count.*' }],
    ['by an unknown attribute', { gbcols: 'nosuch,count.*' }],
    ['by a related attribute', { gbcols: 'asset.assetnum,count.*' }],
    ['with an unknown function', { gbcols: 'status,median.estdur' }],
    ['with a sum of texts', { gbcols: 'status,sum.description' }],
    ['with a filter in double quotes', { gbcols: 'siteid,count.*', gbfilter: 'siteid="NASHUA"' }],
    ['with a filter on another column', { gbcols: 'siteid,count.*', gbfilter: "status='APPR'" }],
    ['with SQL in the filter', { gbcols: 'siteid,count.*', gbfilter: "siteid='X' or 1=1" }],
    ['with an unsigned order', { gbcols: 'siteid,count.*', gbsortby: 'siteid' }],
    ['with a range that cannot be read', { gbcols: 'wopriority,count.*', gbrange: 'wopriority=1..3' }],
  ])('%s', async (_name, parameters) => {
    const { status, json } = await plant.ask(WO, parameters)
    expect([status, json.Error.statusCode]).toEqual([400, '400'])
  })
})
