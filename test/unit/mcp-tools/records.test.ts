import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ObjectSchema } from '../../../src/maximo/schema/object-schema.ts'
import { chooseSections } from '../../../src/mcp/tools/records/sections.ts'
import { WORK_ORDER_SECTIONS } from '../../../src/mcp/tools/work/sections.ts'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor()
})
afterAll(() => plant.close())

type Record_ = Readonly<Record<string, unknown>>
interface Table {
  readonly cols: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

describe('get_record', () => {
  const get = (args: object) => plant.ask('get_record', args)

  test('by key, with what it has, and its children as tables', async () => {
    const { body } = await get({ object: 'mxapiasset', id: 'BEDFORD/11430', expand: ['assetmeter'] })
    expect(body['record']).toMatchObject({ assetnum: '11430', siteid: 'BEDFORD', isrunning: true })
    expect(Object.values(body['record'] as Record_)).not.toContain(null)
    const { assetmeter } = body['children'] as { assetmeter: Table }
    expect(assetmeter.cols).toContain('metername')
    expect(assetmeter.cols.filter((name) => /href|localref|_rowstamp/.test(name))).toEqual([])
    expect(assetmeter.rows.length).toBeGreaterThan(0)
    expect(body['untrusted']).toEqual(expect.arrayContaining(['description', 'assetmeter.lastreading']))
    expect(body['untrusted']).not.toEqual(
      expect.arrayContaining(['status', 'assetmeter.readingtype_description']),
    )
  })

  test('with its long description as text, in a record and in a list', async () => {
    const rich = plant.simulator.plant
      .rows('WORKORDER')
      .find(
        (row) =>
          String(row['description_longdescription']).includes('RICH TEXT') && row['siteid'] === 'BEDFORD',
      )
    const wonum = String(rich?.['wonum'])
    const text = 'See attached notes.\nTake photographs before and after.'
    const select = ['wonum', 'description_longdescription']
    const one = await get({ object: 'mxapiwodetail', id: `BEDFORD/${wonum}`, select })
    expect((one.body['record'] as Record_)['description_longdescription']).toBe(text)
    expect(one.body['untrusted']).toContain('description_longdescription')
    const filters = [{ field: 'wonum', op: 'eq', value: wonum }]
    const list = await plant.ask('query_records', {
      object: 'mxapiwodetail',
      site: 'BEDFORD',
      filters,
      select,
    })
    expect(list.body['rows']).toEqual([[wonum, text]])
  })

  test('by the resource id that an answer gave', async () => {
    const first = await get({ object: 'mxapiasset', id: 'BEDFORD/11430' })
    const again = await get({
      object: 'mxapiasset',
      id: first.body['id'],
      select: ['assetnum', 'location.description'],
    })
    expect(again.body['record']).toEqual({
      assetnum: '11430',
      'location.description': 'Condensate Return Pump- Centrifugal/100GPM/60FTHD',
    })
  })

  test('as objects and as CSV', async () => {
    const json = await get({
      object: 'mxapiasset',
      id: 'BEDFORD/11430',
      select: ['assetnum'],
      expand: ['assetmeter'],
      format: 'json',
    })
    expect((json.body['children'] as { assetmeter: Record_[] }).assetmeter[0]).toMatchObject({
      assetnum: '11430',
    })
    const csv = await get({
      object: 'mxapiasset',
      id: 'BEDFORD/11430',
      select: ['assetnum', 'status'],
      expand: ['assetmeter'],
      format: 'csv',
    })
    expect(csv.text.split('\n').slice(1)).toEqual(['assetnum,status', '11430,OPERATING'])
    expect(csv.text).toContain('without its child objects')
  })

  test.each<[object, RegExp]>([
    [
      { object: 'mxapiasset', id: 'BEDFORD/NOPE' },
      /^not_found: .*"BEDFORD\/NOPE".*\nWhy: Its key is siteid\/assetnum/,
    ],
    [{ object: 'mxapiwodetail', id: '1150' }, /^ambiguous: .*Did you mean "(BEDFORD|NASHUA)\/1150"/],
    [{ object: 'mxapiasset', id: 'a/b/c/d' }, /^invalid_value: .*SITEID\/ASSETNUM/],
    [{ object: 'mxapiasset', id: 'https://evil.example/maximo/oslc/os/mxapiasset/_x' }, /^invalid_value: /],
    [
      { object: 'mxapiasset', id: 'BEDFORD/11430', expand: ['assetmetre'] },
      /^invalid_field: .*Did you mean "assetmeter"/,
    ],
  ])('%j', async (args, expected) => {
    expect(await get(args)).toMatchObject({ isError: true, text: expect.stringMatching(expected) })
  })
})

describe('get_work_order', () => {
  const get = (args: object) => plant.ask('get_work_order', args)

  test('gives the work order, and the statuses that it may change to now', async () => {
    const { body } = await get({ wonum: '1022' })
    const row = plant.simulator.plant
      .rows('WORKORDER')
      .find((one) => one['wonum'] === '1022' && one['siteid'] === 'BEDFORD')
    expect(body['record']).toMatchObject({
      wonum: '1022',
      siteid: 'BEDFORD',
      status: row?.['status'],
      description: row?.['description'],
    })
    expect(body['allowed_statuses']).toEqual(expect.arrayContaining(['COMP', 'CLOSE']))
    expect(body['children']).toBeUndefined()
  })

  test('with the sections that were named, and only what is worth reading of them', async () => {
    const { body } = await get({ wonum: '1022', sections: ['tasks', 'labor', 'costs', 'related'] })
    const { woactivity, wplabor, wototal } = body['children'] as Record<string, Table>
    expect(woactivity?.rows).toHaveLength(9)
    expect(woactivity?.cols).toEqual(expect.arrayContaining(['taskid', 'description', 'status']))
    expect(woactivity?.cols.length).toBeLessThan(13)
    expect(wplabor?.cols).toContain('craft')
    expect(wototal?.rows.length).toBeGreaterThan(0)
    expect(body['record']).toHaveProperty('estlabcost')
  })

  test('says which sections this Maximo does not have', () => {
    const bare: ObjectSchema = {
      ...{ resource: 'MXAPIWODETAIL', objectName: 'WORKORDER', description: null, key: [], uniqueId: null },
      ...{ fields: new Map(), children: new Map(), relations: new Map() },
    }
    const { notes, children, fields } = chooseSections(['safety'], WORK_ORDER_SECTIONS, bare)
    expect(notes).toEqual(['mxapiwodetail of this Maximo does not offer the section "safety".'])
    expect([children, fields]).toEqual([{}, []])
  })

  test('a number that the default site does not have is found where it is', async () => {
    const onlyThere = plant.simulator.plant
      .rows('WORKORDER')
      .map((row) => [String(row['siteid']), String(row['wonum'])] as const)
      .find(
        ([site, wonum], _index, all) =>
          site === 'NASHUA' && !all.some(([other, same]) => other === 'BEDFORD' && same === wonum),
      )
    const { body } = await get({ wonum: onlyThere?.[1] })
    expect(body['record']).toMatchObject({ siteid: 'NASHUA' })
  })

  test('a number that both sites have is the default site’s, or the one that was named', async () => {
    expect((await get({ wonum: '1150' })).body['record']).toMatchObject({ siteid: 'BEDFORD' })
    expect((await get({ wonum: '1150', site: 'nashua' })).body['record']).toMatchObject({ siteid: 'NASHUA' })
    expect((await get({ wonum: '1150', site: '*' })).text).toMatch(/^ambiguous: /)
  })

  test.each<[object, RegExp]>([
    [{ wonum: '999999' }, /^not_found: There is no work order "999999"/],
    [{ wonum: '1022', site: 'NASHUA' }, /^not_found: .* at site NASHUA/],
    [{ wonum: '1022', sections: ['cost'] }, /^invalid_input: /],
    [{}, /^invalid_input: .*wonum/],
  ])('%j', async (args, expected) => {
    expect(await get(args)).toMatchObject({ isError: true, text: expect.stringMatching(expected) })
  })
})

describe('describe_object', () => {
  const describeIt = (args: object) => plant.ask('describe_object', args)

  test('finds objects by words', async () => {
    const { body } = await describeIt({ keyword: 'work order' })
    expect(body['rows']).toEqual([['mxapiwodetail', 'Maximo API for Work Order Details']])
    expect((await describeIt({ keyword: 'zebra' })).body['notes']).toEqual([
      expect.stringContaining('Nothing has "zebra"'),
    ])
    expect(Number((await describeIt({})).body['returned'])).toBeGreaterThan(10)
  })

  test('shows key, fields, children and relations in three sizes', async () => {
    const index = await describeIt({ object: 'MxApiWoDetail' })
    expect(index.body).toMatchObject({ object: 'mxapiwodetail', key: 'siteid/wonum', complete: true })
    expect(index.body['children']).toEqual(expect.arrayContaining(['woactivity', 'worklog']))
    expect(index.body['fields']).toEqual(expect.arrayContaining([['status', 'UPPER(16)!*']]))
    const full = await describeIt({ object: 'mxapiwodetail', keyword: 'date', detail: 'full' })
    expect(full.body['cols']).toEqual(['name', 'type', 'title', 'domain', 'remarks'])
    for (const [name, , title] of full.body['fields'] as string[][])
      expect(`${name} ${title}`.toLowerCase()).toContain('date')
  })

  test('shows the values of a field, with what they mean to Maximo', async () => {
    const { body } = await describeIt({ object: 'mxapiwodetail', field: 'status' })
    expect(body).toMatchObject({ domain: 'WOSTATUS', complete: true })
    expect(body['values']).toEqual(
      expect.arrayContaining([['WPCOND', 'APPR', 'Waiting on plant conditions', null]]),
    )
    expect((await describeIt({ object: 'mxapiwodetail', field: 'description' })).body['notes']).toEqual([
      'It has no value list.',
    ])
    expect((await describeIt({ object: 'mxapiwodetail', field: 'worklog.logtype' })).isError).toBe(false)
  })

  test.each<[object, RegExp]>([
    [{ object: 'mxapiwodetial' }, /^unknown_object: .*Did you mean "mxapiwodetail"/],
    [{ object: 'mxapiwodetail', field: 'statsu' }, /^invalid_field: .*Did you mean "status"/],
  ])('%j', async (args, expected) => {
    expect(await describeIt(args)).toMatchObject({ isError: true, text: expect.stringMatching(expected) })
  })
})

describe('get_context', () => {
  test('says who, where, and what may be done', async () => {
    const { body } = await plant.ask('get_context')
    expect(body).toMatchObject({
      user: 'user_planner@example.com',
      scopes: ['maximo:read'],
      connection: { kind: 'person', token_expires: '2026-11-22T01:00:00Z' },
      maximo: { user: 'WILSON', default_site: 'BEDFORD' },
      sites: [{ site: 'BEDFORD' }, { site: 'NASHUA' }],
      toolsets: {
        core: expect.arrayContaining(['get_context', 'find_tools', 'call_read_tool']) as unknown,
        work: expect.arrayContaining(['search_work_orders', 'get_work_order']) as unknown,
      },
    })
  })

  test('of somebody with fewer rights too', async () => {
    const { body, isError } = await plant.ask('get_context', {}, 'technician@example.com')
    expect(isError).toBe(false)
    expect(body).toMatchObject({ maximo: { user: 'SAM' } })
  })

  test('needs no scope', async () => {
    const { body } = await plant.ask('get_context', {})
    expect(body['env']).toBe(new URL(plant.simulator.baseUrl).host)
  })
})
