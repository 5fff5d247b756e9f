import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../../src/dev/simulator/plant/database.ts'
import type { Row, Value } from '../../../src/dev/simulator/plant/plant.ts'
import { startOf } from '../../../src/mcp/tools/read/days.ts'
import { figuresIn } from '../../support/maximo/kpi-questions.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../../support/maximo/plant-door.ts'

let plant: PlantDoor
let database: Database
beforeAll(async () => {
  plant = await openPlantDoor()
  if (!(plant.simulator.plant instanceof Database)) throw new Error('not a plant that can be written')
  database = plant.simulator.plant
  // One of its assets has this history and no other.
  database.insert('ASSET', { ...withoutKeys(database.rows('ASSET')[0] ?? {}), ...PUMP, status: 'OPERATING' })
})
const written: Row[] = []
afterEach(() => {
  plant.simulator.faults.clear()
  for (const row of written.splice(0)) database.remove('WORKORDER', row)
})
afterAll(() => plant.close())

const PUMP = { siteid: 'BEDFORD', assetnum: 'KPI1' }
const withoutKeys = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).filter(([name]) => !['assetuid', 'workorderid', '_rowstamp'].includes(name)),
  )

/** A work order of the pump. */
function order(values: Readonly<Record<string, Value | undefined>>): void {
  const model = database.rows('WORKORDER').find((row) => row['istask'] === false)
  const empty = ['targcompdate', 'schedfinish', 'actstart', 'actfinish'].map((name) => [name, undefined])
  written.push(
    database.insert('WORKORDER', {
      ...withoutKeys(model ?? {}),
      ...(Object.fromEntries(empty) as Row),
      ...{ ...PUMP, wonum: `K${written.length}`, worktype: 'CM', status: 'COMP', ...values },
    }),
  )
}

const at = (text: string): number => Date.parse(text)
const ask = (tool: string, args: object, as?: string): Promise<ToolReply> =>
  plant.ask('call_read_tool', { tool, arguments: args }, as)
const kpis = (args: object, as?: string) => ask('get_maintenance_kpis', { asset: 'kpi1', ...args }, as)
const OCTOBER = { from: '2026-10-01', to: '2026-10-31' }

describe('periods are days of the user’s own zone', () => {
  test('midnight belongs to the day that begins, the second before to the one that ends', async () => {
    for (const second of [
      '2026-10-01T03:59:59Z',
      '2026-10-01T04:00:00Z',
      '2026-11-01T03:59:59Z',
      '2026-11-01T04:00:00Z',
    ])
      order({ reportdate: at(second) })
    const count = async (args: object): Promise<number | undefined> =>
      figuresIn(await kpis({ ...args, kpis: ['mtbf'] })).get('mtbf')?.denominator?.value
    expect(await count(OCTOBER)).toBe(2)
    expect(await count({ from: '2026-09-30', to: '2026-09-30' })).toBe(1)
    expect(await count({ from: '2026-11-01', to: '2026-11-01' })).toBe(1)
  })

  test('a day on which clocks are put back has 25 hours, and a whole month one more', async () => {
    const hours = async (args: object): Promise<number | undefined> =>
      figuresIn(await kpis({ ...args, kpis: ['mtbf'] })).get('mtbf')?.numerator?.value
    expect(await hours({ from: '2026-11-01', to: '2026-11-01' })).toBe(25)
    expect(await hours({ from: '2026-10-15', to: '2026-11-14' })).toBe(31 * 24 + 1)
    expect(await hours({ from: '2026-03-08', to: '2026-03-08' })).toBe(23)
  })

  test('midnight is where the clocks of the zone show it, also in the night in which they change', () => {
    const utc = (day: string, zone: string | null): string =>
      new Date(startOf(day, zone)).toISOString().slice(0, 16)
    expect(utc('2026-10-04', 'Australia/Sydney')).toBe('2026-10-03T14:00')
    expect(utc('2026-10-05', 'Australia/Sydney')).toBe('2026-10-04T13:00')
    expect(utc('2026-11-01', 'America/New_York')).toBe('2026-11-01T04:00')
    expect(utc('2026-05-01', 'Asia/Kolkata')).toBe('2026-04-30T18:30')
    expect(utc('2026-05-01', null)).toBe('2026-05-01T00:00')
    expect(utc('2026-05-01', 'No/Such')).toBe('2026-05-01T00:00')
  })

  test('last month when none is named; a day that is not over is said', async () => {
    const { body } = await kpis({ kpis: ['backlog'] })
    expect(body['period']).toEqual({ ...OCTOBER, time_zone: 'America/New_York' })
    // The clock stands at midnight UTC of the 22nd: still the 21st at Bedford, 19 hours of it gone.
    const today = await kpis({ from: '2026-11-21', kpis: ['mtbf'] })
    expect(figuresIn(today).get('mtbf')?.numerator?.value).toBe(19)
    expect(today.body['notes']).toContainEqual(expect.stringContaining('today and not over'))
  })

  test.each<[object, RegExp]>([
    [{ to: '2026-10-31' }, /^invalid_value: "to" needs "from"/],
    [{ from: '2026-10-31', to: '2026-10-30' }, /^invalid_value: "to" \(2026-10-30\) lies before/],
    [{ from: '2025-10-31', to: '2026-11-01' }, /^invalid_value: The period has more than 366 days/],
    [
      { from: '2026-11-01', to: '2026-11-22' },
      /^invalid_value: "to" \(2026-11-22\) lies after today \(2026-11-21\)/,
    ],
  ])('%j', async (args, expected) => {
    for (const tool of ['get_maintenance_kpis', 'rank_bad_actors', 'get_failure_pareto'])
      expect((await ask(tool, args)).text).toMatch(expected)
  })

  test('366 days are not too many', async () => {
    expect((await kpis({ from: '2025-10-31', to: '2026-10-31', kpis: ['mtbf'] })).isError).toBe(false)
  })
})

describe('what cannot be divided is unknown, and says why', () => {
  test('no failure: the mean time between failures is longer than what was seen, not infinite', async () => {
    expect(figuresIn(await kpis({ ...OCTOBER, kpis: ['mtbf'] })).get('mtbf')).toMatchObject({
      value: null,
      complete: true,
      reason:
        'No failure was reported in 744 hours of service: the mean time is longer than that, and not known.',
      numerator: { value: 744, rows: 1 },
      denominator: { value: 0, rows: 0 },
    })
  })

  test('nothing due, nothing scheduled, nothing finished', async () => {
    const found = figuresIn(await kpis(OCTOBER))
    expect(
      [...found.values()].map(({ kpi, value, complete, reason }) => [kpi, value, complete, reason]),
    ).toEqual([
      ['backlog', 0, true, undefined],
      ['pm_compliance', null, true, 'There are no work orders due in the period.'],
      ['schedule_compliance', null, true, 'There are no work orders scheduled to finish in the period.'],
      ['mtbf', null, true, expect.stringContaining('No failure was reported') as unknown],
      ['mttr', null, true, 'There are no repairs finished in the period.'],
      ['reactive_share', null, true, 'There are no labor hours of all finished work.'],
      ['reactive_orders', null, true, 'There are no work orders of all finished work.'],
    ])
  })

  test('an asset that was out of service before the period began has no hours', async () => {
    const pump = database.find('ASSET', 'assetnum', 'KPI1')[0] ?? {}
    const out = (statusdate: string) =>
      database.update('ASSET', database.find('ASSET', 'assetnum', 'KPI1')[0] ?? {}, {
        status: 'BROKEN',
        statusdate: at(statusdate),
      })
    const mtbf = async () => figuresIn(await kpis({ ...OCTOBER, kpis: ['mtbf'] })).get('mtbf')
    try {
      out('2026-10-01T04:00:00Z')
      expect((await mtbf())?.numerator?.rows).toBe(1)
      out('2026-10-01T03:59:59Z')
      expect(await mtbf()).toMatchObject({
        value: null,
        complete: true,
        reason: 'No asset of this part of the plant was in service in the period.',
      })
    } finally {
      const { status, statusdate } = pump
      database.update('ASSET', database.find('ASSET', 'assetnum', 'KPI1')[0] ?? {}, { status, statusdate })
    }
  })
})

describe('what counts, and what is said of what does not', () => {
  test('a failure that is still open counts as a failure, has no repair time, and is named', async () => {
    order({ reportdate: at('2026-10-05T12:00:00Z'), status: 'INPRG', actstart: at('2026-10-06T12:00:00Z') })
    order({
      reportdate: at('2026-10-07T12:00:00Z'),
      actstart: at('2026-10-08T12:00:00Z'),
      actfinish: at('2026-10-08T15:30:00Z'),
    })
    order({ reportdate: at('2026-10-09T12:00:00Z'), status: 'CAN' })
    order({ reportdate: at('2026-10-09T12:00:00Z'), actfinish: at('2026-10-10T12:00:00Z') })
    const found = figuresIn(await kpis(OCTOBER))
    expect(found.get('mtbf')).toMatchObject({ value: 248, denominator: { value: 3 } })
    expect(found.get('mttr')).toMatchObject({ value: 3.5, denominator: { value: 1 } })
    expect(found.get('mttr')?.notes).toEqual([
      'Left out, without a usable actual start: 1.',
      'Still open, without a repair time yet: 1.',
    ])
  })

  test('done on the due day is in time, finished without a date is not, cancelled is not asked for', async () => {
    const due = { worktype: 'PM', targcompdate: at('2026-10-10T16:00:00Z') }
    order({ ...due, actfinish: at('2026-10-11T03:59:59Z') })
    order({ ...due, actfinish: at('2026-10-11T04:00:00Z') })
    order({ ...due, actfinish: undefined })
    order({ ...due, status: 'WPCOND' })
    order({ ...due, status: 'CAN', actfinish: at('2026-10-09T12:00:00Z') })
    const found = figuresIn(await kpis({ ...OCTOBER, kpis: ['pm_compliance'] })).get('pm_compliance')
    expect(found).toMatchObject({ value: 25, numerator: { value: 1 }, denominator: { value: 4 } })
    expect(found?.notes).toEqual([
      'Finished without an actual finish, and counted as not finished by the day: 1.',
    ])
  })

  test('more on one day than are read row by row is counted by Maximo, to the same end', async () => {
    for (let index = 0; index < 60; index += 1)
      order({
        worktype: 'PM',
        targcompdate: at('2026-10-10T16:00:00Z'),
        actfinish: at(index < 40 ? '2026-10-11T03:59:59Z' : '2026-10-11T04:00:00Z'),
      })
    const asked = { from: '2026-10-10', to: '2026-10-10', kpis: ['pm_compliance'] }
    const ask = async () => figuresIn(await kpis(asked)).get('pm_compliance')
    expect(await ask()).toMatchObject({ numerator: { value: 40 }, denominator: { value: 60 } })
    for (const row of written.splice(0, 35)) database.remove('WORKORDER', row)
    expect(await ask()).toMatchObject({ numerator: { value: 5 }, denominator: { value: 25 } })
  })

  test('work types that nobody uses are named, with the nearest', async () => {
    const { body } = await kpis({ ...OCTOBER, kpis: ['mttr'], failure_types: ['cm', 'emm'] })
    expect(body['notes']).toEqual([
      'Only your default site; "site": "*" asks all.',
      expect.stringMatching(/the work type "EMM"\. Did you mean "EM"/),
    ])
  })
})

describe('names that do not exist are refused with the nearest', () => {
  test.each<[object, RegExp]>([
    [{ site: 'BEDFROD' }, /^invalid_value: There is no site "BEDFROD".* Did you mean "BEDFORD"/],
    [{ location: 'NOWHERE' }, /^not_found: There is no location "NOWHERE" at site BEDFORD/],
  ])('%j', async (args, expected) => {
    for (const tool of ['rank_bad_actors', 'get_failure_pareto', 'get_backlog'])
      expect((await ask(tool, args)).text).toMatch(expected)
    expect((await ask('get_maintenance_kpis', args)).text).toMatch(expected)
  })

  test('an asset, too; one that exists and has no work is told from it', async () => {
    expect((await kpis({ asset: 'NONE1' })).text).toMatch(
      /^not_found: There is no asset "NONE1" at site BEDFORD/,
    )
    expect((await kpis({})).isError).toBe(false)
  })
})

describe('what cannot all be read is no number', () => {
  test('who may not read assets gets every figure but the one that needs them, and the right that is missing', async () => {
    plant.simulator.faults.add({
      fault: { kind: 'bmx-error', status: 400, code: 'BMXAA9301E', text: 'no' },
      when: 'os/mxapiasset',
    })
    const reply = await ask('get_maintenance_kpis', OCTOBER)
    const found = figuresIn(reply)
    expect(found.get('mtbf')).toMatchObject({ value: null, complete: false })
    expect(found.get('mtbf')?.reason).toMatch(
      /may not read this\..*asked for MXAPIASSET.*Ask a Maximo administrator/,
    )
    expect([...found.values()].filter(({ complete }) => !complete)).toHaveLength(1)
    expect(reply.body['complete']).toBe(false)
  })

  test('who may not read work orders is refused, with the object', async () => {
    for (const tool of ['get_maintenance_kpis', 'rank_bad_actors', 'get_failure_pareto', 'get_backlog'])
      expect((await ask(tool, {}, 'limited@example.com')).text).toMatch(/^not_permitted: .*MXAPIWODETAIL/s)
  })

  test('without the right to read labor the weeks of a craft are unknown, its hours are not', async () => {
    const { body } = await ask('get_backlog', {}, 'technician@example.com')
    const rows = body['rows'] as unknown[][]
    expect(rows.length).toBeGreaterThan(1)
    for (const [, , hours, people, weeks] of rows)
      expect([typeof hours, people, weeks]).toEqual(['number', null, null])
    expect(body['notes']).toContainEqual(
      expect.stringMatching(/^People and weeks are not known\. .*may not read/),
    )
  })

  test('more rows than are read one by one: no part of them is passed off as all', async () => {
    plant.simulator.faults.add({ fault: { kind: 'wrong-total', by: 20_000 }, when: 'count=1' })
    const found = figuresIn(await ask('get_maintenance_kpis', { ...OCTOBER, kpis: ['mttr'] })).get('mttr')
    expect(found).toMatchObject({ value: null, complete: false })
    expect(found?.reason).toMatch(
      /^20,\d{3} work orders would have to be read one by one; at most 10,000 are\. Ask for a shorter/,
    )
    expect((await ask('rank_bad_actors', { ...OCTOBER, by: 'repair_hours' })).text).toMatch(/^too_large: 20,/)
  })

  test('rows that come or go while they are read are not averaged', async () => {
    plant.simulator.faults.add({ fault: { kind: 'wrong-total', by: 1 }, when: 'count=1', times: 1 })
    const found = figuresIn(await ask('get_maintenance_kpis', { ...OCTOBER, kpis: ['mttr'] })).get('mttr')
    expect(found).toMatchObject({ value: null, complete: false })
    expect(found?.reason).toMatch(/^Work orders changed while they were read/)
  })

  test('costs that the caller may not see are not added up, and the answer names those that are', async () => {
    const rules = (...fields: string[]) => ({
      rules: [{ object: 'MXAPIWODETAIL', fields, action: 'hide' as const }],
    })
    const asked = { tool: 'rank_bad_actors', arguments: { by: 'cost', ...OCTOBER, limit: 1 } }
    const [some, none] = await Promise.all(
      [rules('actmatcost'), rules('actmatcost', 'actlabcost')].map((fields) => openPlantDoor({ fields })),
    )
    try {
      const whole = await ask('rank_bad_actors', asked.arguments)
      expect(whole.body['reading']).toMatch(/^actlabcost \+ actmatcost of all work orders finished, /)
      const part = await some?.ask('call_read_tool', asked)
      expect(part?.body['reading']).toMatch(/^actlabcost of all work orders finished, /)
      expect((await none?.ask('call_read_tool', asked))?.text).toMatch(
        /^invalid_field: Work orders show no actual costs/,
      )
    } finally {
      await Promise.all([some?.close(), none?.close()])
    }
  })
})
