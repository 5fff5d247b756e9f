import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseWhere } from '../../src/dev/simulator/where/parse-where.ts'
import { randomId } from '../../src/kernel/random.ts'
import { ASSETS, faultyPlant, UPDATE } from '../support/faults/faulty-plant.ts'
import { askTool } from '../support/maximo/plant-door.ts'
import { aCall, faultOf } from '../unit/maximo/support/scripted-maximo.ts'

/** What people and models write, and where it may lead: the MCP server, a proxy that counts, the simulator. */
const plant = faultyPlant()

/** Everything that reached the simulator since the last look. */
function arrived() {
  const seen = plant.simulator.requests.seen()
  plant.simulator.requests.reset()
  return seen
}
const rowsOf = (body: Readonly<Record<string, unknown>>) => body['rows'] as unknown[]

describe('B14: a value stays one value, whatever is in it', () => {
  const inFilter = (op: string, value: string) => ({
    ...{ object: 'mxapiasset', site: '*', select: ['assetnum'], limit: 200 },
    filters: [{ field: 'description', op, value }],
  })

  test.each([
    ['a quote', 'X" or "1"="1'],
    ['a quote alone', '"'],
    ['NUL', 'APPR\u0000'],
    ['CRLF', 'APPR\r\nx-evil: 1'],
    ['a backslash', 'APPR\\'],
    ['a server variable', '&USERNAME&'],
    ['1,001 characters', 'A'.repeat(1_001)],
  ])('%s is refused, and Maximo is not asked for rows', async (_name, value) => {
    const environment = await plant.environment()
    for (const op of ['eq', 'ne', 'in', 'contains']) {
      const asked = inFilter(op, value)
      const { text, isError } = await environment.ask('query_records', {
        ...asked,
        filters: [{ ...asked.filters[0], value: op === 'in' ? [value] : value }],
      })
      expect([isError, text]).toEqual([true, expect.stringMatching(/^(invalid_value|invalid_input): /)])
    }
    expect(environment.asked()).toBe(0)
  })

  test.each([
    ['SQL', "APPR' OR 1=1 --"],
    ['an encoded quote', '%22'],
    ['a modifier apostrophe', 'APPRʼ OR 1=1'],
    ['a fullwidth quote', 'APPR＂ and status=＂X'],
    ['another parameter', 'x&oslc.select=*&lean=0'],
    ['a statement end', 'x; drop table asset'],
    ['nested parentheses', `${'('.repeat(40)}x${')'.repeat(40)}`],
    ['a hundred characters', 'A'.repeat(100)],
  ])('%s finds what has it, and nothing else', async (_name, value) => {
    const environment = await plant.environment()
    arrived()
    const { isError, body } = await environment.ask('query_records', inFilter('eq', value))
    expect([isError, rowsOf(body)]).toEqual([false, []])
    const [asked, ...others] = arrived().filter(({ path }) => path.endsWith('/os/mxapiasset'))
    expect(others).toEqual([])
    const parameters = new URLSearchParams(asked?.query)
    expect(parameters.getAll('lean')).toEqual(['1'])
    expect(parameters.getAll('oslc.select')).toEqual(['assetnum'])
    expect(textsIn(parameters.get('oslc.where') ?? '')).toEqual([value])
  })

  test('a value that rows have finds these rows', async () => {
    const environment = await plant.environment()
    const [first] = plant.simulator.plant.rows('ASSET')
    const description = String(first?.['description'])
    const same = plant.simulator.plant.rows('ASSET').filter((row) => row['description'] === description)
    const { body } = await environment.ask('query_records', inFilter('eq', description))
    expect(rowsOf(body)).toHaveLength(same.length)
  })

  test('any text is refused or arrives as it was, in one clause', async () => {
    const environment = await plant.environment()
    const { client } = await plant.informed(environment)
    arrived()
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), async (value) => {
        const all = [{ field: 'description', op: 'eq', value }]
        const page = await client.query({ ...ASSETS, all }, aCall())
        const seen = arrived()
        if (page.ok) expect(seen.map(({ query }) => textsIn(whereIn(query)))).toEqual([[value]])
        else expect(seen).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

describe('B15: a name does not become a path', () => {
  const HOSTILE = [
    '../mxapiasset',
    'mxapiasset/../../admin',
    '%2e%2e/mxapiasset',
    'mxapiasset;jsessionid=1',
    '//evil.example/maximo',
    '\\\\evil.example\\maximo',
    'mxapiasset@evil.example',
    'mxapiasset?lean=0',
    'mxapiasset#x',
    'mxapiasset\u0000',
    'mxapiasset\r\nhost: evil.example',
    'ｍxapiasset',
    '__proto__',
    'constructor',
  ]

  test.each(HOSTILE)('the object %j is unknown, and is not asked for', async (object) => {
    const environment = await plant.environment()
    arrived()
    for (const tool of ['query_records', 'describe_object', 'aggregate_records']) {
      const more = tool === 'aggregate_records' ? { group_by: ['status'] } : {}
      expect((await environment.ask(tool, { object, ...more })).isError).toBe(true)
    }
    expect(arrived().filter(({ path }) => !PLAIN.test(path))).toEqual([])
    expect(environment.proxy.exchanges('evil.example')).toBe(0)
  })

  test.each([
    ...HOSTILE,
    'http://evil.example/maximo/oslc/os/mxapiasset/_QkVERk9SRC8xMTQzMA--',
    '//evil.example/maximo/oslc/os/mxapiasset/_QkVERk9SRC8xMTQzMA--',
    '_QkVERk9SRC8xMTQzMA--/../../mxapiuser',
    'BEDFORD/../../x',
  ])('the id %j finds no record, and leads nowhere else', async (id) => {
    const environment = await plant.environment()
    arrived()
    const { isError } = await environment.ask('get_record', { object: 'mxapiasset', id })
    expect(isError).toBe(true)
    expect(arrived().filter(({ path }) => !PLAIN.test(path))).toEqual([])
  })

  test('a good name and a good id, in the same way, are found', async () => {
    const environment = await plant.environment()
    const [asset] = plant.simulator.plant.rows('ASSET')
    const id = `${String(asset?.['siteid'])}/${String(asset?.['assetnum'])}`
    expect((await environment.ask('get_record', { object: 'MXAPIASSET', id })).isError).toBe(false)
    expect((await environment.ask('describe_object', { object: 'mxapiasset' })).isError).toBe(false)
  })
})

describe('B16: nothing that would end a header becomes one', () => {
  const ENDING = ['x\r\ny: z', 'x\ny', 'x\u0000', 'x\r', 'é']

  test.each(ENDING)('the key %j', async (apiKey) => {
    const environment = await plant.environment()
    const before = environment.proxy.exchanges()
    const maximo = { baseUrl: environment.baseUrl, apiKey }
    const token = await plant.door.token({ maximo, environment: randomId() })
    const { text } = await askTool(plant.door, { tool: 'get_context', args: {}, token })
    expect(text).toMatch(/^credentials_rejected: /)
    expect(environment.proxy.exchanges()).toBe(before)
  })

  test.each(ENDING)('the correlation id, the name of a change and an answer %j', async (text) => {
    const environment = await plant.environment()
    const { client, writer } = await plant.informed(environment)
    const before = environment.proxy.exchanges()
    const { signal } = new AbortController()
    await expect((async () => client.whoAmI({ signal, correlationId: text }))()).rejects.toThrow(
      'correlation',
    )
    const call = { signal, correlationId: 'test-1' }
    for (const more of [{ key: text }, { answers: { [text]: 'yes' as const } }])
      await expect((async () => writer.update(UPDATE, { ...call, ...more }))()).rejects.toThrow(/not an? /)
    expect(environment.proxy.exchanges()).toBe(before)
  })
})

describe('B17: the address of an environment leads where it says, or nowhere', () => {
  const HOSTILE: readonly [string, (port: number) => string][] = [
    ['http to another host', () => 'http://maximo.example.com/maximo'],
    ['a number', (port) => `http://2130706433:${port}/maximo`],
    ['octal', (port) => `http://0177.0.0.1:${port}/maximo`],
    ['hex', (port) => `http://0x7f.1:${port}/maximo`],
    ['short', (port) => `http://127.1:${port}/maximo`],
    ['mapped into IPv6', (port) => `http://[::ffff:127.0.0.1]:${port}/maximo`],
    ['localhost with a dot', (port) => `http://localhost.:${port}/maximo`],
    ['a name that resolves to any address', (port) => `http://127.0.0.1.nip.io:${port}/maximo`],
    ['a user', (port) => `http://admin@127.0.0.1:${port}/maximo`],
    ['a host behind a user', (port) => `http://maximo.example.com@127.0.0.1:${port}/maximo`],
    ['a homograph', (port) => `http://lοcalhost:${port}/maximo`],
    ['the port of SSH', () => 'http://127.0.0.1:22/maximo'],
    ['the port of Redis', () => 'https://maximo.example.com:6379/maximo'],
    ['a fragment', (port) => `http://127.0.0.1:${port}/maximo#x`],
    ['a query', (port) => `http://127.0.0.1:${port}/maximo?x`],
    ['a path upwards', (port) => `http://127.0.0.1:${port}/maximo/../x`],
    ['the metadata service', () => 'https://169.254.169.254/maximo'],
    ['a private network', () => 'https://10.1.2.3/maximo'],
    ['another scheme', (port) => `gopher://127.0.0.1:${port}/maximo`],
  ]

  test.each(HOSTILE)('%s', async (_name, addressOf) => {
    const environment = await plant.environment()
    const connections = environment.proxy.connections()
    const { apiKey } = plant.simulator.accounts.of('planner@example.com')
    const maximo = { baseUrl: addressOf(environment.proxy.port), apiKey }
    const token = await plant.door.token({ maximo, environment: randomId() })
    const { text } = await askTool(plant.door, { tool: 'get_context', args: {}, token })
    expect(text).toMatch(/^environment_refused: /)
    expect(plant.lastEvent()).toMatchObject({ outcome: 'failed', reason: 'environment_refused' })
    expect(environment.proxy.connections()).toBe(connections)
  })

  test('loopback is allowed in development alone, a private network where the operator names it', async () => {
    const environment = await plant.environment()
    expect((await environment.assets()).isError).toBe(false)
    const inProduction = { allowLoopbackHttp: false }
    const refused = { kind: 'egress_refused', detail: 'address_not_allowed' }
    expect(() => plant.maximo(environment, inProduction)).toThrow(expect.objectContaining(refused))
    const onPremises = { baseUrl: 'https://10.1.2.3:9443/maximo' }
    expect(() => plant.maximo(onPremises, inProduction)).toThrow(expect.objectContaining(refused))
    const named = { ...inProduction, allowCidrs: ['10.0.0.0/8'] }
    expect(() => plant.maximo(onPremises, named)).not.toThrow()
  })

  test('a good address whose name is given to another network is refused at the socket', async () => {
    const environment = await plant.environment()
    const baseUrl = `http://plant.localhost:${environment.proxy.port}/maximo`
    const { client } = plant.maximo(
      { baseUrl },
      { lookup: (_name, _options, callback) => callback(null, [{ address: '10.1.2.3', family: 4 }]) },
    )
    expect(await faultOf(client.whoAmI(aCall()))).toMatchObject({ kind: 'egress_refused' })
  })
})

/** What a path of ours looks like. */
const PLAIN = /^\/maximo\/api(\/[A-Za-z0-9_=-]+){0,4}$/

const whereIn = (query: string) => new URLSearchParams(query).get('oslc.where') ?? ''

/** The texts that a clause compares with; one for each term. */
const textsIn = (where: string) =>
  parseWhere(where).map((term) => {
    if (term.kind === 'nested') throw new Error('nested')
    const literals = term.kind === 'in' ? term.literals : [term.literal]
    return literals.map(({ value }) => value).join('|')
  })
