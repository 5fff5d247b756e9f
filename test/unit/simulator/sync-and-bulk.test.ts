import { describe, expect, test } from 'vitest'
import { refusalOf, rowsIn, runningPlant, type Answered, type Posting } from './running-plant.ts'

const plant = runningPlant()
const ASSET = 'os/mxapiasset'

describe('SYNC', () => {
  const sync = (payload: unknown, headers: Record<string, string> = {}): Promise<Answered> =>
    plant.post(ASSET, payload, { override: 'SYNC', headers: { patchtype: 'MERGE', ...headers } })

  test('creates what is not there and changes what is, by the key in the body', async () => {
    const first = await sync({ assetnum: 'SYNC1', siteid: 'BEDFORD', description: 'one' })
    expect([first.status, first.headers['location']]).toEqual([
      201,
      expect.stringContaining('/os/mxapiasset/_'),
    ])
    const count = plant.oracle.count('ASSET')
    const second = await sync(
      { assetnum: 'SYNC1', siteid: 'BEDFORD', description: 'two' },
      { properties: 'description' },
    )
    expect([second.status, second.json['description']]).toEqual([200, 'two'])
    expect(plant.oracle.count('ASSET')).toBe(count)
  })
  test('never meets another site’s record', async () => {
    const count = plant.oracle.count('ASSET')
    expect((await sync({ assetnum: 'N1010', description: 'mine' })).status).toBe(201)
    expect(plant.oracle.count('ASSET')).toBe(count + 1)
  })
  test('is refused without the right', async () => {
    const answered = await plant.post(
      ASSET,
      { assetnum: 'N1010', siteid: 'NASHUA' },
      { override: 'SYNC', as: 'LIMITED' },
    )
    expect(refusalOf(answered)).toEqual([400, 'BMXAA0024E', '400'])
  })
})

describe('BULK', () => {
  const bulk = (items: unknown, posting: Posting = {}): Promise<Answered> =>
    plant.post(ASSET, items, { override: 'BULK', ...posting })
  const results = (answered: Answered): unknown[] => rowsIn(answered.json).map((one) => one['_responsemeta'])
  const hrefOf = async (assetnum: string): Promise<string> => {
    const where = `assetnum="${assetnum}" and siteid="BEDFORD"`
    return (await plant.ask(ASSET, { 'oslc.where': where })).json.member[0]?.href ?? ''
  }

  test('answers 200 with one result per record, in order, each for itself', async () => {
    const answered = await bulk([
      { _action: 'Add', assetnum: 'B1', siteid: 'BEDFORD', _bulkid: '11' },
      { _action: 'Update', href: await hrefOf('11430'), status: 'NOSUCH', _bulkid: '12' },
      { _action: 'Update', href: await hrefOf('11431'), description: 'bulk' },
      { _action: 'Delete', href: await hrefOf('23972') },
      { _action: 'AddChange', assetnum: 'B1', siteid: 'BEDFORD', description: 'again' },
      { _action: 'Update', href: 'http://x.example/maximo/oslc/os/mxapipo/_QQ--' },
    ])
    expect(answered.status).toBe(200)
    expect(results(answered)).toEqual([
      { status: '201', Location: expect.stringContaining('/os/mxapiasset/_'), _bulkid: '11' },
      { status: '400', _bulkid: '12' },
      { status: '204' },
      { status: '200' },
      { status: '204' },
      { status: '404' },
    ])
    expect(rowsIn(answered.json)[1]?.['_responsedata']).toMatchObject({
      Error: { reasonCode: 'BMXAA4190E', errorattrname: 'status', errorobjpath: 'asset', statusCode: '400' },
    })
    const texts = plant.oracle.rows(
      'ASSET',
      (row) => row['description'] === 'bulk' || row['assetnum'] === 'B1',
    )
    expect(texts.map((row) => row['description']).toSorted()).toEqual(['again', 'bulk'])
    expect(await hrefOf('23972')).toBe('')
  })

  test('is 200 even when every record fails, and 400 or 401 for the request itself', async () => {
    expect(results(await bulk([{ assetnum: 'x', siteid: 'NOWHERE' }]))).toEqual([{ status: '400' }])
    expect((await bulk({ assetnum: 'no array' })).status).toBe(400)
    expect((await bulk([], { as: null })).status).toBe(401)
  })

  test('with allornothing takes everything back when one fails', async () => {
    const items = [
      { assetnum: 'T1', siteid: 'BEDFORD' },
      { assetnum: 'T2', siteid: 'NOWHERE', _bulkid: '7' },
    ]
    const answered = await bulk(items, { headers: { allornothing: '1' } })
    expect([answered.status, results(answered)]).toEqual([
      200,
      [{ status: '400' }, { status: '400', _bulkid: '7' }],
    ])
    expect(plant.oracle.count('ASSET', (row) => row['assetnum'] === 'T1')).toBe(0)
    const good = await bulk([items[0]], { headers: { allornothing: '1', properties: 'assetnum' } })
    expect(rowsIn(good.json)[0]).toMatchObject({
      _responsedata: { assetnum: 'T1' },
      _responsemeta: { status: '201' },
    })
  })

  test('takes the older form too', async () => {
    const uri = await hrefOf('9000')
    const answered = await bulk([
      { _data: { description: 'old form' }, _meta: { method: 'PATCH', uri, patchtype: 'MERGE' } },
      { _data: {}, _meta: { method: 'DELETE', uri: await hrefOf('7100') } },
    ])
    expect(results(answered)).toEqual([{ status: '204' }, { status: '200' }])
    expect(plant.oracle.count('ASSET', (row) => row['description'] === 'old form')).toBe(1)
  })

  test('runs an action on each record', async () => {
    const rows = plant.oracle.workOrders((row) => row['status'] === 'WAPPR' || row['status'] === 'CLOSE')
    const [open, closed] = ['WAPPR', 'CLOSE'].map((status) => rows.find((row) => row['status'] === status))
    const hrefs = [open, closed].map((row) => `oslc/os/mxapiwodetail/${String(row?.['workorderid'])}`)
    const answered = await plant.post(
      'os/mxapiwodetail',
      hrefs.map((href) => ({ href, status: 'APPR' })),
      { override: 'BULK', parameters: { action: 'wsmethod:changeStatus' } },
    )
    expect(results(answered)).toEqual([{ status: '204' }, { status: '400' }])
  })

  test('refuses each record for one who may only read', async () => {
    const items = [{ assetnum: 'L1', siteid: 'NASHUA' }]
    expect(results(await bulk(items, { as: 'LIMITED' }))).toEqual([{ status: '400' }])
  })
})
