import { beforeEach, describe, expect, test } from 'vitest'
import { pathOf, refusalOf, rowsIn, runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant()
const WO = 'os/mxapiwodetail'
let path = ''
const LABOR = [
  { craft: 'MECH', laborhrs: 2 },
  { craft: 'ELEC', laborhrs: 3 },
]

beforeEach(async () => {
  const payload = { siteid: 'BEDFORD', description: 'before', location: 'BR230', wplabor: LABOR }
  path = pathOf((await plant.post(WO, payload)).headers['location'])
})

const read = async (): Promise<Record<string, unknown>> => (await plant.ask(path)).json
const laborOf = async (): Promise<unknown[]> =>
  rowsIn((await read())['wplabor'] ?? []).map((row) => [row['craft'], row['laborhrs']])

describe('a merge-update', () => {
  test('answers 204 without a body, changes what it names and leaves the rest', async () => {
    const answered = await plant.patch(path, { description: 'after' })
    expect([answered.status, answered.text]).toEqual([204, ''])
    expect(await read()).toMatchObject({ description: 'after', location: 'BR230', estlabhrs: 5 })
  })

  test('answers 200 with the record when properties are asked for', async () => {
    const answered = await plant.patch(path, { estdur: 3.5 }, { headers: { properties: 'wonum,estdur' } })
    expect(answered.status).toBe(200)
    expect(answered.json).toMatchObject({ estdur: 3.5, href: expect.stringContaining('/os/mxapiwodetail/_') })
  })

  test('clears with null, but nothing that is required', async () => {
    await plant.patch(path, { location: null })
    expect(await read()).not.toHaveProperty('location')
    expect(refusalOf(await plant.patch(path, { woclass: null }))).toEqual([400, 'BMXAA4195E', '400'])
  })

  test('ignores the key and what is read-only', async () => {
    const { wonum } = await read()
    expect((await plant.patch(path, { wonum: 'OTHER', siteid: 'NASHUA', estlabcost: 1 })).status).toBe(204)
    expect(await read()).toMatchObject({ wonum, siteid: 'BEDFORD' })
  })

  test('adds child rows and keeps the others; a row is met by href, by localref, by its id or by its key', async () => {
    const rows = rowsIn(
      (await plant.ask(path, { 'oslc.select': 'wplabor{wplaborid,craft}' })).json['wplabor'],
    )
    await plant.patch(path, {
      wplabor: [
        { href: rows[0]?.href, laborhrs: 4 },
        { localref: rows[1]?.localref, laborhrs: 5 },
        { craft: 'PIPE', laborhrs: 6 },
      ],
    })
    expect(await laborOf()).toEqual([
      ['MECH', 4],
      ['ELEC', 5],
      ['PIPE', 6],
    ])
    await plant.patch(path, { wplabor: [{ wplaborid: rows[0]?.['wplaborid'], laborhrs: 7 }] })
    expect((await laborOf())[0]).toEqual(['MECH', 7])
    await plant.patch(path, { woactivity: [{ taskid: 30, description: 'new' }] })
    await plant.patch(path, { woactivity: [{ taskid: 30, description: 'changed' }] })
    const tasks = rowsIn((await read())['woactivity'])
    expect(tasks.map((task) => task['description'])).toEqual(['changed'])
    expect(await read()).toMatchObject({ estlabhrs: 18, haschildren: true })
  })

  test('deletes and adds child rows on demand, and refuses a row that is not there', async () => {
    const rows = rowsIn((await plant.ask(path, { 'oslc.select': 'wplabor{craft}' })).json['wplabor'])
    const href = rows[0]?.href
    await plant.patch(path, { wplabor: [{ href, _action: 'Delete' }] })
    expect(await laborOf()).toEqual([['ELEC', 3]])
    for (const _action of ['Delete', 'Update', 'AddChange']) {
      expect((await plant.patch(path, { wplabor: [{ href, _action }] })).status).toBe(404)
    }
    expect((await plant.patch(path, { wplabor: [{ _action: 'Update', craft: 'MECH' }] })).status).toBe(404)
    expect(await laborOf()).toEqual([['ELEC', 3]])
  })
})

describe('an update without MERGE', () => {
  test.each([[undefined], ['AddChange']])(
    'and patchtype %s loses the child rows it leaves out',
    async (patchtype) => {
      const headers: Record<string, string> = patchtype === undefined ? {} : { patchtype }
      await plant.post(path, { wplabor: [{ craft: 'HVAC', laborhrs: 1 }] }, { override: 'PATCH', headers })
      expect(await laborOf()).toEqual([['HVAC', 1]])
      expect(await read()).toMatchObject({ estlabhrs: 1 })
    },
  )

  test('cannot lose a posted transaction: BMXAA1872E and nothing is changed', async () => {
    const issue = { itemnum: '1001', quantity: 2, storeloc: 'CENTRAL' }
    // More than one storeroom holds it.
    const isIssued = (row: Readonly<Record<string, unknown>>): boolean =>
      row['itemnum'] === issue.itemnum && row['location'] === issue.storeloc
    const [before] = plant.oracle.rows('INVENTORY', isIssued)
    await plant.patch(path, { matusetrans: [issue] })
    const [after] = plant.oracle.rows('INVENTORY', isIssued)
    expect(Number(after?.['curbal'])).toBe(Number(before?.['curbal']) - 2)
    const payload = { description: 'lost?', matusetrans: [issue] }
    expect(refusalOf(await plant.post(path, payload, { override: 'PATCH' }))).toEqual([
      400,
      'BMXAA1872E',
      '400',
    ])
    expect(await read()).toMatchObject({ description: 'before' })
    const [row] = rowsIn((await read())['matusetrans'])
    await plant.patch(path, { matusetrans: [{ href: row?.href, quantity: 50 }] })
    expect(rowsIn((await read())['matusetrans'])[0]).toMatchObject({ quantity: -2, linecost: 15.6 })
  })
})

describe('a row stamp', () => {
  test('that is current passes once; the next writer with it gets 412 BMXAA8229W', async () => {
    const _rowstamp = (await read())['_rowstamp']
    expect((await plant.patch(path, { description: 'first', _rowstamp })).status).toBe(204)
    const second = await plant.patch(path, { description: 'second', _rowstamp })
    expect(refusalOf(second)).toEqual([412, 'BMXAA8229W', '412'])
    expect(await read()).toMatchObject({ description: 'first' })
    expect((await plant.patch(path, { _rowstamp: '1' })).status).toBe(412)
  })

  test('grows with a change and stays without one', async () => {
    const before = Number((await read())['_rowstamp'])
    await plant.patch(path, { description: 'before' })
    expect(Number((await read())['_rowstamp'])).toBe(before)
    await plant.patch(path, { description: 'after' })
    expect(Number((await read())['_rowstamp'])).toBeGreaterThan(before)
  })

  test('of a child row counts too', async () => {
    const [row] = rowsIn((await plant.ask(path, { 'oslc.select': 'wplabor{craft}' })).json['wplabor'])
    const entry = { href: row?.href, laborhrs: 9, _rowstamp: '1' }
    expect((await plant.patch(path, { wplabor: [entry] })).status).toBe(412)
  })

  test.each(['0', '4410000', '*'])('in If-Match: %s is 412 whatever it says', async (value) => {
    const _rowstamp = (await read())['_rowstamp']
    const answered = await plant.patch(
      path,
      { description: 'x', _rowstamp },
      { headers: { 'if-match': value } },
    )
    expect(refusalOf(answered)).toEqual([412, 'BMXAA8229W', '412'])
  })
})

describe('a question', () => {
  const move = (headers: Record<string, string> = {}, interactive = '1'): Promise<Answered> =>
    plant.patch(path, { assetnum: '11430' }, { headers, parameters: { interactive } })

  test('about the place of an asset waits for its answer when somebody is there', async () => {
    const asked = await move()
    expect(refusalOf(asked)).toEqual([400, 'BMXAA4722E', '400'])
    expect(asked.json.Error).toMatchObject({ yncerror: true, yncuserinputid: 'woassetlocation_change' })
    expect(asked.json['yncuserinputoptions']).toEqual({ yes: '8', no: '16', close: '1' })
    expect(await read()).not.toHaveProperty('assetnum')
  })

  test.each([
    ['yes', '8', 'BR430'],
    ['no', '16', 'BR230'],
  ])('answered %s is done', async (_name, value, location) => {
    expect((await move({ yncuserinput: `other:2;woassetlocation_change:${value}` })).status).toBe(204)
    expect(await read()).toMatchObject({ assetnum: '11430', location })
  })

  test('answered with neither yes nor no is asked again; with nobody there the default is taken', async () => {
    expect((await move({ yncuserinput: 'woassetlocation_change:4' })).status).toBe(400)
    expect((await move({}, '0')).status).toBe(204)
    expect(await read()).toMatchObject({ location: 'BR430' })
  })
})

describe('the address of a record', () => {
  test('takes no POST without a meaning, no PUT, no PATCH and no unknown override', async () => {
    expect(refusalOf(await plant.post(path, {}))).toEqual([400, 'oslc#create_on_updateuri', '400'])
    const other = { headers: { 'x-http-method': 'PATCH' } }
    expect(refusalOf(await plant.post(path, {}, other))).toEqual([400, 'oslc#create_on_updateuri', '400'])
    expect(refusalOf(await plant.post(path, {}, { override: 'UPDATE' }))).toEqual([405, 'BMXAA8815E', '405'])
    expect((await plant.ask(path, {}, { method: 'PUT' })).status).toBe(405)
    expect(refusalOf(await plant.post(WO, {}, { override: 'PATCH' }))).toEqual([405, 'BMXAA8815E', '405'])
  })

  test('of another site’s record is not there', async () => {
    const [row] = plant.oracle.workOrders((one) => one['siteid'] === 'NASHUA')
    const there = `${WO}/${String(row?.['workorderid'])}`
    expect(refusalOf(await plant.patch(there, {}, { as: 'SAM' }))).toEqual([404, 'BMXAA8727E', '404'])
  })

  test('of a closed record takes no change', async () => {
    const [row] = plant.oracle.workOrders((one) => one['status'] === 'CLOSE')
    const closed = `${WO}/${String(row?.['workorderid'])}`
    expect(refusalOf(await plant.patch(closed, { description: 'x' }))).toEqual([400, 'BMXAA0024E', '400'])
  })
})

describe('deleting', () => {
  test('a record takes its parts along: DELETE, the override, or _action', async () => {
    expect((await plant.ask(path, { action: 'system:candelete' })).status).toBe(200)
    const parts = plant.oracle.count('WPLABOR')
    const deleted = await plant.ask(path, {}, { method: 'DELETE' })
    expect([deleted.status, deleted.text]).toEqual([200, ''])
    expect((await plant.ask(path)).status).toBe(404)
    expect(plant.oracle.count('WPLABOR')).toBe(parts - 2)
    const again = pathOf((await plant.post(WO, {})).headers['location'])
    expect((await plant.post(again, {}, { override: 'DELETE' })).status).toBe(200)
    const third = pathOf((await plant.post(WO, {})).headers['location'])
    expect((await plant.patch(third, { _action: 'Delete' })).status).toBe(204)
    expect((await plant.ask(third)).status).toBe(404)
  })

  test('is refused for work that is under way, with the same answer for the question and the deed', async () => {
    await plant.patch(path, { status: 'INPRG' })
    const asked = await plant.ask(path, { action: 'system:candelete' })
    expect(asked.status).toBe(400)
    expect((await plant.ask(path, {}, { method: 'DELETE' })).json.Error).toMatchObject({
      reasonCode: asked.json.Error.reasonCode,
    })
    expect((await plant.ask(path)).status).toBe(200)
  })

  test('a child row goes by its localref, not by its child key', async () => {
    const [row] = rowsIn((await plant.ask(path, { 'oslc.select': 'wplabor{craft}' })).json['wplabor'])
    expect((await plant.ask(pathOf(row?.localref), {}, { method: 'DELETE' })).status).toBe(200)
    expect(await laborOf()).toEqual([['ELEC', 3]])
    expect((await plant.ask(`${path}/wplabor/0-1`, {}, { method: 'DELETE' })).status).toBe(404)
    expect((await plant.ask(pathOf(row?.localref), {}, { method: 'DELETE', as: 'LIMITED' })).status).toBe(400)
  })

  test('needs the right, and a record that is there', async () => {
    const [asset] = plant.oracle.rows('ASSET', (row) => row['siteid'] === 'NASHUA')
    const there = `os/mxapiasset/${String(asset?.['assetuid'])}`
    expect(refusalOf(await plant.ask(there, {}, { method: 'DELETE', as: 'LIMITED' }))).toEqual([
      400,
      'BMXAA0024E',
      '400',
    ])
    expect((await plant.ask(`${WO}/_bm8-`, {}, { method: 'DELETE' })).status).toBe(404)
  })
})
