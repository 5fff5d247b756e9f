import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'

let plant: PlantDoor
let orders: readonly Row[]
beforeAll(async () => {
  plant = await openPlantDoor()
  orders = plant.simulator.plant.rows('WORKORDER').filter((row) => row['istask'] === false)
})
afterAll(() => plant.close())

interface Preview {
  readonly object: string
  readonly site?: string
  readonly rows: number
  readonly reading: string
  readonly understood?: readonly { words: string; as: string }[]
  readonly not_understood?: readonly string[]
  readonly warnings: readonly string[]
  readonly requests: readonly Record<string, string>[]
  readonly run: { readonly tool: string; readonly arguments: object }
}

const preview = (args: object, as?: string) => plant.ask('preview_query', args, as)
async function said(question: string, more: object = {}): Promise<Preview> {
  const { body, isError, text } = await preview({ question, ...more })
  expect([isError, text]).toEqual([false, text])
  return body as unknown as Preview
}
const at = (site: string) => (row: Row) => row['siteid'] === site
const here = at('BEDFORD')
const has = (row: Row, ...statuses: string[]): boolean => statuses.includes(String(row['status']))
const OPEN = ['WAPPR', 'WSCH', 'WMATL', 'APPR', 'APPR S1', 'WPCOND', 'INPRG']
const isOpen = (row: Row): boolean => has(row, ...OPEN)
const now = (): number => plant.door.workshop.clock.nowMs()

describe('a question about work orders means the rows of the plant', () => {
  test.each<[string, (row: Row) => boolean]>([
    ['open work orders', (row) => here(row) && isOpen(row)],
    [
      'Which work orders are overdue?',
      (row) => here(row) && isOpen(row) && Number(row['targcompdate'] ?? Infinity) < now(),
    ],
    ['show me all open WOs at Nashua', (row) => at('NASHUA')(row) && isOpen(row)],
    ['open work orders at all sites', isOpen],
    ['work orders waiting on material', (row) => here(row) && has(row, 'WMATL')],
    ['approved work orders', (row) => here(row) && has(row, 'APPR', 'APPR S1', 'WPCOND')],
    ['work orders in status WPCOND', (row) => here(row) && has(row, 'WPCOND')],
    [
      'work orders in progress for asset 11430',
      (row) => here(row) && has(row, 'INPRG') && row['assetnum'] === '11430',
    ],
    ['open jobs with priority 1', (row) => here(row) && isOpen(row) && row['wopriority'] === 1],
    [
      'open work orders of priority 2 or higher',
      (row) => here(row) && isOpen(row) && row['wopriority'] !== undefined && Number(row['wopriority']) <= 2,
    ],
    ['open work orders of type PM', (row) => here(row) && isOpen(row) && row['worktype'] === 'PM'],
    ['cancelled work orders', (row) => here(row) && has(row, 'CAN')],
    ['work order 1022', (row) => here(row) && row['wonum'] === '1022'],
    ['work orders about "sealing"', (row) => here(row) && /sealing/i.test(String(row['description']))],
    [
      'open work orders that are unassigned',
      (row) => here(row) && isOpen(row) && (row['lead'] ?? null) === null,
    ],
  ])('%s', async (question, is) => {
    const answer = await said(question)
    expect(answer.not_understood).toEqual([])
    expect(answer.object).toBe('mxapiwodetail')
    expect(answer.rows).toBe(orders.filter(is).length)
  })

  test.each<[string, string, string, string]>([
    // The clock of the test stands at Sunday, 2026-11-22.
    ['work orders reported since 2026-10-01', 'reportdate', 'ge', '2026-10-01'],
    ['work orders due before 2026-12-01', 'targcompdate', 'lt', '2026-12-01'],
    ['work orders reported on 2026-10-01', 'reportdate', 'eq', '2026-10-01'],
    ['work orders finished after 2026-10-01', 'actfinish', 'gt', '2026-10-01'],
    ['work orders scheduled by 2026-12-24', 'schedstart', 'le', '2026-12-24'],
    ['work orders changed yesterday', 'changedate', 'eq', '2026-11-20'],
  ])('%s', async (question, field, op, value) => {
    const { run, not_understood: rest } = await said(question)
    expect(rest).toEqual([])
    expect((run.arguments as { filters: object[] }).filters).toContainEqual({ field, op, value })
  })

  test.each<[string, string, string, string]>([
    ['work orders reported last week', 'reportdate', '2026-11-09', '2026-11-15'],
    ['work orders due next month', 'targcompdate', '2026-12-01', '2026-12-31'],
    ['work orders of the last 7 days', 'reportdate', '2026-11-14', '2026-11-21'],
    ['work orders due in the next 2 months', 'targcompdate', '2026-11-21', '2027-01-21'],
    ['work orders finished this year', 'actfinish', '2026-01-01', '2026-12-31'],
    ['work orders reported between 2026-10-01 and 2026-10-15', 'reportdate', '2026-10-01', '2026-10-15'],
  ])('%s', async (question, field, from, to) => {
    const { run, not_understood: rest } = await said(question)
    expect(rest).toEqual([])
    expect((run.arguments as { filters: object[] }).filters).toEqual(
      expect.arrayContaining([
        { field, op: 'ge', value: from },
        { field, op: 'le', value: to },
      ]),
    )
  })
})

describe('other records', () => {
  test.each<[string, string, string, (row: Row) => boolean]>([
    ['new service requests', 'mxapisr', 'TICKET', (row) => here(row) && has(row, 'NEW')],
    ['how many tickets are rejected', 'mxapisr', 'TICKET', (row) => here(row) && has(row, 'REJECTED')],
    ['assets at location BR430', 'mxapiasset', 'ASSET', (row) => here(row) && row['location'] === 'BR430'],
    ['equipment that is broken', 'mxapiasset', 'ASSET', (row) => here(row) && has(row, 'BROKEN')],
    [
      'active PMs for asset 11430',
      'mxapipm',
      'PM',
      (row) => here(row) && has(row, 'ACTIVE') && row['assetnum'] === '11430',
    ],
    ['purchase orders of vendor GCE', 'mxapipo', 'PO', (row) => here(row) && row['vendor'] === 'GCE'],
  ])('%s', async (question, object, table, is) => {
    const answer = await said(question)
    expect(answer).toMatchObject({ object, not_understood: [] })
    expect(answer.rows).toBe(plant.simulator.plant.rows(table).filter(is).length)
  })
})

describe('what it says besides', () => {
  test('the compiled query, its reading, and the call that runs it and finds as many rows', async () => {
    const answer = await said('open work orders of type CM at Bedford')
    expect(answer.requests[0]?.['oslc.where']).toMatch(
      /status in \[.*"WAPPR".*\].*worktype="CM"|worktype="CM".*status in/,
    )
    expect(answer.reading).toContain('worktype')
    expect(answer.understood).toEqual(
      expect.arrayContaining([
        { words: 'open', as: expect.stringMatching(/^status in .*WPCOND/) as unknown },
        { words: 'Bedford', as: 'site BEDFORD' },
      ]),
    )
    const run = await plant.ask(answer.run.tool, { ...answer.run.arguments, count: true })
    expect(run.body['total']).toBe(answer.rows)
  })

  test('a question how many is answered by groups', async () => {
    const answer = await said('how many open work orders per status')
    expect(answer.run).toMatchObject({
      tool: 'aggregate_records',
      arguments: { group_by: ['status'], metrics: ['count'] },
    })
    const run = await plant.ask(answer.run.tool, answer.run.arguments)
    const counts = (run.body['rows'] as [string, number][]).map(([, count]) => count)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(answer.rows)
  })

  test('words that it did not understand, never left out in silence', async () => {
    const answer = await said('purple open work orders near the volcano')
    expect(answer.not_understood).toEqual(['purple', 'near', 'volcano'])
    expect(answer.warnings).toContainEqual(expect.stringContaining('not_understood'))
    expect(answer.rows).toBe(orders.filter((row) => here(row) && isOpen(row)).length)
  })

  test.each<[string, readonly string[]]>([
    ['assets due next week', ['due', 'next', 'week']],
    ['people reported since 2026-01-01', ['reported', 'since', '2026-01-01']],
    ['how many PMs by vendor', ['by', 'vendor']],
    ['open work orders for WILSON', ['WILSON']],
  ])('%s: what the record does not have is told, not dropped', async (question, words) => {
    const { not_understood: rest, warnings } = await said(question)
    expect(rest).toEqual(words)
    expect(warnings).toContainEqual(expect.stringContaining('not_understood'))
  })

  test('warnings: every status, a search in texts, the default site, nothing found', async () => {
    const { warnings } = await said('work orders about "no such thing at all"')
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining('default site'),
        'Every status counts, also closed and cancelled.',
        expect.stringContaining('reads every row'),
        'Nothing matches.',
      ]),
    )
  })

  test('filters alone, as query_records takes them, and both together', async () => {
    const filters = [{ field: 'worktype', op: 'eq', value: 'PM' }]
    const { body } = await preview({ object: 'mxapiwodetail', filters, site: '*' })
    const all = plant.simulator.plant.rows('WORKORDER').filter((row) => row['worktype'] === 'PM')
    expect(body).toMatchObject({
      rows: all.length,
      run: { tool: 'query_records', arguments: { filters, site: '*' } },
    })
    const both = await said('open work orders', { filters, site: 'NASHUA' })
    expect(both.rows).toBe(
      orders.filter((row) => at('NASHUA')(row) && isOpen(row) && row['worktype'] === 'PM').length,
    )
  })

  test('an object of any name with the words of a question', async () => {
    const answer = await said('about "pump"', { object: 'mxapiitem' })
    expect(answer.rows).toBe(
      plant.simulator.plant
        .rows('ITEM')
        .filter((row) => row['itemtype'] === 'ITEM' && /pump/i.test(String(row['description']))).length,
    )
  })

  test('reads no record', async () => {
    const before = plant.simulator.plant.rows('WORKORDER').length
    const { text } = await preview({ question: 'work order 1022' })
    expect(before).toBeGreaterThan(0)
    expect(text).not.toMatch(/"rows":\[|windshield/i)
  })
})

describe('what cannot be previewed is refused by name', () => {
  test.each<[object, RegExp]>([
    [{}, /^invalid_input: There is nothing to preview/],
    [{ question: 'how is the weather' }, /^invalid_input: The question does not say what kind of record/],
    [{ question: 'open work orders', match: 'any' }, /^invalid_input: .*do not go together/],
    [{ question: 'open things', object: 'mxapiwodetial' }, /^unknown_object: .*"mxapiwodetail"/],
    [
      { object: 'mxapiwodetail', filters: [{ field: 'statsu', op: 'eq', value: 'x' }] },
      /^invalid_field: .*"status"/,
    ],
    [
      { object: 'mxapiwodetail', filters: [{ field: 'status', op: 'eq', value: 'WAPR' }] },
      /^invalid_value: .*"WAPPR"/,
    ],
    [{ question: 'open work orders', site: 'BEDFRD' }, /^invalid_value: .*"BEDFORD"/],
    [{ question: 'x'.repeat(401) }, /^invalid_input: .* question: Too big/],
    [{ question: 'hm' }, /^invalid_input: .*question/],
  ])('%j', async (args, expected) => {
    expect(await preview(args)).toMatchObject({ isError: true, text: expect.stringMatching(expected) })
  })

  test('nor for whom Maximo refuses the object', async () => {
    const { text } = await preview({ question: 'purchase orders of vendor GCE' }, 'technician@example.com')
    expect(text).toMatch(/^not_permitted: /)
  })

  test('a user who may not read organizations names sites by their ids', async () => {
    const { body } = await preview({ question: 'assets at NASHUA' }, 'limited@example.com')
    expect(body).toMatchObject({ site: 'NASHUA', not_understood: [] })
  })
})
