import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../../support/maximo/plant-door.ts'

const FINANCE = 'maximo:read maximo:finance'

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor()
})
afterAll(() => plant.close())

const rows = (table: string): readonly Row[] => plant.simulator.plant.rows(table)
const here = (row: Row): boolean => row['siteid'] === 'BEDFORD'
const ask = (tool: string, args: object, as?: string, scope?: string): Promise<ToolReply> =>
  plant.ask('call_read_tool', { tool, arguments: args }, as, scope)
const objects = ({ body, text, isError }: ToolReply): Record<string, unknown>[] => {
  if (isError) throw new Error(text)
  return (body['rows'] as unknown[][]).map((row) =>
    Object.fromEntries((body['cols'] as string[]).map((name, index) => [name, row[index]])),
  )
}
const DAY_MS = 86_400_000

describe('get_pm_forecast', () => {
  test('every due date up to the horizon, by frequency, with the hours of the job plan', async () => {
    // The clock of the test stands at 2026-11-22 in UTC, still the 21st at Bedford; 4 weeks later is 2026-12-19.
    const found = objects(await ask('get_pm_forecast', { weeks: 4 }))
    const expected = rows('PM')
      .filter(here)
      .flatMap((pm) => {
        const step = { DAYS: 1, WEEKS: 7 }[String(pm['frequnit'])]
        const first = Date.parse(String(pm['nextdate']))
        const days = Array.from({ length: 60 }, (_, index) =>
          // A month or more lies beyond the horizon, but for the first date itself.
          step === undefined
            ? first + index * 31 * DAY_MS
            : first + index * Number(pm['frequency']) * step * DAY_MS,
        )
        return days
          .map((ms) => new Date(ms).toISOString().slice(0, 10))
          .filter((day, index) => day <= '2026-12-19' && (step !== undefined || index === 0))
          .map((day) => `${day} ${String(pm['pmnum'])}`)
      })
    expect(found.map(({ due, pmnum }) => `${String(due)} ${String(pmnum)}`).sort()).toEqual(expected.sort())
    const pump = found.find(({ pmnum }) => pmnum === '1020')
    const hours = rows('JPLABOR')
      .filter((row) => row['jpnum'] === 'JP1143')
      .reduce((sum, row) => sum + Number(row['quantity']) * Number(row['laborhrs']), 0)
    expect(pump?.['labor_hours']).toBe(hours)
    expect(hours).toBeGreaterThan(0)
  })

  test('months keep their day, and the end of a month does not wander', async () => {
    const found = objects(await ask('get_pm_forecast', { pm: '1011', weeks: 60 }))
    const first = String(rows('PM').find((row) => here(row) && row['pmnum'] === '1011')?.['nextdate'])
    expect(found.length).toBe(5)
    for (const { due } of found) expect(String(due).slice(8)).toBe(first.slice(8))
  })

  test.each<[object, RegExp]>([
    [{ pm: '99999' }, /^not_found: There is no active preventive maintenance for "99999"/],
    [{ asset: 'no <b>such' }, /^not_found: .*"no \?b\?such"/],
    [{ weeks: 105 }, /^invalid_input: .*weeks/],
  ])('%j', async (args, expected) => {
    expect((await ask('get_pm_forecast', args)).text).toMatch(expected)
  })
})

describe('get_schedule', () => {
  const inWindow = (from: string, to: string): readonly Row[] =>
    rows('ASSIGNMENT').filter((row) => {
      if (!here(row) || typeof row['scheduledate'] !== 'number') return false
      // Bedford lies five hours behind UTC in November.
      const day = new Date(row['scheduledate'] - 5 * 3_600_000).toISOString().slice(0, 10)
      return from <= day && day <= to
    })

  test('every assignment of the window, with the sum of hours', async () => {
    const answer = await ask('get_schedule', { from: '2026-11-16', to: '2026-11-30' })
    const expected = inWindow('2026-11-16', '2026-11-30')
    expect(expected.length).toBeGreaterThan(0)
    const found = objects(answer)
    expect(found.map(({ wonum, labor }) => `${String(wonum)} ${String(labor)}`).sort()).toEqual(
      expected.map((row) => `${String(row['wonum'])} ${String(row['laborcode'])}`).sort(),
    )
    const hours = Math.round(expected.reduce((sum, row) => sum + Number(row['laborhrs'] ?? 0), 0) * 100) / 100
    expect(answer.body['reading']).toBe(`${hours} hours assigned from 2026-11-16 to 2026-11-30`)
    const days = found.map(({ day }) => String(day))
    expect(days).toEqual([...days].sort())
  })

  test.each(['labor', 'craft', 'crew', 'day'])('hours by %s, without the assignments', async (by) => {
    const window = { from: '2026-11-16', to: '2026-11-30' }
    const each = objects(await ask('get_schedule', window))
    const expected = new Map<unknown, [number, number]>()
    for (const one of each) {
      const [hours, count] = expected.get(one[by]) ?? [0, 0]
      expected.set(one[by], [hours + Number(one['hours']), count + 1])
    }
    const found = objects(await ask('get_schedule', { ...window, total_by: by }))
    expect(new Map(found.map((row) => [row[by], [row['hours'], row['assignments']]]))).toEqual(expected)
    // No assignment of the small plant names a craft.
    expect(expected.size).toBeGreaterThan(by === 'craft' ? 0 : 1)
    const order = found.map((row) => (by === 'day' ? String(row['day']) : -Number(row['hours'])))
    expect(order).toEqual(order.toSorted((a, b) => (a < b ? -1 : Number(a > b))))
  })

  test('of one person', async () => {
    const who = String(inWindow('2026-11-16', '2026-11-30')[0]?.['laborcode'])
    const found = objects(
      await ask('get_schedule', { from: '2026-11-16', to: '2026-11-30', labor: who.toLowerCase() }),
    )
    expect(found).toHaveLength(
      inWindow('2026-11-16', '2026-11-30').filter((row) => row['laborcode'] === who).length,
    )
  })

  test.each<[object, RegExp]>([
    [{ from: '2026-11-30', to: '2026-11-16' }, /^invalid_value: "to" \(2026-11-16\) lies before "from"/],
    [{ from: '2026-01-01', to: '2026-11-16' }, /^invalid_value: The window has more than 92 days/],
    [{ from: 'monday', to: '2026-11-16' }, /^invalid_input: .*from/],
    [{ from: '2026-11-16' }, /^invalid_input: .*to/],
  ])('%j', async (args, expected) => {
    expect((await ask('get_schedule', args)).text).toMatch(expected)
    expect((await ask('find_available_labor', args)).text).toMatch(expected)
  })
})

describe('find_available_labor', () => {
  const WINDOW = { from: '2026-11-16', to: '2026-11-30' }

  test('people of a craft, the least loaded first, with their assigned hours', async () => {
    const craft = String(rows('LABORCRAFTRATE')[0]?.['craft'])
    const found = objects(
      await ask('find_available_labor', { ...WINDOW, craft: craft.toLowerCase(), site: '*' }),
    )
    const active = new Set(
      rows('LABOR')
        .filter((row) => row['status'] === 'ACTIVE')
        .map((row) => row['laborcode']),
    )
    const expected = rows('LABORCRAFTRATE').filter(
      (row) => row['craft'] === craft && active.has(row['laborcode']),
    )
    expect(found.map(({ labor }) => labor).sort()).toEqual(expected.map((row) => row['laborcode']).sort())
    const hours = found.map(({ assigned_hours: load }) => Number(load))
    expect(hours).toEqual([...hours].sort((a, b) => a - b))
    const busy = objects(await ask('find_available_labor', WINDOW)).find(
      ({ assignments }) => Number(assignments) > 0,
    )
    const own = objects(await ask('get_schedule', { ...WINDOW, labor: busy?.['labor'], site: '*' }))
    expect(busy?.['assigned_hours']).toBe(own.reduce((sum, one) => sum + Number(one['hours']), 0))
  })

  test('a craft that nobody has finds nobody; who may not read labor is told so', async () => {
    expect((await ask('find_available_labor', { ...WINDOW, craft: 'NONE' })).body).toMatchObject({
      total: 0,
      rows: [],
    })
    expect((await ask('find_available_labor', WINDOW, 'technician@example.com')).text).toMatch(
      /^not_permitted: /,
    )
  })
})

describe('get_item_availability', () => {
  const openLine = (): Row | undefined =>
    rows('POLINE').find((line) => {
      const order = rows('PO').find((po) => po['ponum'] === line['ponum'] && po['siteid'] === line['siteid'])
      const isStocked = rows('INVENTORY').some(
        (row) => row['itemnum'] === line['itemnum'] && row['location'] === line['storeloc'],
      )
      return (
        isStocked &&
        line['receiptscomplete'] === false &&
        ['APPR', 'INPRG'].includes(String(order?.['status']))
      )
    })

  test('every storeroom, and what is on order for those who may know', async () => {
    const line = openLine()
    const item = line?.['itemnum']
    const found = objects(await ask('get_item_availability', { item, site: '*' }, undefined, FINANCE))
    expect(found.map(({ location }) => location).sort()).toEqual(
      rows('INVENTORY')
        .filter((row) => row['itemnum'] === item)
        .map((row) => row['location'])
        .sort(),
    )
    const store = found.find(({ location }) => location === line?.['storeloc'])
    expect(Number(store?.['on_order'])).toBeGreaterThan(0)
    const without = await ask('get_item_availability', { item, site: '*' })
    expect(objects(without).every(({ on_order: coming }) => coming === null)).toBe(true)
    expect(without.body['notes']).toContainEqual(expect.stringContaining('maximo:finance'))
    const refused = await ask('get_item_availability', { item, site: '*' }, 'technician@example.com', FINANCE)
    expect(refused.body['notes']).toContainEqual(expect.stringContaining('may not read orders'))
  })

  test('says who has enough, and refuses what no storeroom has', async () => {
    const stocked = rows('INVBALANCES').find((row) => here(row) && Number(row['curbal']) > 1)
    const item = stocked?.['itemnum']
    const [few, many] = await Promise.all(
      [1, 1_000_000].map((quantity) => ask('get_item_availability', { item, quantity })),
    )
    expect(objects(few as ToolReply).some(({ enough }) => enough === true)).toBe(true)
    expect(objects(many as ToolReply).some(({ enough }) => enough === true)).toBe(false)
    expect((await ask('get_item_availability', { item: 'NOTHING' })).text).toMatch(
      /^not_found: No storeroom of site BEDFORD/,
    )
  })
})

describe('get_inventory_transactions', () => {
  /** Bedford lies four or five hours behind UTC. */
  const dayOf = (row: Row): string =>
    new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(Number(row['transdate']))
  const issues = (is: (row: Row) => boolean): readonly Row[] =>
    rows('MATUSETRANS').filter((row) => here(row) && is(row))

  test('of an item, the last first', async () => {
    const item = issues((row) => typeof row['itemnum'] === 'string')[0]?.['itemnum']
    const answer = await ask('get_inventory_transactions', { item })
    const found = objects(answer)
    const expected = issues((row) => row['itemnum'] === item)
    expect(expected.length).toBeGreaterThan(0)
    expect(answer.body['total']).toBe(expected.length)
    expect(found.map(({ quantity }) => Number(quantity)).sort()).toEqual(
      expected.map((row) => Number(row['quantity'])).sort(),
    )
    const dates = found.map(({ date }) => Date.parse(String(date)))
    expect(dates).toEqual([...dates].sort((a, b) => b - a))
  })

  test('of a work order, a storeroom and a window of days', async () => {
    const line = issues(() => true)[0]
    const byOrder = objects(await ask('get_inventory_transactions', { wonum: line?.['refwo'] }))
    expect(byOrder).toHaveLength(issues((row) => row['refwo'] === line?.['refwo']).length)
    const day = dayOf(line as Row)
    const args = { from: day, to: day, storeroom: String(line?.['storeloc']).toLowerCase() }
    const onDay = objects(await ask('get_inventory_transactions', args))
    expect(onDay).toHaveLength(
      issues((row) => dayOf(row) === day && row['storeloc'] === line?.['storeloc']).length,
    )
    expect(onDay.length).toBeGreaterThan(0)
  })

  test.each<[object, RegExp]>([
    [{}, /^invalid_input: Every issue that there ever was/],
    [{ to: '2026-01-01' }, /^invalid_input: Every issue/],
    [{ from: '2026-02-01', to: '2026-01-01' }, /^invalid_value: "to"/],
    [{ from: 'monday' }, /^invalid_input: .*from/],
  ])('%j', async (args, expected) => {
    expect((await ask('get_inventory_transactions', args)).text).toMatch(expected)
  })
})
