import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../../src/dev/simulator/plant/database.ts'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../../support/maximo/plant-door.ts'

const MOST_ROWS = 100
let usual: PlantDoor
let strict: PlantDoor
beforeAll(async () => {
  usual = await openPlantDoor()
  strict = await openPlantDoor({}, { maxPageSize: MOST_ROWS })
})
afterAll(async () => {
  await usual.close()
  await strict.close()
})

/** Tools that read every record before they compute. */
const WHOLE_READINGS: readonly (readonly [tool: string, args: object])[] = [
  ['get_pm_forecast', { weeks: 4 }],
  ['get_schedule', { from: '2026-11-01', to: '2026-11-30' }],
  ['find_available_labor', { from: '2026-11-01', to: '2026-11-30' }],
  ['get_inventory_transactions', { from: '2026-01-01', site: '*' }],
  ['rank_bad_actors', { from: '2026-01-01', by: 'repair_hours', site: '*', limit: 50 }],
  ['get_failure_pareto', { from: '2026-01-01', level: 'cause', site: '*' }],
  ['get_backlog', { site: '*' }],
  ['get_location_tree', { depth: 5 }],
  ['search_work_orders', { location: 'BEDFORD' }],
  ['find_similar_work', { asset: '11300' }],
]

test.each(WHOLE_READINGS)('%s %j asks for no page that a strict Maximo refuses', async (tool, args) => {
  const [here, there] = await Promise.all(
    [usual, strict].map((plant) => plant.ask('call_read_tool', { tool, arguments: args })),
  )
  expect(here?.text).toContain('"returned":')
  expect(there?.body['rows']).toEqual(here?.body['rows'])
})

describe('more than a page of', () => {
  /** Writes copies of a row of the strict plant, each with something of its own. */
  const copies = (table: string, count: number, own: (index: number) => Row): void => {
    const database = strict.simulator.plant
    if (!(database instanceof Database)) throw new Error('not a plant that can be written')
    const [model = {}] = database.rows(table)
    for (let index = 0; index < count; index += 1) database.insert(table, { ...model, ...own(index) })
  }

  test('assignments: the inbox goes on where its page ended, and each comes once', async () => {
    copies('WFASSIGNMENT', 120, (index) => ({
      ...{ assignid: 5000 + index, assigncode: 'WILSON', assignstatus: 'ACTIVE' },
      description: `Approve number ${index}`,
      // Several of one moment, so that the moment alone does not order them.
      startdate: 1_790_000_000_000 + Math.floor(index / 7) * 60_000,
    }))
    const wanted = strict.simulator.plant
      .rows('WFASSIGNMENT')
      .filter((row) => row['assigncode'] === 'WILSON' && row['assignstatus'] === 'ACTIVE')
    expect(wanted.length).toBeGreaterThan(120)
    const [seen, pages]: [unknown[], ToolReply[]] = [[], []]
    for (let cursor: unknown; cursor !== null;) {
      const args = { limit: MOST_ROWS - 60, ...(cursor !== undefined && { cursor }) }
      const page = await strict.ask('call_read_tool', { tool: 'list_my_inbox', arguments: args })
      const { cols, rows } = page.body as { cols: string[]; rows: unknown[][] }
      seen.push(...rows.map((row) => row[cols.indexOf('description')]))
      pages.push(page)
      cursor = page.body['cursor']
    }
    expect(pages.length).toBe(Math.ceil(wanted.length / 40))
    for (const { body } of pages) expect(body).toMatchObject({ total: wanted.length, complete: false })
    expect(seen.toSorted()).toEqual(wanted.map((row) => row['description']).toSorted())
    expect(pages.at(-1)?.body['notes']).toEqual([`Rows 121 to ${wanted.length}: the last page.`])
    const foreign = { tool: 'list_my_inbox', arguments: { cursor: pages[0]?.body['cursor'] } }
    expect((await strict.ask('call_read_tool', foreign, 'admin@example.com')).text).toMatch(
      /^cursor_invalid: The cursor belongs to another question/,
    )
  })

  test('locations: all of them are read, or too many are refused with what to do', async () => {
    const places = (count: number, prefix: string, parent: string): void => {
      const names = Array.from({ length: count }, (_, index) => `${prefix}${index}`)
      const place = { siteid: 'NASHUA', orgid: 'EAGLENA' }
      copies('LOCATIONS', count, (index) => ({ ...place, location: names[index] }))
      copies('LOCHIERARCHY', count, (index) => ({ ...place, location: names[index], parent }))
      for (const ancestor of ['N-OFF', parent])
        copies('LOCANCESTOR', count, (index) => ({ ...place, location: names[index], ancestor }))
    }
    const asked = { location: 'N-OFF', site: 'NASHUA' }
    const tree = (): Promise<ToolReply> =>
      strict.ask('call_read_tool', { tool: 'get_location_tree', arguments: { ...asked, depth: 3 } })
    places(150, 'ROOM', 'N-OFF1')
    const some = await tree()
    expect(some.body['total']).toBeGreaterThan(150)
    expect((await strict.ask('search_work_orders', asked)).isError).toBe(false)
    places(120, 'DESK', 'N-OFF1')
    expect((await tree()).body).toMatchObject({
      ...{ total: null, complete: false },
      notes: ['Only the first 250: name a location further down.'],
    })
    expect((await strict.ask('search_work_orders', asked)).text).toMatch(
      /^too_large: More than 250 locations lie below "N-OFF"/,
    )
  })

  test('sites: what get_context has no room for is counted', async () => {
    const known = strict.simulator.plant.rows('SITE').length
    copies('SITE', 60, (index) => ({ siteid: `S${index}` }))
    const { body } = await strict.ask('get_context')
    expect(body['sites']).toHaveLength(50)
    expect(body['more_sites']).toBe(known + 60 - 50)
  })

  /** As somebody who has not read them before. */
  const status = (as: string): Promise<ToolReply> =>
    strict.ask('describe_object', { object: 'mxapiwodetail', field: 'status' }, as)
  const ALL_OF_THEM =
    'query_records pages through all: object mxapisynonymdomain, site "*", filter domainid eq WOSTATUS.'
  const synonyms = (count: number, prefix: string): void => {
    copies('SYNONYMDOMAIN', count, (index) => ({
      ...{ domainid: 'WOSTATUS', maxvalue: 'APPR', defaults: false, siteid: undefined },
      ...{ value: `${prefix}${index}`, valueid: `WOSTATUS|${prefix}${index}` },
      description: `Another word for approved, number ${index}`,
    }))
  }

  test('values: what does not fit is counted, and the way to it said', async () => {
    synonyms(900, 'SYN')
    const { body } = await status('technician@example.com')
    const count = strict.simulator.plant.find('SYNONYMDOMAIN', 'domainid', 'WOSTATUS').length
    expect(count).toBeGreaterThan(900)
    expect(body).toMatchObject({ total: count, complete: false, notes: [`Cut to fit. ${ALL_OF_THEM}`] })
    const question = {
      object: 'mxapisynonymdomain',
      ...{ site: '*', count: true },
      filters: [{ field: 'domainid', op: 'eq', value: 'WOSTATUS' }],
    }
    expect((await strict.ask('query_records', question)).body).toMatchObject({ total: count })
  })

  test('values, and more than are read at once: no total, no part of them', async () => {
    synonyms(4200, 'MORE')
    expect((await status('admin@example.com')).body).toMatchObject({
      ...{ returned: 0, total: null, complete: false, values: [] },
      notes: [`It has more than 5000 values. ${ALL_OF_THEM}`],
    })
  })
})
