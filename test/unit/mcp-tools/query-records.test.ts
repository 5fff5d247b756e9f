import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor()
})
afterAll(() => plant.close())
const query = (args: object, as?: string) => plant.ask('query_records', args, as)
const ASSETS = { object: 'mxapiasset', site: 'BEDFORD' }

describe('query_records', () => {
  test('says where the rows are from, when, how many, and whether that is all', async () => {
    const { body } = await query({ ...ASSETS, limit: 3, count: true })
    const rows = plant.simulator.plant.rows('ASSET').filter((row) => row['siteid'] === 'BEDFORD')
    expect(body).toMatchObject({
      env: new URL(plant.simulator.baseUrl).host,
      env_id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      as_of: '2026-11-22T00:00:00Z',
      site: 'BEDFORD',
      returned: 3,
      total: rows.length,
      complete: false,
      cursor: expect.any(String),
      untrusted: ['description'],
    })
    expect(body['cols']).toEqual(expect.arrayContaining(['siteid', 'assetnum', 'description', 'status']))
  })

  test('a total that nobody asked for is null, unless all rows are there', async () => {
    expect((await query({ ...ASSETS, limit: 3 })).body['total']).toBeNull()
    const whole = await query({ ...ASSETS, limit: 200 })
    expect(whole.body).toMatchObject({ complete: true, total: whole.body['returned'], cursor: null })
  })

  test('filters, sorts and selects by Maximo, relations included', async () => {
    const { body } = await query({
      ...ASSETS,
      filters: [
        { field: 'status', op: 'in', value: ['OPERATING', 'ACTIVE'] },
        { field: 'totalcost', op: 'gt', value: 10_000 },
      ],
      select: ['ASSETNUM', 'totalcost', 'location.description'],
      order_by: ['-totalcost'],
      limit: 5,
    })
    expect(body['cols']).toEqual(['assetnum', 'totalcost', 'location.description'])
    const costs = (body['rows'] as [string, number, string][]).map((row) => row[1])
    expect(costs).toEqual([...costs].sort((a, b) => b - a))
    expect(Math.min(...costs)).toBeGreaterThan(10_000)
    expect(body['untrusted']).toEqual(['location.description'])
  })

  test('match any: one filter is enough', async () => {
    const filters = [
      { field: 'assetnum', op: 'eq', value: '11430' },
      { field: 'assetnum', op: 'eq', value: '11300' },
      { field: 'location', op: 'eq', value: 'BPM3100' },
    ]
    const { body } = await query({
      ...ASSETS,
      filters,
      match: 'any',
      select: ['assetnum', 'location'],
      limit: 50,
    })
    const meant = plant.simulator.plant
      .rows('ASSET')
      .filter(
        (row) =>
          row['siteid'] === 'BEDFORD' &&
          (['11430', '11300'].includes(String(row['assetnum'])) || row['location'] === 'BPM3100'),
      )
    expect(body['returned']).toBe(meant.length)
  })

  test('without a site: the default site where there are sites, and it says so', async () => {
    const mine = await query({ object: 'mxapiasset', limit: 200 })
    expect(mine.body).toMatchObject({
      site: 'BEDFORD',
      notes: [expect.stringContaining('Only your default site')],
    })
    const everywhere = await query({ object: 'mxapiasset', site: '*', limit: 200 })
    expect(Number(everywhere.body['returned'])).toBeGreaterThan(Number(mine.body['returned']))
    const named = await query({
      object: 'mxapiasset',
      filters: [{ field: 'siteid', op: 'eq', value: 'NASHUA' }],
      limit: 200,
    })
    expect(Number(named.body['returned'])).toBeGreaterThan(0)
    const persons = await query({ object: 'mxapiperson', limit: 200 })
    expect(persons.body['returned']).toBe(plant.simulator.plant.rows('PERSON').length)
  })

  test('as objects, without what is empty', async () => {
    const { body } = await query({
      ...ASSETS,
      format: 'json',
      limit: 1,
      select: ['assetnum', 'vendor', 'itemnum'],
    })
    expect(body['cols']).toBeUndefined()
    expect(body['rows']).toEqual([{ assetnum: '11200', vendor: 'TRANE' }])
  })

  test('as CSV, after one line of JSON', async () => {
    const { text } = await query({ ...ASSETS, format: 'csv', limit: 2, select: ['assetnum', 'description'] })
    const lines = text.split('\n')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ returned: 2 })
    expect(lines.slice(1, 3)).toEqual([
      'assetnum,description',
      '11200,HVAC System- 50 Ton Cool Cap/ 450000 Btu Heat Cap',
    ])
  })

  test('rows are cut to the budget, it is said, and the cursor goes on with the very next row', async () => {
    const asked = {
      ...ASSETS,
      select: ['assetnum', 'description', 'changedate', 'statusdate', 'manufacturer'],
      limit: 50,
    }
    const whole = await query({ ...asked, max_tokens: 20_000 })
    const seen: unknown[] = []
    let cursor: unknown
    let cuts = 0
    do {
      const { body, text } = await query({
        ...asked,
        max_tokens: 500,
        ...(typeof cursor === 'string' && { cursor }),
      })
      expect(text.length).toBeLessThan(500 * 3 + 900)
      seen.push(...(body['rows'] as unknown[]))
      cursor = body['cursor']
      if (text.includes('Cut to fit max_tokens=500')) cuts += 1
    } while (cursor !== null)
    expect(seen).toEqual(whole.body['rows'])
    expect(cuts).toBeGreaterThan(1)
  })

  test('one row that is larger than the budget says how to ask for less', async () => {
    const select = [...Array(45).keys()].map((index) => `field${index}`)
    const { text } = await query({ object: 'mxapiasset', select })
    expect(text).toMatch(/^invalid_field: /)
    const wide = [
      'assetnum',
      'description',
      'description_longdescription',
      'status',
      'location',
      'parent',
      'vendor',
      'manufacturer',
      'serialnum',
      'installdate',
      'purchaseprice',
      'replacecost',
      'totalcost',
      'budgetcost',
      'ytdcost',
      'changeby',
      'changedate',
      'statusdate',
      'glaccount',
      'failurecode',
      'assettype',
      'itemsetid',
      'orgid',
      'siteid',
    ]
    const cut = await query({
      ...ASSETS,
      select: [
        ...wide,
        'location.description',
        'location.status',
        'location.type',
        'location.glaccount',
        'location.failurecode',
        'location.statusdate',
        'location.changedate',
        'location.changeby',
        'location.orgid',
        'location.siteid',
        'location.location',
      ],
      format: 'json',
      max_tokens: 500,
    })
    expect(cut.text).toMatch(/^too_large: Not even one row/)
  })
})

describe('query_records says what is wrong, and what was meant', () => {
  test.each<[object, RegExp]>([
    [{ object: 'mxapiaset' }, /^unknown_object: .*"mxapiaset".*Did you mean "mxapiasset"/],
    [{ object: 'asset' }, /^unknown_object: .*Did you mean .*"mxapiasset"/],
    [{ object: '../../etc' }, /^unknown_object: /],
    [
      { ...ASSETS, filters: [{ field: 'statu', op: 'eq', value: 'X' }] },
      /^invalid_field: .*Did you mean "status"/,
    ],
    [
      { ...ASSETS, filters: [{ field: 'assetnum', op: 'equals', value: 'X' }] },
      /^invalid_query: .*Did you mean "eq"/,
    ],
    [{ ...ASSETS, filters: [{ field: 'totalcost', op: 'gt', value: 'much' }] }, /^invalid_value: /],
    [
      { ...ASSETS, filters: [{ field: 'assetnum', op: 'eq', value: { a: 1 } }] },
      /^invalid_input: .*filters\.0\.value/,
    ],
    [
      { ...ASSETS, filters: [{ field: 'assetnum', operator: 'eq' }] },
      /^invalid_input: .*no argument "operator" in filters\.0/,
    ],
    [{ ...ASSETS, filters: [{ field: 'assetnum" or 1=1', op: 'eq', value: 'X' }] }, /^invalid_field: /],
    [{ ...ASSETS, select: ['assetnum', 'colour'] }, /^invalid_field: /],
    [{ ...ASSETS, order_by: ['-nothing'] }, /^invalid_field: /],
    [{ ...ASSETS, limt: 5 }, /^invalid_input: .*no argument "limt".*Did you mean "limit"/],
    [{ object: 'mxapiasset', site: 'BEDFROD' }, /^invalid_value: .*Did you mean "BEDFORD"/],
  ])('%j', async (args, expected) => {
    const { text, isError } = await query(args)
    expect([isError, text]).toEqual([true, expect.stringMatching(expected)])
    expect(text).toMatch(/\nWhat to do: .+\nError id: [A-Za-z0-9_-]{16}$/)
  })

  test('what the Maximo user may not read is said to be his right, not a bad name', async () => {
    const { text, isError } = await query({ object: 'mxapidomain' }, 'technician@example.com')
    if (isError) expect(text).toMatch(/^(not_permitted|unknown_object): /)
  })
})

describe('aggregate_records', () => {
  const aggregate = (args: object) => plant.ask('aggregate_records', args)

  test('counts over all rows, not over a page', async () => {
    const { body } = await aggregate({ object: 'mxapiwodetail', site: '*', group_by: ['siteid', 'status'] })
    const orders = plant.simulator.plant.rows('WORKORDER')
    const [, , count = 0] =
      (body['rows'] as [string, string, number][]).find((row) => row[0] === 'NASHUA' && row[1] === 'COMP') ??
      []
    expect(count).toBe(orders.filter((row) => row['siteid'] === 'NASHUA' && row['status'] === 'COMP').length)
    expect(body).toMatchObject({ complete: true, cols: ['siteid', 'status', 'count'] })
  })

  test('without groups: one row over everything', async () => {
    const { body } = await aggregate({
      object: 'mxapiasset',
      site: '*',
      metrics: ['count', 'sum:totalcost', 'max:totalcost'],
    })
    const costs = plant.simulator.plant.rows('ASSET').map((row) => Number(row['totalcost'] ?? 0))
    expect(body['rows']).toEqual([
      [costs.length, costs.reduce((sum, cost) => sum + cost, 0), Math.max(...costs)],
    ])
  })

  test('more groups than asked for are said to be missing', async () => {
    const { body } = await aggregate({ object: 'mxapiasset', site: '*', group_by: ['assetnum'], limit: 3 })
    expect(body).toMatchObject({ returned: 3, total: null, complete: false })
  })

  test.each<[object, RegExp]>([
    [{ object: 'mxapiasset', metrics: ['median:totalcost'] }, /^invalid_input: .*must be count, sum:field/],
    [{ object: 'mxapiasset', metrics: ['sum:description'] }, /^invalid_value: /],
    [{ object: 'mxapiasset', group_by: ['statsu'] }, /^invalid_field: .*Did you mean "status/],
    [{ object: 'mxapiasset', site: 'NOWHERE' }, /^invalid_value: There is no site "NOWHERE"/],
  ])('%j', async (args, expected) => {
    expect(await aggregate(args)).toMatchObject({ isError: true, text: expect.stringMatching(expected) })
  })
})
