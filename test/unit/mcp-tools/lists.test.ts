import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../../src/dev/simulator/plant/database.ts'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { everyRow } from '../../support/maximo/every-row.ts'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'
import { PROBE } from '../../support/wire/probe.ts'

const FINANCE = 'maximo:read maximo:finance'

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor()
})
afterAll(() => plant.close())

const rows = (table: string): readonly Row[] => plant.simulator.plant.rows(table)
const here = (row: Row): boolean => row['siteid'] === 'BEDFORD'
const has = (row: Row, field: string, ...values: unknown[]): boolean => values.includes(row[field])
const named = (tool: string, args: unknown): object => ({ tool, arguments: args })
/** Calls a tool that may not be in the list, as a person who may see costs. */
const ask = (tool: string, args: object, as?: string, scope = FINANCE) =>
  plant.ask('call_read_tool', named(tool, args), as, scope)

const itemText = (row: Row): string =>
  String(rows('ITEM').find(({ itemnum }) => itemnum === row['itemnum'])?.['description'] ?? '')
const below = (location: string): readonly unknown[] => [
  location,
  ...rows('LOCANCESTOR')
    .filter((row) => here(row) && row['ancestor'] === location)
    .map((row) => row['location']),
]
const OPEN_REQUEST = ['NEW', 'QUEUED', 'PENDING', 'INPROG']
const isOpenRequest = (row: Row): boolean => has(row, 'status', ...OPEN_REQUEST)

type Case = readonly [tool: string, args: object, table: string, key: string, is: (row: Row) => boolean]

const CASES: readonly Case[] = [
  ['search_service_requests', {}, 'TICKET', 'ticketid', (row) => here(row) && isOpenRequest(row)],
  ['search_service_requests', { site: '*', state: 'any' }, 'TICKET', 'ticketid', () => true],
  [
    'search_service_requests',
    { state: 'closed' },
    'TICKET',
    'ticketid',
    (row) => here(row) && has(row, 'status', 'CLOSED', 'REJECTED', 'CANCELLED', 'HISTEDIT'),
  ],
  [
    'search_service_requests',
    { state: 'any', reported_by: 'sinclair' },
    'TICKET',
    'ticketid',
    (row) => here(row) && (row['reportedby'] === 'SINCLAIR' || row['affectedperson'] === 'SINCLAIR'),
  ],
  [
    'search_service_requests',
    { state: 'any', unassigned: true, priority_max: 2 },
    'TICKET',
    'ticketid',
    (row) =>
      here(row) &&
      (row['owner'] ?? null) === null &&
      (row['ownergroup'] ?? null) === null &&
      Number(row['reportedpriority'] ?? 99) <= 2,
  ],
  ['search_assets', {}, 'ASSET', 'assetnum', here],
  [
    'search_assets',
    { location: 'BR400' },
    'ASSET',
    'assetnum',
    (row) => here(row) && below('BR400').includes(row['location']),
  ],
  [
    'search_assets',
    { text: 'pump CENTRIFUGAL' },
    'ASSET',
    'assetnum',
    (row) =>
      here(row) &&
      /pump/i.test(String(row['description'])) &&
      /centrifugal/i.test(String(row['description'])),
  ],
  ['search_assets', { down: true, site: '*' }, 'ASSET', 'assetnum', (row) => row['isrunning'] === false],
  [
    'search_assets',
    { state: 'operating', asset_type: ['FACILITIES'] },
    'ASSET',
    'assetnum',
    (row) =>
      here(row) &&
      has(row, 'status', 'OPERATING', 'ACTIVE', 'LIMITEDUSE') &&
      row['assettype'] === 'FACILITIES',
  ],
  ['search_inventory', {}, 'INVENTORY', 'itemnum', here],
  [
    'search_inventory',
    { storeroom: 'CENTRAL' },
    'INVENTORY',
    'itemnum',
    (row) => here(row) && row['location'] === 'CENTRAL',
  ],
  [
    'search_inventory',
    { text: 'bearing' },
    'INVENTORY',
    'itemnum',
    (row) => here(row) && /bearing/i.test(itemText(row)),
  ],
  ['search_pms', { state: 'any' }, 'PM', 'pmnum', here],
  ['search_pms', {}, 'PM', 'pmnum', (row) => here(row) && row['status'] === 'ACTIVE'],
  [
    'search_pms',
    { state: 'any', due_before: '2026-12-15', site: '*' },
    'PM',
    'pmnum',
    (row) => row['nextdate'] !== undefined && String(row['nextdate']) < '2026-12-15',
  ],
]

describe('rows and totals are those of the plant', () => {
  test.each(CASES)('%s %j', async (tool, args, table, key, is) => {
    const expected = rows(table)
      .filter(is)
      .map((row) => String(row[key]))
    expect(expected.length).toBeGreaterThan(0)
    const { values, total } = await everyRow(plant, { tool, args, column: key })
    expect([...values].sort()).toEqual([...expected].sort())
    expect(total).toBe(expected.length)
  })

  test.each([
    ['pr', 'PR', 'prnum'],
    ['po', 'PO', 'ponum'],
    ['invoice', 'INVOICE', 'invoicenum'],
  ])('purchase documents: %s', async (kind, table, key) => {
    const all = rows(table).filter(here)
    const vendor = all[0]?.['vendor']
    const dear = all.filter((row) => Number(row['totalcost']) >= 100 && row['vendor'] === vendor)
    const answer = await ask('search_purchase_documents', { kind, vendor, min_total: 100, limit: 200 })
    const at = (answer.body['cols'] as string[]).indexOf(key)
    expect((answer.body['rows'] as unknown[][]).map((row) => row[at]).sort()).toEqual(
      dear.map((row) => row[key]).sort(),
    )
    expect(answer.body['total']).toBe(dear.length)
  })
})

describe('what cannot be answered is refused by name', () => {
  test.each<[string, object, RegExp]>([
    ['search_assets', { location: 'NOWHERE' }, /^not_found: There is no location "NOWHERE" at site BEDFORD/],
    ['search_assets', { site: 'BEDFRD' }, /^invalid_value: .*"BEDFRD".*Did you mean "BEDFORD"/],
    ['search_assets', { state: 'broken' }, /^invalid_input: .*state/],
    ['search_assets', { fields: ['descripton'] }, /^invalid_field: .*Did you mean "description"/],
    ['search_assets', { status: ['OPERATNG'] }, /^invalid_value: .*Did you mean "OPERATING"/],
    ['search_pms', { asset: '99999999' }, /^not_found: There is no asset "99999999"/],
    ['search_service_requests', { reported_by: 'No Body' }, /^not_found: No person is called "No Body"/],
    ['search_service_requests', { created_after: 'yesterday' }, /^invalid_input: .*created_after/],
    ['search_inventory', { storeroom: '' }, /^invalid_input: .*storeroom/],
    ['search_purchase_documents', { kind: 'contract' }, /^invalid_input: .*kind/],
    ['search_purchase_documents', {}, /^invalid_input: .*kind/],
    ['search_purchase_documents', { kind: 'invoice', requested_by: 'X' }, /^invalid_field: .*requestedby/],
    ['get_asset', { asset: '99999999' }, /^not_found: There is no asset "99999999"/],
    ['get_asset', { asset: '11430', sections: ['meter'] }, /^invalid_input: .*sections/],
    ['get_service_request', { ticket_id: '0' }, /^not_found: There is no service request "0"/],
    ['get_purchase_document', { kind: 'po', number: '0' }, /^not_found: There is no purchase order "0"/],
    ['get_job_plan', { job_plan: 'NONE', revision: 1 }, /^not_found: There is no job plan "NONE"/],
  ])('%s %j', async (tool, args, expected) => {
    expect(await ask(tool, args)).toMatchObject({ isError: true, text: expect.stringMatching(expected) })
  })

  test('overdue is due before today, where the clocks of the user stand', async () => {
    // The clock of the test stands at 2026-11-22 in UTC, still the 21st at Bedford.
    const { plant: database } = plant.simulator
    if (!(database instanceof Database)) throw new Error('not a plant that can be written')
    const [model = {}] = rows('PM').filter(here)
    for (const nextdate of ['2026-11-20', '2026-11-21'])
      database.insert('PM', {
        ...model,
        pmnum: `DUE${nextdate}`,
        nextdate,
        worktype: 'CAL',
        status: 'ACTIVE',
      })
    for (const [tool, args] of [
      ['search_pms', { state: 'any' }],
      ['list_compliance_due', { kind: 'calibration' }],
    ] as const) {
      const found = await everyRow(plant, { tool, args: { ...args, overdue: true }, column: 'pmnum' })
      expect(found.values).toContain('DUE2026-11-20')
      expect(found.values).not.toContain('DUE2026-11-21')
      const all = await everyRow(plant, { tool, args: { ...args, overdue: false }, column: 'pmnum' })
      expect(all.values).toContain('DUE2026-11-21')
    }
  })

  test('purchasing needs the scope to see costs', async () => {
    await expect(ask('search_purchase_documents', { kind: 'po' }, undefined, 'maximo:read')).rejects.toThrow(
      /403/,
    )
  })

  test('the record of a call names the kind of object that it was about', async () => {
    await ask('search_purchase_documents', { kind: 'invoice' })
    expect(plant.door.events.at(-1)).toMatchObject({
      operation: 'search_purchase_documents',
      resource: 'MXAPIINVOICE',
    })
    await ask('search_assets', {})
    expect(plant.door.events.at(-1)).toMatchObject({ operation: 'search_assets', resource: 'MXAPIASSET' })
  })

  test('what Maximo refuses to its user is said so', async () => {
    const theirs = ask('search_purchase_documents', { kind: 'po' }, 'technician@example.com')
    expect((await theirs).text).toMatch(/^not_permitted: /)
  })
})

describe('one record with its sections', () => {
  type Table = { cols: string[]; rows: unknown[][]; total?: number }
  const childrenOf = async (tool: string, args: object): Promise<Record<string, Table>> => {
    const { body, isError, text } = await ask(tool, args)
    expect([isError, text]).toEqual([false, text])
    return (body['children'] ?? {}) as Record<string, Table>
  }

  test('an asset', async () => {
    const children = await childrenOf('get_asset', {
      asset: '11430',
      sections: [
        'hierarchy',
        'meters',
        'open_work',
        'work_history',
        'maintenance',
        'requests',
        'spare_parts',
        'downtime',
      ],
    })
    const work = rows('WORKORDER').filter(
      (row) => here(row) && row['assetnum'] === '11430' && row['istask'] === false,
    )
    expect(children['work_history']?.total).toBe(work.length)
    expect(children['work_history']?.rows).toHaveLength(Math.min(25, work.length))
    expect(children['open_work']?.total).toBe(work.filter((row) => row['historyflag'] === false).length)
    const pms = rows('PM').filter((row) => here(row) && row['assetnum'] === '11430')
    expect(children['preventive_maintenance']?.total).toBe(pms.length)
    const parts = rows('SPAREPART').filter((row) => here(row) && row['assetnum'] === '11430')
    expect(children['sparepart']?.rows ?? []).toHaveLength(parts.length)
  })

  test('sections that the Maximo user may not read are named, the others are there', async () => {
    const { body } = await ask(
      'get_asset',
      { asset: '11430', sections: ['open_work', 'meters'] },
      'technician@example.com',
    )
    expect(body['notes']).toBeUndefined()
    const limited = rows('ASSET').find((row) => row['siteid'] === 'NASHUA')
    const theirs = await ask(
      'get_asset',
      { asset: limited?.['assetnum'], sections: ['open_work'] },
      'limited@example.com',
    )
    expect(theirs.body['notes']).toEqual([
      expect.stringContaining('may not read "open_work" (MXAPIWODETAIL)'),
    ])
  })

  test('a service request, with what else is open for its asset', async () => {
    const twins = rows('TICKET').filter((row) => isOpenRequest(row) && typeof row['assetnum'] === 'string')
    const twin = twins.find((row) =>
      twins.some(
        (other) =>
          other !== row &&
          other['assetnum'] === row['assetnum'] &&
          other['assetsiteid'] === row['assetsiteid'],
      ),
    )
    const ticket = twin ?? twins[0]
    const children = await childrenOf('get_service_request', {
      ticket_id: ticket?.['ticketid'],
      sections: ['log', 'history', 'duplicates'],
    })
    const others = twins.filter(
      (row) =>
        row !== ticket &&
        row['assetnum'] === ticket?.['assetnum'] &&
        row['assetsiteid'] === ticket?.['assetsiteid'],
    )
    expect(children['open_for_the_same_asset']?.total).toBe(others.length)
    expect(children['tkstatus']?.rows.length).toBeGreaterThan(0)
  })

  test('an order shows its latest revision, or the one that was named, with its lines', async () => {
    const number = String(rows('PO').find(here)?.['ponum'])
    await revise(number)
    const { body } = await ask('get_purchase_document', { kind: 'po', number, site: 'BEDFORD' })
    expect(body['record']).toMatchObject({ ponum: number, revisionnum: 1, description: 'revised' })
    const first = await ask('get_purchase_document', { kind: 'po', number, site: 'BEDFORD', revision: 0 })
    expect(first.body['record']).toMatchObject({ revisionnum: 0 })
    const lines = rows('POLINE').filter(
      (row) => here(row) && row['ponum'] === number && row['revisionnum'] === 0,
    )
    expect((first.body['children'] as Record<string, Table>)['poline']?.rows).toHaveLength(lines.length)
  })

  test('a job plan with its tasks', async () => {
    const plan = rows('JOBPLAN')[0]
    const children = await childrenOf('get_job_plan', { job_plan: plan?.['jpnum'], sections: ['used_by'] })
    expect(children['jptask']?.rows.length).toBeGreaterThan(0)
    expect(children['preventive_maintenance']?.total).toBe(
      rows('PM').filter((row) => row['jpnum'] === plan?.['jpnum']).length,
    )
  })
})

describe('saved queries', () => {
  test('are listed by object', async () => {
    const { body } = await ask('list_saved_queries', { object: 'mxapiwodetail' })
    expect(body).toMatchObject({
      total: 3,
      rows: expect.arrayContaining([['OPENWO', 'Open work orders']]) as unknown,
    })
    expect((await ask('list_saved_queries', { object: 'mxapiitem' })).body['notes']).toHaveLength(1)
  })

  test('find what they say, with their parameters and further filters', async () => {
    const open = rows('WORKORDER').filter((row) => row['istask'] === false && row['historyflag'] === false)
    const { values, total } = await everyRow(plant, {
      tool: 'run_saved_query',
      args: {
        object: 'mxapiwodetail',
        name: 'OPENBYSITE',
        parameters: { siteid: 'NASHUA' },
        select: ['wonum'],
      },
      column: 'wonum',
    })
    expect(total).toBe(open.filter((row) => row['siteid'] === 'NASHUA').length)
    expect(values).toHaveLength(Number(total))
    const filters = [{ field: 'worktype', op: 'eq', value: 'PM' }]
    const { body } = await ask('run_saved_query', { object: 'mxapiwodetail', name: 'openwo', filters })
    expect(body['total']).toBe(open.filter((row) => row['worktype'] === 'PM').length)
  })

  test.each<[object, RegExp]>([
    [{ object: 'mxapiwodetail', name: 'OPENW' }, /^invalid_value: .*Did you mean "OPENWO"/],
    [{ object: 'mxapiwodetail', name: "x' or 1=1" }, /^invalid_field: .*not the name of a saved query/],
    [{ object: 'mxapiwodetail', name: 'OPENBYSITE', parameters: { siteid: '`"' } }, /^invalid_/],
    [{ object: 'mxapinothing', name: 'OPENWO' }, /^unknown_object: /],
  ])('refused: %j', async (args, expected) => {
    expect(await ask('run_saved_query', args)).toMatchObject({
      isError: true,
      text: expect.stringMatching(expected),
    })
  })
})

/** A second revision of an order, through the simulator's own API. */
async function revise(ponum: string): Promise<void> {
  const { baseUrl, accounts } = plant.simulator
  const response = await fetch(`${baseUrl}/api/os/mxapipo?lean=1`, {
    method: 'POST',
    headers: {
      ...PROBE,
      apikey: accounts.of('planner@example.com').apiKey,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ siteid: 'BEDFORD', ponum, revisionnum: 1, description: 'revised' }),
  })
  if (response.status !== 201) throw new Error(await response.text())
}
