import { describe, expect, test } from 'vitest'
import { parseSelect } from '../../../src/dev/simulator/select/parse-select.ts'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { rowsIn, runningPlant, type Shown } from './running-plant.ts'

const plant = runningPlant()
const order = async (row: Row, select: string, more: Record<string, string> = {}): Promise<Shown> => {
  const where = `wonum="${String(row['wonum'])}" and siteid="BEDFORD"`
  const parameters = {
    'oslc.where': where,
    'oslc.select': select,
    ignorecollectionref: '1',
    relativeuri: '1',
    ...more,
  }
  const answered = await plant.ask('os/mxapiwodetail', parameters)
  expect(answered.status, answered.text).toBe(200)
  return answered.json.member[0] ?? NONE
}
const NONE: Shown = { href: '', localref: '' }
const LARGE_JOB: Row = { wonum: '1022' }
const someOrder = (test: (row: Row) => boolean): Row => {
  const [row] = plant.oracle.workOrders((one) => one['siteid'] === 'BEDFORD' && test(one))
  if (row === undefined) throw new Error('the plant has no such order')
  return row
}

describe('a select', () => {
  test('shows attributes, the row stamp and descriptions of domain values; unknown names are ignored', async () => {
    const row = someOrder((one) => one['status'] === 'WPCOND')
    expect(await order(row, 'wonum,status,computedWorkType,nosuch{a},nosuch.a')).toEqual({
      href: expect.stringMatching(/^oslc\/os\/mxapiwodetail\/_/),
      _rowstamp: row['_rowstamp'],
      wonum: row['wonum'],
      status: 'WPCOND',
      status_description: 'Waiting on plant conditions',
    })
  })

  test('shows internal values when asked', async () => {
    const row = someOrder((one) => one['status'] === 'APPR S1')
    expect(await order(row, 'status', { internalvalues: '1' })).toMatchObject({
      status: 'APPR S1',
      status_maxvalue: 'APPR',
    })
  })

  test('leaves nulls out, unless they are asked for', async () => {
    const row = someOrder((one) => one['lead'] === undefined)
    expect(await order(row, 'wonum,lead')).not.toHaveProperty('lead')
    expect(await order(row, 'wonum,lead', { _dropnulls: '0' })).toHaveProperty('lead', null)
  })

  test('nests a related record, and is {} where there is none', async () => {
    const on = someOrder((one) => one['location'] !== undefined)
    const place = plant.oracle.rows(
      'LOCATIONS',
      (row) => row['location'] === on['location'] && row['siteid'] === 'BEDFORD',
    )[0]
    expect((await order(on, 'location.description,location.location'))['location']).toEqual({
      description: place?.['description'],
      location: on['location'],
    })
    const nowhere = someOrder((one) => one['location'] === undefined)
    expect(await order(nowhere, 'location.description,asset.description--assetdesc')).toMatchObject({
      location: {},
    })
    expect(await order(nowhere, 'asset.description--assetdesc')).not.toHaveProperty('assetdesc')
    expect((await order(nowhere, 'asset.location.description'))['asset']).toEqual({})
  })

  test('moves an attribute aside when a nested record has its name, in either order', async () => {
    const on = someOrder((one) => one['location'] !== undefined)
    for (const select of ['location,location.description', 'location.description,location']) {
      expect(await order(on, select)).toMatchObject({
        location: { description: expect.any(String) },
        $alias_this_attr$location: on['location'],
      })
    }
    expect(await order(on, 'location--place,location.description')).toMatchObject({
      place: on['location'],
    })
    expect(await order(on, 'location')).toMatchObject({ location: on['location'] })
  })

  test('shows children as arrays with a localref and a child key', async () => {
    const shown = await order(LARGE_JOB, 'woactivity{taskid,description,status}')
    const woactivity = rowsIn(shown['woactivity'])
    expect(woactivity).toHaveLength(9)
    expect(woactivity[0]).toMatchObject({
      _rowstamp: expect.stringMatching(/^\d+$/),
      localref: expect.stringMatching(/\/_QkVERk9SRC8xMDIy\/woactivity\/0-\d+$/),
      href: expect.stringMatching(/^http:\/\/childkey#/),
      status_description: expect.any(String),
    })
    const key = Buffer.from(woactivity[0]?.href.split('#')[1] ?? '', 'base64').toString()
    expect(key).toMatch(/^WORKORDER\/WOACTIVITY\/BEDFORD\/T\d+$/)
  })

  test('names the path of a child by its relation, not by its JSON name', async () => {
    const row = someOrder(
      (one) =>
        plant.oracle.count(
          'WPLABOR',
          (line) => line['wonum'] === one['wonum'] && line['siteid'] === 'BEDFORD',
        ) > 0,
    )
    const { wplabor } = await order(row, 'wplabor{*}')
    expect(rowsIn(wplabor)[0]?.localref).toContain('/showplanlabor/0-')
    const full = await order(row, 'wonum', { ignorecollectionref: '0' })
    expect(full['wplabor_collectionref']).toMatch(/\/showplanlabor$/)
  })

  test('counts and adds up related rows', async () => {
    const row = someOrder((one) => Number(one['actlabhrs']) > 0)
    const lines = plant.oracle.rows(
      'LABTRANS',
      (line) => line['refwo'] === row['wonum'] && line['siteid'] === 'BEDFORD',
    )
    const shown = await order(
      row,
      'labtrans._dbcount,labtrans.regularhrs._dbsum,rel.labtrans._dbcount--entries',
    )
    expect(shown).toMatchObject({
      labtrans: { _dbcount: lines.length, regularhrs: { _dbsum: row['actlabhrs'] } },
      entries: lines.length,
    })
  })

  test('shows any relationship as an array under rel', async () => {
    const row = someOrder((one) => one['status'] !== 'WAPPR')
    expect((await order(row, 'rel.wostatus{status,changedate}'))['wostatus']).toHaveLength(2)
  })

  test('shows the legal next states, with the synonyms of the record’s own site', async () => {
    const row = someOrder((one) => one['status'] === 'WAPPR')
    const { allowedstates, allowedactions } = await order(row, 'allowedstates,allowedactions')
    const states = new Map(Object.entries(allowedstates ?? {}))
    expect([...states.keys()]).toEqual(['APPR', 'WSCH', 'WMATL', 'INPRG', 'COMP', 'CLOSE', 'CAN'])
    expect(
      rowsIn(states.get('APPR'))
        .map((state) => state['value'])
        .toSorted(),
    ).toEqual(['APPR', 'APPR S1', 'WPCOND'])
    expect(allowedactions).toHaveProperty('changeStatus', { httpmethod: 'POST', type: 'wsmethod' })
    const closed = someOrder((one) => one['status'] === 'CLOSE')
    expect((await order(closed, 'allowedstates'))['allowedstates']).toEqual({})
  })

  test('of everything shows children too, and attachments as a link', async () => {
    const row = await order(LARGE_JOB, '*')
    expect(row).toMatchObject({
      wonum: '1022',
      woactivity: expect.any(Array),
      doclinks: { href: expect.stringMatching(/\/doclinks$/) },
    })
  })

  test('writes dates in the reader’s zone and readings as texts', async () => {
    const { json } = await plant.ask('os/mxapiassetmeter', {
      'oslc.select': 'lastreading,lastreadingdate,metername',
      'oslc.where': 'metername="GUARD RAIL"',
    })
    expect(json.member[0]).toMatchObject({
      lastreading: '1/16',
      lastreadingdate: expect.stringMatching(/^2026-1[01]-\d\dT\d\d:\d\d:\d\d-0[45]:00$/),
    })
    const limited = await plant.ask(
      'os/mxapiasset',
      { 'oslc.select': 'statusdate,installdate', 'oslc.pageSize': '1' },
      { as: 'LIMITED' },
    )
    expect(limited.json.member[0]?.['statusdate']).toMatch(/\+05:30$/)
    expect(limited.json.member[0]?.['installdate']).toMatch(/^\d{4}-\d\d-\d\d$/)
  })
})

describe('child filters', () => {
  test('narrow, sort and cut the children, never the parents', async () => {
    const shown = await order(LARGE_JOB, 'woactivity{taskid}', {
      'workorder.woactivity.where': 'taskid>20',
      'workorder.woactivity.orderBy': '-taskid',
      'workorder.woactivity.limit': '3',
    })
    expect(rowsIn(shown['woactivity']).map((task) => task['taskid'])).toEqual([90, 80, 70])
  })
})

describe('the grammar of select', () => {
  test('reads nesting and aliases', () => {
    expect(parseSelect('a,b{c,d{*}},e.f--Alias, g')).toMatchObject([
      { path: ['a'] },
      { path: ['b'], inner: [{ path: ['c'] }, { path: ['d'], inner: [{ path: ['*'] }] }] },
      { path: ['e', 'f'], alias: 'Alias' },
      { path: ['g'] },
    ])
  })
  test.each(['a,', ',a', 'a{b', 'a}b', 'a{}', 'a b', 'a--', 'a..b', '"a"'])('%j is refused', (text) => {
    expect(() => parseSelect(text)).toThrow('BMXAA8744E')
  })
})
