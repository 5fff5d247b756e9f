import { describe, expect, test } from 'vitest'
import { objectStructures } from '../../../src/dev/simulator/schema/object-structures.ts'
import { pathOf, refusalOf, rowsIn, runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant()

/** Every object structure that maximo-api §8.1 names, as a literal list. */
const NAMED = [
  'MXAPIWODETAIL MXAPIASSET MXAPISR MXAPIOPERLOC MXAPILOCATIONS MXAPIPO MXAPIPR MXAPIINVOICE MXAPIINVENTORY',
  'MXAPIITEM MXAPIVENDOR MXAPILABOR MXAPIPERSON MXAPIPM MXAPIJOBPLAN MXAPIASSETMETER MXAPILOCATIONMETER MXAPIMETER',
  'MXAPIWFASSIGNMENT MXAPIDOMAIN MXAPISYNONYMDOMAIN MXAPIALNDOMAIN MXAPIFAILURELIST MXAPIGLCOMP MXAPIORGANIZATION',
  'MXAPILABORCRAFTRATE MXAPIINVBAL MXAPITOOLITEM MXAPIWORKTYPE MXAPIWPEDITSETTING MXAPITKTEMPLATE MXAPITKCLASS',
  'MXAPISRVAD MXAPITABLEDOMAIN',
].flatMap((line) => line.split(' '))

const ADMINISTRATOR = { as: 'MAXADMIN' }

describe('every object structure', () => {
  test('security groups are shown to who administers, whatever else one may read', async () => {
    const asked = { 'oslc.select': 'groupname' }
    for (const [as, expected] of [
      ['MAXADMIN', 200],
      ['KEEPER', 200],
      ['WILSON', 400],
      ['SAM', 400],
    ] as const)
      expect([as, (await plant.ask('os/mxapigroup', asked, { as })).status]).toEqual([as, expected])
  })

  test('that the reference lists is there', () => {
    expect(objectStructures.map(({ name }) => name)).toEqual(expect.arrayContaining(NAMED))
  })

  test.each(objectStructures.map(({ name }) => name))(
    '%s has records, a schema and children',
    async (name) => {
      const path = `os/${name.toLowerCase()}`
      const { status, json } = await plant.ask(
        path,
        {
          'oslc.select': '*',
          'oslc.pageSize': '5',
          collectioncount: '1',
        },
        ADMINISTRATOR,
      )
      expect([status, json.responseInfo.totalCount > 0]).toEqual([200, true])
      const schema = (await plant.ask(`jsonschemas/${name}`, {}, ADMINISTRATOR)).json
      for (const key of schema['pk'] as string[]) expect(schema.properties).toHaveProperty(key)
      for (const key of schema['required'] as string[]) {
        for (const member of json.member) expect([name, key, key in member]).toEqual([name, key, true])
      }
    },
  )
})

describe('purchasing', () => {
  const newOrder = async (unitcost: number): Promise<string> => {
    const payload = {
      vendor: 'ATI',
      poline: [
        { itemnum: '1001', orderqty: 10, unitcost },
        { description: 'Odd', orderqty: 1 },
      ],
    }
    return pathOf((await plant.post('os/mxapipo', payload)).headers['location'])
  }
  const approve = (path: string, as = 'WILSON', status = 'APPR'): Promise<Answered> =>
    plant.patch(path, { status }, { parameters: { action: 'wsmethod:changeStatus' }, as })

  test('numbers lines, fills them from their items and adds them up', async () => {
    const { json } = await plant.ask(await newOrder(7.5))
    expect(json).toMatchObject({
      status: 'WAPPR',
      revisionnum: 0,
      totalcost: 75,
      receipts: 'NONE',
      currencycode: 'USD',
    })
    expect(rowsIn(json['poline'])).toMatchObject([
      { polinenum: 1, linetype: 'ITEM', orderunit: 'EACH', linecost: 75, tositeid: 'BEDFORD' },
      { polinenum: 2, linetype: 'MATERIAL', linecost: 0 },
    ])
    expect(String(rowsIn(json['poline'])[0]?.['description'])).toContain('Filter')
  })

  test('a line is met by its number', async () => {
    const path = await newOrder(1)
    await plant.patch(path, { poline: [{ polinenum: 1, orderqty: 20 }] })
    const { json } = await plant.ask(path)
    expect(rowsIn(json['poline'])).toHaveLength(2)
    expect(json).toMatchObject({ totalcost: 20 })
  })

  test('is approved up to the limit of its writer, and read-only then', async () => {
    const [within, over] = [await newOrder(500), await newOrder(500.01)]
    expect((await approve(within)).status).toBe(204)
    expect(refusalOf(await approve(over))).toEqual([400, 'BMXAA4590E', '400'])
    expect((await approve(over, 'MAXADMIN')).status).toBe(204)
    expect(refusalOf(await plant.patch(within, { description: 'x' }))).toEqual([400, 'BMXAA0024E', '400'])
    expect((await approve(within, 'WILSON', 'CAN')).status).toBe(204)
    expect((await approve(within, 'WILSON', 'APPR')).status).toBe(400)
  })

  test('refuses an unknown vendor, item, or unit', async () => {
    for (const payload of [
      { vendor: 'NOBODY' },
      { poline: [{ itemnum: 'NOSUCH' }] },
      { poline: [{ orderunit: 'BARREL' }] },
    ]) {
      expect(refusalOf(await plant.post('os/mxapipo', payload))).toEqual([400, 'BMXAA4190E', '400'])
    }
    expect(refusalOf(await plant.post('os/mxapiinvoice', {}))).toEqual([400, 'BMXAA4195E', '400'])
  })

  test('requisitions and invoices follow the same rules', async () => {
    const pr = await plant.post('os/mxapipr', { prline: [{ itemnum: '1002', orderqty: 2, unitcost: 10 }] })
    expect((await plant.ask(pathOf(pr.headers['location']))).json).toMatchObject({
      totalcost: 20,
      requestedby: 'WILSON',
    })
    const invoice = {
      vendor: 'ATI',
      totalcost: 5,
      invoiceline: [{ ponum: '1017', invoiceqty: 1, unitcost: 5 }],
    }
    const made = await plant.post('os/mxapiinvoice', invoice, {
      headers: { properties: 'status,invoiceline{linecost}' },
    })
    expect(made.json).toMatchObject({ status: 'ENTERED', invoiceline: [{ linecost: 5 }] })
  })
})

describe('an object structure over a part of a table', () => {
  test('shows, finds and makes only records of its kind', async () => {
    const tools = await plant.ask('os/mxapitoolitem', { 'oslc.select': 'itemnum,itemtype' })
    expect(new Set(tools.json.member.map((one) => one['itemtype']))).toEqual(new Set(['TOOL']))
    const items = await plant.ask('os/mxapiitem', {
      'oslc.select': 'itemnum',
      'oslc.where': 'itemnum="TORQUE1"',
    })
    expect(items.json.member).toEqual([])
    const id = pathOf(tools.json.member[0]?.href).split('/').at(-1) ?? ''
    expect((await plant.ask(`os/mxapiitem/${id}`)).status).toBe(404)
    const made = await plant.post(
      'os/mxapitoolitem',
      { itemnum: 'T9', itemtype: 'ITEM' },
      { headers: { properties: 'itemtype' } },
    )
    expect(made.json['itemtype']).toBe('TOOL')
  })
  test('that is only read refuses every write', async () => {
    expect((await plant.ask('os/mxapiassetstatus', { count: '1' })).json.totalCount).toBeGreaterThan(0)
    expect(refusalOf(await plant.post('os/mxapiassetstatus', {}))).toEqual([405, 'BMXAA8815E', '405'])
  })
})
