import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createOracle } from '../../../src/dev/simulator/oracle.ts'
import { readUri } from '../../../src/mcp/resources/uri.ts'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'
import { aReader, type Content, type Reader } from '../../support/mcp/resource-reader.ts'
import { insertWorkOrder } from '../../support/maximo/insert-work-order.ts'

const FIELDS = {
  rules: [{ object: 'mxapiwodetail', fields: ['reportedby'], action: 'mask' as const }],
}

let plant: PlantDoor
let planner: Reader
beforeAll(async () => {
  plant = await openPlantDoor({ fields: FIELDS }, { maxPageSize: 200 })
  planner = await aReader(plant)
})
afterAll(() => plant.close())

interface Head {
  readonly rows: string
  readonly total: number | null
  readonly complete: boolean
  readonly returned: number
  readonly next: string | null
  readonly notes: readonly string[]
  readonly untrusted: readonly string[]
}

interface Block {
  readonly type: string
  readonly text?: string
  readonly uri?: string
}

const ALL = { object: 'mxapiwodetail', site: '*' }

async function call(name: string, args: object, reader = planner): Promise<readonly Block[]> {
  const { content } = await reader.ask('tools/call', {
    name: 'call_read_tool',
    arguments: { tool: name, arguments: args },
  })
  return content as Block[]
}

const bodyOf = ([first]: readonly Block[]): Record<string, unknown> =>
  JSON.parse(first?.text ?? '') as Record<string, unknown>

const exportOf = async (args: object, reader = planner): Promise<string> =>
  String(bodyOf(await call('export_records', args, reader))['export'])

const partOf = (contents: readonly Content[]): { head: Head; lines: readonly string[] } => ({
  head: JSON.parse(contents[0]?.text ?? '') as Head,
  lines: (contents[1]?.text ?? '').split('\n').filter((line) => line !== ''),
})

/** Every part of an export, one after the other. */
async function wholeOf(uri: string): Promise<{ heads: Head[]; lines: string[] }> {
  const heads: Head[] = []
  const lines: string[] = []
  for (let next: string | null = uri; next !== null;) {
    const part = partOf((await planner.read(next)).contents)
    heads.push(part.head)
    lines.push(...part.lines)
    next = part.head.next
  }
  return { heads, lines }
}

const orders = (): readonly string[] =>
  createOracle(plant.simulator.plant)
    .rows('WORKORDER')
    .map(({ wonum, siteid }) => `${String(siteid)},${String(wonum)}`)
    .sort()

describe('export_records', () => {
  test('gives an address with every row once, also at a Maximo that allows small pages', async () => {
    const blocks = await call('export_records', { ...ALL, select: ['siteid', 'wonum'] })
    const body = bodyOf(blocks)
    const uri = String(body['export'])
    expect(blocks.slice(1)).toEqual([
      { type: 'resource_link', uri, name: 'mxapiwodetail.csv', title: 'All rows', mimeType: 'text/csv' },
    ])
    const { contents } = await planner.read(uri)
    expect(contents.map(({ mimeType }) => mimeType)).toEqual(['application/json', 'text/csv'])
    const { head, lines } = partOf(contents)
    const expected = orders()
    expect(lines[0]).toBe('siteid,wonum')
    expect(lines.slice(1).sort()).toEqual(expected)
    expect(expected.length).toBeGreaterThan(400)
    const total = expected.length
    expect(body).toMatchObject({ total, max_rows: 10_000 })
    expect(head).toMatchObject({ complete: true, next: null, returned: total, total, rows: `1 to ${total}` })
  })

  test('names no address in a block of its own to a client whose revision has none', async () => {
    const older = await aReader(plant, { era: 'legacy', headers: { 'mcp-protocol-version': '2025-03-26' } })
    const blocks = await call('export_records', ALL, older)
    expect(blocks.map(({ type }) => type)).toEqual(['text'])
    expect(bodyOf(blocks)['export']).toMatch(/^maximo:\/\//)
  })

  test('as JSON lines: a row each, by name, with masked values masked', async () => {
    const uri = await exportOf({ ...ALL, format: 'jsonl', select: ['wonum', 'reportedby'] })
    const { lines } = await wholeOf(uri)
    const rows = lines.map((line) => JSON.parse(line) as { wonum: string; reportedby?: string })
    expect(rows).toHaveLength(orders().length)
    const shown = rows.flatMap(({ reportedby }) => reportedby ?? [])
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.filter((one) => !/^~[A-Za-z0-9_-]{12}$/.test(one))).toEqual([])
  })

  test('stops at max_rows and says that there are more', async () => {
    const { heads, lines } = await wholeOf(await exportOf({ ...ALL, max_rows: 150 }))
    expect(lines).toHaveLength(151)
    expect(heads).toMatchObject([{ complete: false, next: null, returned: 150, total: orders().length }])
    expect(heads[0]?.notes).toContainEqual(expect.stringMatching(/^Cut at max_rows=150: there are more rows/))
  })

  test('with exactly as many rows as there are, nothing is cut', async () => {
    const { heads } = await wholeOf(await exportOf({ ...ALL, max_rows: orders().length }))
    expect(heads).toMatchObject([{ complete: true, returned: orders().length }])
  })

  test('what a spreadsheet would run is text', async () => {
    await insertWorkOrder(plant.simulator, '=HYPERLINK("http://x","y")')
    const filters = [{ field: 'description', op: 'contains', value: 'HYPERLINK' }]
    const { heads, lines } = await wholeOf(await exportOf({ ...ALL, filters, select: ['description'] }))
    expect(lines).toEqual(['description', `"'=HYPERLINK(""http://x"",""y"")"`])
    expect(heads[0]?.untrusted).toEqual(['description'])
  })

  test('a question that cannot be asked is told at once', async () => {
    const [block] = await call('export_records', { ...ALL, select: ['nosuch'] })
    expect(block?.text).toMatch(/^invalid_field: /)
  })
})

/** Lets each request to Maximo take longer than a part may. */
async function slowly<Read>(reading: Promise<Read>): Promise<Read> {
  const { simulator, door } = plant
  let [seen, isDone] = [simulator.requests(), false]
  const done = reading.finally(() => {
    isDone = true
  })
  while (!isDone) {
    if (simulator.requests() > seen) door.workshop.clock.advance(16_000)
    seen = simulator.requests()
    await setImmediate()
  }
  return done
}

describe('parts', () => {
  test('follow each other without a gap when one takes too long', async () => {
    const uri = await exportOf({ ...ALL, select: ['siteid', 'wonum'] })
    const seen: string[] = []
    const heads: Head[] = []
    for (let next: string | null = uri; next !== null;) {
      const { head, lines } = partOf((await slowly(planner.read(next))).contents)
      heads.push(head)
      seen.push(...lines)
      next = head.next
    }
    expect(heads.length).toBeGreaterThan(1)
    expect(seen.slice(1).sort()).toEqual(orders())
    expect(heads.map(({ complete }) => complete)).toEqual([...heads.slice(1).map(() => false), true])
    expect(new Set(heads.map(({ total }) => total))).toEqual(new Set([orders().length]))
    expect(heads[1]?.rows).toBe(
      `${(heads[0]?.returned ?? 0) + 1} to ${(heads[0]?.returned ?? 0) + (heads[1]?.returned ?? 0)}`,
    )
  })

  test('of another export are no parts of this one', async () => {
    const [one, other] = [
      await exportOf({ ...ALL, max_rows: 5_000 }),
      await exportOf({ ...ALL, max_rows: 5_001 }),
    ]
    const { next } = partOf((await slowly(planner.read(one))).contents).head
    const read = readUri(next ?? '')
    const part = read.ok ? (read.value.segments[2] ?? '') : ''
    expect(part).not.toBe('')
    const { error } = await planner.send('resources/read', { uri: `${other}/${part}` })
    expect(error?.message).toMatch(/^cursor_invalid: The cursor belongs to another question/)
    expect(error?.message).toContain('Read the export again from its first part')
  })
})

describe('an export is read by nobody else', () => {
  test.each([
    ['another person', { account: 'technician@example.com' }],
    ['another connection of the same person', {}],
  ])('%s', async (_who, options) => {
    const uri = await exportOf(ALL)
    const other = await aReader(plant, options)
    const { error } = await other.send('resources/read', { uri })
    const invented = await other.send('resources/read', { uri: uri.replace(/[^/]+$/, 'a'.repeat(22)) })
    const blank = (text = ''): string => text.replaceAll(/"[^"]+"|Error id: .*/g, '…')
    expect(error?.message).toMatch(/^not_found: There is no export/)
    expect(blank(error?.message)).toBe(blank(invented.error?.message))
  })

  test('and after its time by nobody at all', async () => {
    const uri = await exportOf(ALL)
    plant.door.workshop.clock.advance(29 * 60_000)
    await planner.read(uri)
    plant.door.workshop.clock.advance(2 * 60_000)
    const fresh = await planner.send('resources/read', { uri })
    expect(fresh.error?.message).toMatch(/^not_found: There is no export/)
  })

  test('its record names the rows that were read', async () => {
    const uri = await exportOf({ ...ALL, max_rows: 7 })
    await planner.read(uri)
    expect(plant.door.events.at(-1)).toMatchObject({
      eventType: 'mcp.call',
      action: 'resources/read',
      operation: 'export_records',
      recordCount: 7,
      outcome: 'success',
    })
  })
})

describe('an answer that does not fit', () => {
  test('offers all of its rows as an export', async () => {
    const asked = { ...ALL, limit: 200, max_tokens: 1_000, select: ['siteid', 'wonum'] }
    const { content } = await planner.ask('tools/call', { name: 'query_records', arguments: asked })
    const body = bodyOf(content as Block[])
    expect(body['notes']).toContainEqual(
      expect.stringMatching(/Cut to fit .* the resource at "export" has all, up to 100000\.$/),
    )
    expect((content as Block[])[1]).toMatchObject({ type: 'resource_link', uri: body['export'] })
    const { lines, heads } = await wholeOf(String(body['export']))
    expect(lines.slice(1).sort()).toEqual(orders())
    expect(heads[0]?.notes).toEqual([])
  })

  test('says so when its rows come in another order than was asked for', async () => {
    const asked = {
      ...ALL,
      limit: 200,
      max_tokens: 1_000,
      select: ['wonum', 'description'],
      order_by: ['-reportdate'],
    }
    const { content } = await planner.ask('tools/call', { name: 'query_records', arguments: asked })
    const { heads } = await wholeOf(String(bodyOf(content as Block[])['export']))
    expect(heads[0]?.notes).toEqual(['The rows come by workorderid, not in the order that was asked for.'])
  })

  test('offers nothing to whom export_records is not there', async () => {
    const narrow = await aReader(plant, { url: '/mcp?exclude=export_records' })
    const asked = { ...ALL, limit: 200, max_tokens: 1_000 }
    const { content } = await narrow.ask('tools/call', { name: 'query_records', arguments: asked })
    const body = bodyOf(content as Block[])
    expect(body['export']).toBeUndefined()
    expect(content).toHaveLength(1)
    expect(body['notes']).toContainEqual(expect.stringMatching(/the cursor continues with the next row\.$/))
  })
})
