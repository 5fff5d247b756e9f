import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../../support/maximo/plant-door.ts'

let plant: PlantDoor
let orders: readonly Row[]
beforeAll(async () => {
  plant = await openPlantDoor()
  orders = plant.simulator.plant.rows('WORKORDER').filter((row) => row['istask'] === false)
})
afterAll(() => plant.close())

const search = (args: object): Promise<ToolReply> => plant.ask('search_work_orders', args)
const here = (row: Row): boolean => row['siteid'] === 'BEDFORD'
const has = (row: Row, ...statuses: string[]): boolean => statuses.includes(String(row['status']))
const OPEN = ['WAPPR', 'WSCH', 'WMATL', 'APPR', 'APPR S1', 'WPCOND', 'INPRG']
const isOpen = (row: Row): boolean => has(row, ...OPEN)

/** Every row of every page. */
async function all(args: object): Promise<{ wonums: string[]; pages: number; total: unknown }> {
  const wonums: string[] = []
  let cursor: unknown
  for (let pages = 1; pages < 50; pages += 1) {
    const { body, text } = await search({ ...args, ...(typeof cursor === 'string' && { cursor }) })
    expect(text).toContain('"cols"')
    const column = (body['cols'] as string[]).indexOf('wonum')
    wonums.push(...(body['rows'] as string[][]).map((row) => String(row[column])))
    cursor = body['cursor']
    if (cursor === null) return { wonums, pages, total: body['total'] }
  }
  throw new Error('the pages do not end')
}

describe('the rows and the total are those of the plant', () => {
  test.each<[string, object, (row: Row) => boolean]>([
    ['open by default', {}, (row) => here(row) && isOpen(row)],
    ['of all sites', { site: '*' }, isOpen],
    ['of another site, in any case', { site: 'nashua' }, (row) => row['siteid'] === 'NASHUA' && isOpen(row)],
    [
      'waiting, plant conditions included',
      { state: 'waiting' },
      (row) => here(row) && has(row, 'WAPPR', 'WSCH', 'WMATL', 'WPCOND'),
    ],
    ['in progress', { state: 'in_progress' }, (row) => here(row) && has(row, 'INPRG')],
    ['completed', { state: 'completed' }, (row) => here(row) && has(row, 'COMP')],
    [
      'closed, history edited included',
      { state: 'closed' },
      (row) => here(row) && has(row, 'CLOSE', 'HISTEDIT'),
    ],
    ['cancelled', { state: 'cancelled' }, (row) => here(row) && has(row, 'CAN')],
    ['any', { state: 'any' }, here],
    ['exact statuses', { status: ['APPR', 'wpcond'] }, (row) => here(row) && has(row, 'APPR', 'WPCOND')],
    [
      'statuses and a meaning',
      { status: ['APPR', 'COMP'], state: 'open' },
      (row) => here(row) && has(row, 'APPR'),
    ],
    [
      'work types',
      { state: 'any', work_type: ['PM', 'CAL'] },
      (row) => here(row) && ['PM', 'CAL'].includes(String(row['worktype'])),
    ],
    ['an asset', { state: 'any', asset: '11430' }, (row) => here(row) && row['assetnum'] === '11430'],
    ['urgent', { priority_max: 1 }, (row) => here(row) && isOpen(row) && row['wopriority'] === 1],
    [
      'words of the description',
      { state: 'any', text: 'SEALING temperature' },
      (row) => here(row) && /sealing.*temperature/i.test(String(row['description'])),
    ],
    [
      'led or owned by me',
      { state: 'any', assigned_to: 'me' },
      (row) => here(row) && [row['lead'], row['owner']].includes('WILSON'),
    ],
    [
      'of a person by name',
      { state: 'any', assigned_to: 'Hank Adams' },
      (row) => here(row) && row['lead'] === 'ADAMS',
    ],
    ['of a crew', { state: 'any', assigned_to: 'crew-a' }, (row) => here(row) && row['crewid'] === 'CREW-A'],
    [
      'of nobody',
      { unassigned: true },
      (row) =>
        here(row) &&
        isOpen(row) &&
        [row['lead'], row['owner'], row['crewid']].every((who) => who === undefined),
    ],
  ])('%s', async (_name, args, isMeant) => {
    const meant = orders.filter(isMeant).map((row) => String(row['wonum']))
    expect(meant.length).toBeGreaterThan(0)
    const found = await all({ ...args, limit: 200 })
    expect(found.wonums.sort()).toEqual(meant.sort())
    expect(found.total).toBe(meant.length)
  })

  test('a location means all locations below it', async () => {
    const below = ['BR400', 'BR430', 'BR431', 'BR450', 'BR460']
    const meant = orders.filter((row) => here(row) && below.includes(String(row['location'])))
    expect((await all({ state: 'any', location: 'br400', limit: 200 })).total).toBe(meant.length)
    expect(meant.length).toBeGreaterThan(
      orders.filter((row) => here(row) && row['location'] === 'BR400').length,
    )
  })

  test('overdue is open and past its target, soonest first, the same on every page', async () => {
    const nowMs = plant.door.workshop.clock.nowMs()
    const meant = orders.filter((row) => here(row) && isOpen(row) && Number(row['targcompdate']) < nowMs)
    const first = await search({ state: 'overdue', limit: 5 })
    plant.door.workshop.clock.advance(90_000)
    const second = await search({ state: 'overdue', limit: 5, cursor: first.body['cursor'] })
    expect(second.isError).toBe(false)
    expect([first.body['total'], second.body['total']]).toEqual([meant.length, meant.length])
    const dates = [first, second].flatMap(({ body }) => (body['rows'] as string[][]).map((row) => row.at(-1)))
    expect(dates).toEqual([...dates].sort())
  })

  test('dates are whole days', async () => {
    const all10 = await search({
      state: 'any',
      reported_after: '2026-11-01',
      fields: ['reportdate'],
      limit: 200,
    })
    for (const [date] of all10.body['rows'] as string[][]) expect(String(date) > '2026-11-02').toBe(true)
    const due = await search({ due_before: '2026-11-15', fields: ['targcompdate'], limit: 200 })
    for (const [date] of due.body['rows'] as string[][]) expect(String(date) < '2026-11-15').toBe(true)
  })
})

describe('pages', () => {
  test('a cursor continues behind the last row, none twice, none lost', async () => {
    const found = await all({ site: '*', limit: 7 })
    expect(found.pages).toBeGreaterThan(10)
    expect(found.wonums).toHaveLength(Number(found.total))
    expect(found.wonums.length).toBe(orders.filter(isOpen).length)
  })

  test('only the answer that holds all rows is complete', async () => {
    const whole = await search({ state: 'cancelled', limit: 200 })
    expect(whole.body).toMatchObject({ complete: true, cursor: null })
    const part = await search({ state: 'cancelled', limit: 2 })
    expect(part.body).toMatchObject({ complete: false, returned: 2 })
    const rest = Number(whole.body['total']) - 2
    const next = await search({ state: 'cancelled', limit: 2, cursor: part.body['cursor'] })
    expect(next.text).toContain('Rows 3 to 4.')
    let last = next
    while (last.body['cursor'] !== null) {
      last = await search({ state: 'cancelled', limit: 2, cursor: last.body['cursor'] })
    }
    expect(rest).toBeGreaterThan(2)
    expect(last.body['complete']).toBe(false)
    expect(last.text).toContain(`to ${rest + 2}: the last page.`)
  })

  test('a cursor does not serve another question, person or tool', async () => {
    const { body } = await search({ state: 'any', limit: 2 })
    const cursor = body['cursor']
    expect((await search({ state: 'open', limit: 2, cursor })).text).toMatch(
      /^cursor_invalid: .*another question/,
    )
    const other = await plant.ask('search_work_orders', { state: 'any', cursor }, 'admin@example.com')
    expect(other.text).toMatch(/^cursor_invalid: /)
    expect((await search({ state: 'any', limit: 2, cursor, format: 'csv' })).isError).toBe(false)
  })
})

describe('a name that does not exist is refused, with the nearest', () => {
  test.each([
    [{ site: 'BEDFROD' }, /^invalid_value: There is no site "BEDFROD".*Did you mean "BEDFORD"/],
    [
      { location: 'BR2000' },
      /^not_found: There is no location "BR2000" at site BEDFORD\.\nWhat to do: Near by name: BR200,/,
    ],
    [{ asset: '99999' }, /^not_found: There is no asset "99999" at site BEDFORD/],
    [{ assigned_to: 'Nobody Here' }, /^not_found: No person is called "Nobody Here"/],
    [{ status: ['APRR'] }, /^invalid_value: .*Did you mean "APPR"/],
    [{ fields: ['statis'] }, /^invalid_field: .*Did you mean "status"/],
    [{ state: 'opne' }, /^invalid_input: .*state: /],
    [{ due_before: 'tomorrow' }, /^invalid_input: .*due_before: /],
    [{ limit: 201 }, /^invalid_input: .*limit: /],
  ])('%j', async (args, expected) => {
    const { text, isError } = await search(args)
    expect(isError).toBe(true)
    expect(text).toMatch(expected)
  })

  test('nothing found under names that exist is an empty answer', async () => {
    const { body, isError } = await search({
      text: 'no such words anywhere',
      site: 'BEDFORD',
      asset: '11430',
    })
    expect(isError).toBe(false)
    expect(body).toMatchObject({ returned: 0, total: 0, complete: true, rows: [] })
  })
})
