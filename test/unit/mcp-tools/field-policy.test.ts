import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { fieldPolicyFile, readFieldPolicy } from '../../../src/mcp/tools/fields/field-policy.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../../support/maximo/plant-door.ts'

const POLICY = fieldPolicyFile.parse({
  rules: [
    {
      object: '*',
      fields: ['reportedby', 'lead', 'createby'],
      action: 'mask',
      unless: { scopes: ['maximo:admin'] },
    },
    {
      object: 'mxapiwodetail',
      fields: ['wopriority', 'wplabor.craft'],
      action: 'hide',
      unless: { users: ['user_admin@example.com'] },
    },
    { object: 'MXAPIASSET', fields: ['description'], action: 'hide', unless: { features: ['audit'] } },
    { object: 'MXAPIOPERLOC', fields: ['description'], action: 'mask', unless: { features: ['none'] } },
    { object: 'MXAPIPERSON', fields: ['personid'], action: 'mask' },
    { object: 'MXAPIPR', fields: ['prid'], action: 'hide' },
  ],
})

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor({ fields: POLICY })
})
afterAll(() => plant.close())

const rows = (table: string): readonly Row[] => plant.simulator.plant.rows(table)
const ask = (tool: string, args: object, as?: string, scope?: string): Promise<ToolReply> =>
  plant.ask(tool, args, as, scope)
const PSEUDONYM = /^~[A-Za-z0-9_-]{12}$/
const column = ({ body }: ToolReply, name: string): unknown[] => {
  const at = (body['cols'] as string[]).indexOf(name)
  return (body['rows'] as unknown[][]).map((row) => row[at])
}
const ORDERS = { object: 'mxapiwodetail', site: 'BEDFORD', limit: 200 }

describe('a masked field', () => {
  test('is the same for the same value in every answer, and different for different ones', async () => {
    const answer = await ask('query_records', { ...ORDERS, select: ['wonum', 'reportedby'], count: true })
    const real = new Map(
      rows('WORKORDER')
        .filter((row) => row['siteid'] === 'BEDFORD')
        .map((row) => [row['wonum'], row['reportedby']]),
    )
    const seen = new Map<unknown, unknown>()
    const wonums = column(answer, 'wonum')
    for (const [index, shown] of column(answer, 'reportedby').entries()) {
      const value = real.get(String(wonums[index]))
      if (value === undefined) continue
      expect(shown).toMatch(PSEUDONYM)
      expect(seen.get(value) ?? shown).toBe(shown)
      seen.set(value, shown)
    }
    expect(seen.size).toBeGreaterThan(1)
    expect(new Set(seen.values()).size).toBe(seen.size)
    expect(answer.body['notes']).toContainEqual(expect.stringContaining('Masked by policy'))
    const requests = await ask('query_records', {
      object: 'mxapisr',
      site: '*',
      limit: 200,
      select: ['reportedby'],
    })
    expect(column(requests, 'reportedby').some((shown) => [...seen.values()].includes(shown))).toBe(true)
  })

  test('groups are counted as ever, under pseudonyms', async () => {
    const masked = await ask('aggregate_records', { ...ORDERS, group_by: ['reportedby'], limit: 100 })
    const plain = await ask(
      'aggregate_records',
      { ...ORDERS, group_by: ['reportedby'], limit: 100 },
      undefined,
      'maximo:admin',
    )
    expect(column(masked, 'count').map(Number).sort()).toEqual(column(plain, 'count').map(Number).sort())
    for (const shown of column(masked, 'reportedby')) if (shown !== null) expect(shown).toMatch(PSEUDONYM)
    expect(column(plain, 'reportedby').some((shown) => PSEUDONYM.test(String(shown)))).toBe(false)
  })

  test.each<[string, object]>([
    ['filter', { filters: [{ field: 'reportedby', op: 'eq', value: 'WILSON' }] }],
    ['order', { order_by: ['-ReportedBy'] }],
  ])('no %s tells what is behind it', async (_name, args) => {
    const { isError, text } = await ask('query_records', { ...ORDERS, ...args })
    expect([isError, text]).toEqual([true, expect.stringMatching(/^invalid_query: "reportedby" is masked/)])
  })

  test('nor a metric, a preview, or a tool that filters by itself', async () => {
    const metric = { ...ORDERS, metrics: ['max:reportedby'] }
    expect((await ask('aggregate_records', metric)).text).toMatch(/is masked/)
    const filters = [{ field: 'reportedby', op: 'starts', value: 'W' }]
    expect((await ask('preview_query', { object: 'mxapiwodetail', filters })).text).toMatch(/is masked/)
    expect((await ask('search_work_orders', { assigned_to: 'WILSON' })).text).toMatch(/"lead" is masked/)
  })

  test('is masked in child rows, in CSV and along a relation', async () => {
    const log = rows('WORKLOG').find((row) => row['class'] === 'WORKORDER')
    const order = await ask('get_work_order', {
      wonum: log?.['recordkey'],
      site: log?.['siteid'],
      sections: ['log'],
    })
    const { worklog } = order.body['children'] as Record<string, { cols: string[]; rows: string[][] }>
    const by = worklog?.rows.map((row) => row[worklog.cols.indexOf('createby')])
    expect(by?.length).toBeGreaterThan(0)
    for (const shown of by ?? []) expect(shown).toMatch(PSEUDONYM)
    const csv = await ask('query_records', {
      ...ORDERS,
      limit: 5,
      select: ['wonum', 'reportedby'],
      format: 'csv',
    })
    for (const line of csv.text.split('\n').slice(2)) expect(line).toMatch(/^[^,]+,(?:~[\w-]{12})?$/)
    const there = await ask('query_records', {
      ...ORDERS,
      limit: 20,
      select: ['wonum', 'location', 'location.description'],
    })
    for (const shown of column(there, 'location.description'))
      if (shown !== null) expect(shown).toMatch(PSEUDONYM)
  })

  test('a key that is masked is not given away by ids and addresses', async () => {
    const { body, text } = await ask('get_record', { object: 'mxapiperson', id: 'WILSON' })
    expect(body).toMatchObject({
      id: null,
      record: { personid: expect.stringMatching(PSEUDONYM) as unknown },
    })
    expect(text).not.toMatch(/href/)
  })
})

describe('a hidden field', () => {
  test('does not exist: not in schemas, not in rows, not in a filter', async () => {
    const described = await ask('describe_object', { object: 'mxapiwodetail', keyword: 'priority' })
    expect(described.text).not.toContain('wopriority')
    const named = { ...ORDERS, select: ['wonum', 'wopriority'] }
    expect((await ask('query_records', named)).text).toMatch(
      /^invalid_field: MXAPIWODETAIL has no field "wopriority" that you may see/,
    )
    const filtered = { ...ORDERS, filters: [{ field: 'wopriority', op: 'eq', value: 1 }] }
    expect((await ask('query_records', filtered)).text).toMatch(/^invalid_field: /)
    const whole = await ask('get_work_order', { wonum: '1022', sections: ['labor'] })
    expect(whole.text).not.toMatch(/wopriority|"craft"/)
    const record = await ask('get_record', {
      object: 'mxapiwodetail',
      id: 'BEDFORD/1022',
      expand: ['wplabor'],
    })
    expect(record.isError).toBe(false)
    expect(record.text).not.toMatch(/wopriority|"craft"/)
  })

  test('leaves no workflow to be found by it, which is not the same as none', async () => {
    const [request] = rows('PR')
    const args = { object: 'mxapipr', id: `${String(request?.['siteid'])}/${String(request?.['prnum'])}` }
    const asked = { tool: 'get_workflow_status', arguments: args }
    const answer = await ask('call_read_tool', asked, undefined, 'maximo:read maximo:finance')
    expect(answer.text).toMatch(
      /^invalid_query: Workflows know a record by its unique number, which mxapipr does not show/,
    )
  })

  test('is there for whoever is exempt: by user, by feature, by scope', async () => {
    expect((await ask('get_work_order', { wonum: '1022' }, 'admin@example.com')).text).toContain('wopriority')
    expect((await ask('get_asset', { asset: '11430' })).body['record']).toHaveProperty('description')
    const shown = await ask(
      'query_records',
      { ...ORDERS, limit: 5, select: ['reportedby'] },
      undefined,
      'maximo:admin',
    )
    for (const value of column(shown, 'reportedby')) expect(String(value)).not.toMatch(PSEUDONYM)
  })
})

describe('the file', () => {
  test.each<[string, object]>([
    ['an action that does not exist', { object: '*', fields: ['a'], action: 'blur' }],
    [
      'a scope that does not exist',
      { object: '*', fields: ['a'], action: 'hide', unless: { scopes: ['maximo:all'] } },
    ],
    ['no fields', { object: '*', fields: [], action: 'hide' }],
    ['a field that is none', { object: '*', fields: ['a b'], action: 'hide' }],
    ['an unknown member', { object: '*', fields: ['a'], action: 'hide', when: {} }],
  ])('with %s is refused', (_name, rule) => {
    expect(fieldPolicyFile.safeParse({ rules: [rule] }).success).toBe(false)
  })

  test('of two rules for one field the stricter counts, and who is exempt from all sees everything', () => {
    const caller = {
      subject: 'user_1',
      scopes: new Set(['maximo:admin' as const]),
      plan: { plan: 'pro', features: new Set<string>() },
    }
    const both = readFieldPolicy(
      fieldPolicyFile.parse({
        rules: [
          { object: 'MXAPIPO', fields: ['totalcost'], action: 'hide' },
          { object: '*', fields: ['totalcost'], action: 'mask' },
        ],
      }),
    )
    expect(both.rulesFor(caller)?.actionOf('MXAPIPO', 'totalcost')).toBe('hide')
    expect(both.rulesFor(caller)?.actionOf('MXAPIPR', 'totalcost')).toBe('mask')
    expect(both.rulesFor(caller)?.actionOf('MXAPIPR', 'prline.totalcost_description')).toBe('mask')
    const exempt = { object: '*', fields: ['a'], action: 'hide', unless: { scopes: ['maximo:admin'] } }
    expect(readFieldPolicy(fieldPolicyFile.parse({ rules: [exempt] })).rulesFor(caller)).toBeNull()
  })
})
