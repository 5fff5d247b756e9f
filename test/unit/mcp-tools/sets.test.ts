import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../../support/maximo/plant-door.ts'

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor()
})
afterAll(() => plant.close())

const rows = (table: string): readonly Row[] => plant.simulator.plant.rows(table)
const here = (row: Row): boolean => row['siteid'] === 'BEDFORD'
const ask = (tool: string, args: object = {}, as?: string): Promise<ToolReply> =>
  plant.ask('call_read_tool', { tool, arguments: args }, as)
/** Rows of a table by column name. */
const objects = ({ body }: ToolReply): Record<string, unknown>[] =>
  (body['rows'] as unknown[][]).map((row) =>
    Object.fromEntries((body['cols'] as string[]).map((name, index) => [name, row[index]])),
  )

describe('workflow', () => {
  test('my inbox is what waits for me, and nobody else’s', async () => {
    const mine = await ask('list_my_inbox')
    expect(mine.body).toMatchObject({ total: 5, returned: 5, complete: true, untrusted: ['description'] })
    expect((await ask('list_my_inbox', {}, 'admin@example.com')).body['total']).toBe(2)
    expect((await ask('list_my_inbox', {}, 'technician@example.com')).body['rows']).toEqual([])
    expect((await ask('list_my_inbox', {}, 'limited@example.com')).text).toMatch(/^not_permitted: /)
  })

  test('a record says who holds it', async () => {
    const held = rows('WFASSIGNMENT')[0]
    const order = rows('WORKORDER').find((row) => row['workorderid'] === held?.['ownerid'])
    const id = `${String(order?.['siteid'])}/${String(order?.['wonum'])}`
    const answer = await ask('get_workflow_status', { object: 'mxapiwodetail', id })
    expect(objects(answer)).toMatchObject([{ assigncode: held?.['assigncode'], assignstatus: 'ACTIVE' }])
    const free = await ask('get_workflow_status', { object: 'mxapiwodetail', id: 'BEDFORD/1022' })
    expect(free.body).toMatchObject({ total: 0, notes: ['No workflow holds this record now.'] })
  })
})

describe('attachments', () => {
  const owner = (): string => {
    const link = rows('DOCLINKS').find((row) => row['ownertable'] === 'ASSET')
    const asset = rows('ASSET').find((row) => row['assetuid'] === link?.['ownerid'])
    return `${String(asset?.['siteid'])}/${String(asset?.['assetnum'])}`
  }

  test('are listed, and a text is read', async () => {
    const list = await ask('list_attachments', { object: 'mxapiasset', id: owner() })
    const [file] = objects(list)
    expect(file).toMatchObject({ file: 'asset.txt', kind: 'file', type: 'text/plain' })
    const args = { object: 'mxapiasset', id: owner(), attachment_id: file?.['attachment_id'] }
    const { body } = await ask('get_attachment', args)
    expect(body).toMatchObject({ complete: true, untrusted: expect.arrayContaining(['text']) as unknown })
    expect(String(body['text']).length).toBe(Number(file?.['bytes']))
  })

  test('a record says how many it has, since Maximo gives their address alone', async () => {
    const owned = rows('DOCLINKS').find((row) => row['ownertable'] === 'WORKORDER')
    const order = rows('WORKORDER').find((row) => row['workorderid'] === owned?.['ownerid'])
    const count = rows('DOCLINKS').filter(
      (row) => row['ownertable'] === 'WORKORDER' && row['ownerid'] === owned?.['ownerid'],
    ).length
    const id = `${String(order?.['siteid'])}/${String(order?.['wonum'])}`
    const asked = { object: 'mxapiwodetail', id, select: ['wonum'], expand: ['doclinks'] }
    for (const format of ['compact', 'json']) {
      const { body } = await plant.ask('get_record', { ...asked, format })
      expect(body['notes']).toEqual([`doclinks: ${count} in all, shown by list_attachments.`])
    }
    const { body } = await plant.ask('get_work_order', {
      wonum: order?.['wonum'],
      site: order?.['siteid'],
      sections: ['attachments'],
    })
    expect(body).toMatchObject({
      notes: [`doclinks: ${count} in all, shown by list_attachments.`],
      children: { doclinks: { total: count } },
    })
    const bare = await plant.ask('get_record', { ...asked, id: 'BEDFORD/1022' })
    expect(bare.body['notes']).toBeUndefined()
    expect(bare.body).toMatchObject({ children: { doclinks: { total: 0 } } })
  })

  test('what is not there is refused by name', async () => {
    const object = 'mxapiasset'
    expect((await ask('list_attachments', { object, id: 'BEDFORD/NONE' })).text).toMatch(
      /^not_found: There is no mxapiasset/,
    )
    expect((await ask('get_attachment', { object, id: owner(), attachment_id: '987654' })).text).toMatch(
      /^not_found: There is no attachment 987654/,
    )
    expect((await ask('get_attachment', { object, id: owner(), attachment_id: '../1' })).text).toMatch(
      /^invalid_input: /,
    )
  })
})

describe('get_location_tree', () => {
  const parentOf = (location: unknown): readonly Row[] =>
    rows('LOCHIERARCHY').filter((row) => here(row) && row['location'] === location)

  test('every location below, once, with its assets and open work', async () => {
    const answer = await ask('get_location_tree', { location: 'BR400', depth: 5 })
    const below = rows('LOCANCESTOR')
      .filter((row) => here(row) && row['ancestor'] === 'BR400')
      .map((row) => row['location'])
    const found = objects(answer)
    expect(found.map(({ location }) => location).sort()).toEqual([...new Set(['BR400', ...below])].sort())
    const open = ['WAPPR', 'WSCH', 'WMATL', 'APPR', 'APPR S1', 'WPCOND', 'INPRG']
    for (const node of found) {
      const at = (row: Row): boolean => here(row) && row['location'] === node['location']
      expect(node['assets']).toBe(rows('ASSET').filter(at).length)
      expect(node['open_work']).toBe(
        rows('WORKORDER').filter(
          (row) => at(row) && row['istask'] === false && open.includes(String(row['status'])),
        ).length,
      )
      if (node['level'] !== 0)
        expect(parentOf(node['location']).map((row) => row['parent'])).toContain(node['parent'])
    }
  })

  test('from the top, as deep as asked', async () => {
    const found = objects(await ask('get_location_tree', { depth: 1 }))
    const tops = rows('LOCHIERARCHY').filter((row) => here(row) && (row['parent'] ?? null) === null)
    expect(found.filter(({ level }) => level === 0)).toHaveLength(
      new Set(tops.map((row) => row['location'])).size,
    )
    expect(Math.max(...found.map(({ level }) => Number(level)))).toBe(1)
  })

  test('of all sites, a name that two of them have is two locations', async () => {
    const both = rows('LOCATIONS').filter(({ location }) => location === 'SHIPPING')
    expect(new Set(both.map(({ siteid }) => siteid)).size).toBe(2)
    for (const asked of [{ depth: 3 }, { location: 'SHIPPING', depth: 1 }]) {
      const found = objects(await ask('get_location_tree', { ...asked, site: '*' }))
      expect(new Set(found.map(({ siteid, location }) => `${String(siteid)}/${String(location)}`)).size).toBe(
        found.length,
      )
      const shipping = found.filter(({ location }) => location === 'SHIPPING')
      expect(shipping.map(({ siteid }) => siteid).sort()).toEqual(both.map(({ siteid }) => siteid).sort())
      for (const { siteid, parent, assets, level } of shipping) {
        expect(parent).toBe(level === 0 ? null : siteid)
        expect(assets).toBe(
          rows('ASSET').filter((row) => row['siteid'] === siteid && row['location'] === 'SHIPPING').length,
        )
      }
    }
  })

  test('counts what the user may not read as unknown, never as none', async () => {
    const technician = objects(
      await ask('get_location_tree', { location: 'BR400' }, 'technician@example.com'),
    )
    expect(technician[0]?.['open_work']).not.toBeNull()
    expect((await ask('get_location_tree', { location: 'NOWHERE' })).text).toMatch(
      /^not_found: There is no mxapioperloc "NOWHERE"/,
    )
  })
})

describe('get_meter_readings', () => {
  test('the last two readings and the change between them', async () => {
    const found = objects(await ask('get_meter_readings', { number: '13170' }))
    const meters = rows('ASSETMETER').filter((row) => here(row) && row['assetnum'] === '13170')
    expect(found.map(({ metername }) => metername).sort()).toEqual(
      meters.map((row) => row['metername']).sort(),
    )
    const hours = meters.find((row) => row['metername'] === 'RUNHOURS')
    const days = (Number(hours?.['lastreadingdate']) - Number(hours?.['previousreadingdate'])) / 86_400_000
    const change = (Number(hours?.['lastreading']) - Number(hours?.['previousreading'])) / days
    const shown = found.find(({ metername }) => metername === 'RUNHOURS')?.['change_per_day']
    expect(Number.isFinite(change) ? Number(shown) : 0).toBeCloseTo(Number.isFinite(change) ? change : 0, 2)
    expect(found.find(({ metername }) => metername === 'GUARD RAIL')?.['change_per_day']).toBeNull()
  })

  test('of a location, and of one meter', async () => {
    const found = objects(
      await ask('get_meter_readings', { kind: 'location', number: 'bpm3100', meter: 'in-pressur' }),
    )
    expect(found.map(({ metername }) => metername)).toEqual(['IN-PRESSUR'])
    expect((await ask('get_meter_readings', { number: '13170', meter: 'NONE' })).text).toMatch(
      /^not_found: There is no such meter/,
    )
  })
})

describe('find_similar_work', () => {
  test('the work order itself is not like itself; the best match comes first', async () => {
    const model = rows('WORKORDER').find(
      (row) =>
        here(row) &&
        row['istask'] === false &&
        typeof row['assetnum'] === 'string' &&
        typeof row['problemcode'] === 'string',
    )
    const answer = await ask('find_similar_work', { wonum: model?.['wonum'], site: 'BEDFORD', limit: 20 })
    expect(answer.text).toContain('"match"')
    const found = objects(answer)
    expect(found.map(({ wonum }) => wonum)).not.toContain(model?.['wonum'])
    const matches = found.map(({ match }) => Number(match))
    expect(matches).toEqual([...matches].sort((a, b) => b - a))
    expect(matches.length).toBeGreaterThan(0)
    for (const { wonum } of found)
      expect(
        rows('WORKORDER').find((row) => here(row) && row['wonum'] === wonum)?.['actfinish'],
      ).toBeDefined()
  })

  test('by words, and nothing to compare with', async () => {
    for (const { description } of objects(await ask('find_similar_work', { text: 'packaging' })))
      expect(String(description).toLowerCase()).toContain('packaging')
    expect((await ask('find_similar_work', {})).text).toMatch(/^invalid_input: There is nothing to compare/)
    expect((await ask('find_similar_work', { wonum: '999999' })).text).toMatch(
      /^not_found: There is no work order "999999"/,
    )
  })
})

describe('list_compliance_due', () => {
  test('inspections that are not finished', async () => {
    const { body } = await ask('list_compliance_due', { kind: 'inspection' })
    expect(body['total']).toBe(
      rows('INSPECTIONRESULT').filter((row) => here(row) && row['status'] !== 'COMPLETED').length,
    )
  })

  test('calibration, and nothing that is something else', async () => {
    const { body } = await ask('list_compliance_due', { kind: 'calibration', site: '*' })
    const due = rows('PM').filter(
      (row) =>
        row['status'] === 'ACTIVE' && ['CAL', 'PMCAL', 'CMCAL', 'EMCAL'].includes(String(row['worktype'])),
    )
    expect(body['total']).toBe(due.length)
    expect((await ask('list_compliance_due', { kind: 'permit' })).text).toMatch(/^invalid_input: .*kind/)
  })
})

describe('search and fetch', () => {
  test('finds by words and by number, and reads what it found', async () => {
    const { body } = await ask('search', { query: '11430' })
    const results = body['results'] as { id: string; title: string; url: string }[]
    expect(results.map(({ title }) => title)).toContainEqual(expect.stringMatching(/^Asset 11430: /))
    const asset = results.find(({ title }) => title.startsWith('Asset 11430'))
    expect(asset?.url).toMatch(/^maximo:\/\/[^/]+\/record\/mxapiasset\//)
    const fetched = await ask('fetch', { id: asset?.id })
    expect(fetched.body).toMatchObject({ id: asset?.id, title: 'mxapiasset 11430', untrusted: ['text'] })
    expect(fetched.body['text']).toContain('assetnum: 11430')
    const words = (await ask('search', { query: 'centrifugal pump' })).body['results'] as { title: string }[]
    for (const { title } of words) expect(title.toLowerCase()).toMatch(/centrifugal.*pump|pump.*centrifugal/)
  })

  test('says where it could not look', async () => {
    const { body } = await ask('search', { query: 'pump' }, 'limited@example.com')
    expect(body['notes']).toEqual([expect.stringContaining('work orders')])
  })

  test.each<[string, object, RegExp]>([
    ['search', { query: '!!' }, /^invalid_input: The query has no words/],
    ['fetch', { id: 'nonsense' }, /^invalid_input: .*id/],
    ['fetch', { id: 'mxapinothing:1' }, /^unknown_object: /],
    ['fetch', { id: 'mxapiasset:BEDFORD/NONE' }, /^not_found: /],
    ['fetch', { id: 'mxapiasset:../../x' }, /^invalid_value: /],
  ])('%s %j', async (tool, args, expected) => {
    expect(await ask(tool, args)).toMatchObject({ isError: true, text: expect.stringMatching(expected) })
  })
})

describe('explain_error', () => {
  test('says cause and remedy, or that the code is not known', async () => {
    expect((await ask('explain_error', { code: ' bmxaa9301e ' })).body).toMatchObject({
      code: 'BMXAA9301E',
      class: 'not_permitted',
      cause: expect.stringContaining('no right to this object structure') as unknown,
    })
    expect((await ask('explain_error', { code: 'BMXAA9301' })).text).toMatch(
      /^not_found: .*Did you mean "BMXAA9301E"/,
    )
  })
})
