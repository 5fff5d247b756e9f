import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDoor, type McpDoor } from '../../support/mcp/mcp-door.ts'
import { call, legacyRequest, modernRequest, type Posted } from '../../support/mcp/mcp-requests.ts'
import { CATALOG } from '../../../src/mcp/tools/catalog/catalog.ts'
import type { Tool } from '../../../src/mcp/tools/tool.ts'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'
import { echo } from '../../support/mcp/small-tools.ts'

/** One tool of each kind of standing. */
const TOOLS: readonly Tool[] = [
  ...CATALOG.filter(({ toolset }) => toolset === 'core'),
  { ...echo, name: 'listed_one' },
  { ...echo, name: 'hidden_one', toolset: 'inventory', isOnRequest: true },
  { ...echo, name: 'hidden_finance', toolset: 'purchasing', isOnRequest: true, scopes: ['maximo:finance'] },
  { ...echo, name: 'hidden_stage', toolset: 'work_write', isOnRequest: true, effect: 'stage' },
  { ...echo, name: 'paid_one', feature: 'premium' },
  { ...echo, name: 'new_name', aliases: ['old_name'] },
]

let door: McpDoor
let plant: PlantDoor
let token: string
beforeAll(async () => {
  door = await openDoor({ catalog: TOOLS })
  plant = await openPlantDoor()
  token = await door.token()
})
afterAll(async () => {
  await door.close()
  await plant.close()
})

interface Answer {
  readonly status: number
  readonly error?: { readonly code: number; readonly message: string }
  readonly text: string
  readonly isError: boolean
  readonly names: readonly string[]
}

async function ask(request: Posted, at: McpDoor = door): Promise<Answer> {
  const answer = await at.app.inject(request)
  const body = answer.json<{
    error?: { code: number; message: string }
    result?: { content?: { text: string }[]; isError?: boolean; tools?: { name: string }[] }
  }>()
  return {
    status: answer.statusCode,
    ...(body.error !== undefined && { error: body.error }),
    text: body.result?.content?.[0]?.text ?? '',
    isError: body.result?.isError === true,
    names: body.result?.tools?.map(({ name }) => name) ?? [],
  }
}

const at = (query: string, request: Posted): Posted => ({ ...request, url: `/mcp${query}` })
const hello = { text: 'hello' }
const list = (query = ''): Promise<Answer> => ask(at(query, legacyRequest({ method: 'tools/list' }, token)))
const direct = (name: string, query = ''): Promise<Answer> =>
  ask(at(query, legacyRequest(call(name, hello), token)))
const through = (tool: string, args: unknown = hello): Promise<Answer> =>
  ask(legacyRequest(call('call_read_tool', { tool, arguments: args }), token))

describe('what is listed', () => {
  test('is the default list, or exactly what the address asks for', async () => {
    const core = ['get_context', 'find_tools', 'call_read_tool']
    expect((await list()).names).toEqual([...core, 'listed_one', 'new_name'])
    expect((await list('?toolsets=inventory,purchasing')).names).toEqual(['hidden_one'])
    expect((await list('?toolsets=inventory&tools=listed_one')).names).toEqual(['listed_one', 'hidden_one'])
    expect((await list('?exclude=listed_one')).names).toEqual([...core, 'new_name'])
  })

  test('is the same through the SDK as on the direct path, in both eras', async () => {
    for (const query of ['', '?toolsets=inventory', '?toolsets=all&readonly=true']) {
      const plain = await list(query)
      for (const make of [legacyRequest, modernRequest]) {
        // An unknown key of `_meta` sends the same question round by the SDK.
        const odd = { method: 'tools/list', params: { cursor: '' } }
        expect((await ask(at(query, make(odd, token)))).names).toEqual(plain.names)
      }
    }
  })

  test('follows the environment id in the address just as well', async () => {
    const there = await door.token({ environment: 'B2b2b2b2b2b2b2b2b2b2b2' })
    const request = legacyRequest({ method: 'tools/list' }, there)
    const answer = await ask({ ...request, url: '/mcp/B2b2b2b2b2b2b2b2b2b2b2?toolsets=inventory' })
    expect(answer.names).toEqual(['hidden_one'])
  })
})

describe('what is not listed is not called by its name', () => {
  test('a tool on request says how it is called', async () => {
    expect(await direct('hidden_one')).toMatchObject({
      status: 200,
      error: { code: -32602, message: expect.stringMatching(/call_read_tool.*\?toolsets=inventory/) },
    })
    expect((await direct('hidden_one', '?toolsets=inventory')).text).toBe('hello')
  })

  test('a tool that the address leaves out says so', async () => {
    const cases: [string, string, RegExp][] = [
      ['hidden_stage', '?toolsets=all&readonly=true', /read-only/],
      ['listed_one', '?exclude=listed_one', /exclude/],
      ['listed_one', '?toolsets=inventory', /select other tools/],
    ]
    for (const [name, query, message] of cases) {
      const answer = await direct(name, query)
      expect(answer.error).toMatchObject({ code: -32602, message: expect.stringMatching(message) })
    }
  })

  test('a tool that the token does not allow is 403, by its name and through another', async () => {
    for (const answer of [await direct('hidden_finance'), await through('hidden_finance')])
      expect(answer).toMatchObject({ status: 403, text: '' })
    expect((await direct('paid_one')).status).toBe(403)
  })

  test('an old name is called, not listed', async () => {
    expect((await direct('old_name')).text).toBe('hello')
    expect((await list()).names).not.toContain('old_name')
  })
})

describe('call_read_tool', () => {
  test('calls a tool that is not listed; limits and records go by that tool', async () => {
    const before = door.events.length
    expect((await through('hidden_one')).text).toBe('hello')
    expect(door.events.slice(before).map(({ operation }) => operation)).toEqual(['hidden_one'])
  })

  test('checks the arguments of that tool', async () => {
    const answer = await through('hidden_one', { text: 5 })
    expect(answer.text).toMatch(/^invalid_input: The arguments of echo_text are not valid\. text:/)
  })

  test.each<[string, unknown, RegExp]>([
    [
      'nothing',
      { tool: 'hiden_one' },
      /^not_found: There is no tool "hiden_one"\. Did you mean "hidden_one"\?/,
    ],
    ['a tool that stages', { tool: 'hidden_stage' }, /call_write_tool/],
    [
      'itself',
      { tool: 'call_read_tool', arguments: { tool: 'hidden_one' } },
      /^invalid_input: .*by its own name/s,
    ],
    ['no tool at all', { arguments: {} }, /^invalid_input: The arguments of call_read_tool/],
    ['arguments that are none', { tool: 'hidden_one', arguments: [] }, /arguments: must be an object/],
    ['more than that', { tool: 'hidden_one', arguments: {}, env: 'x' }, /There is no argument "env"/],
  ])('refuses %s', async (_name, args, expected) => {
    const answer = await ask(legacyRequest(call('call_read_tool', args), token))
    expect(answer).toMatchObject({ status: 200, isError: true, text: expect.stringMatching(expected) })
  })

  test('cannot reach what the address leaves out', async () => {
    const args = { tool: 'hidden_one', arguments: hello }
    const answer = await ask(at('?exclude=hidden_one', legacyRequest(call('call_read_tool', args), token)))
    expect(answer).toMatchObject({ isError: true, text: expect.stringMatching(/^not_permitted: .*exclude/s) })
  })
})

describe('find_tools', () => {
  const find = async (args: object, query = ''): Promise<Record<string, unknown>> => {
    const answer = await ask(at(query, legacyRequest(call('find_tools', args), token)))
    expect(answer.isError).toBe(false)
    return JSON.parse(answer.text) as Record<string, unknown>
  }

  test('finds what is not listed, with its schema and the way to call it', async () => {
    expect(await find({ query: 'hidden' })).toMatchObject({
      tools: [
        { name: 'hidden_one', call: 'call_read_tool', inputSchema: echo.inputSchema },
        { name: 'hidden_stage', call: 'call_write_tool', kind: 'write' },
      ],
      not_available: [{ name: 'hidden_finance', why: expect.stringContaining('maximo:finance') }],
    })
    expect(await find({ query: 'hidden' }, '?toolsets=all')).toMatchObject({
      tools: [{ call: 'by its name' }, {}],
    })
  })

  test('narrows by toolset and kind, and says how many there are', async () => {
    expect(await find({ query: 'hidden', toolset: 'inventory' })).toMatchObject({ returned: 1, total: 1 })
    expect(await find({ query: 'hidden', kind: 'write' })).toMatchObject({
      tools: [{ name: 'hidden_stage' }],
    })
    expect(await find({ query: 'hidden', limit: 1 })).toMatchObject({
      returned: 1,
      total: 2,
      complete: false,
    })
  })

  test('says what there is when nothing matches', async () => {
    expect(await find({ query: 'zzz' })).toMatchObject({
      tools: [],
      notes: [expect.stringContaining('inventory (')],
    })
  })

  test('takes no toolset that does not exist', async () => {
    const answer = await ask(legacyRequest(call('find_tools', { query: 'x', toolset: 'nope' }), token))
    expect(answer).toMatchObject({ isError: true, text: expect.stringMatching(/^invalid_input: .*toolset/) })
  })
})

describe('an address that cannot be understood', () => {
  test('is refused with the nearest name, for every message', async () => {
    for (const message of [{ method: 'tools/list' }, call('listed_one', hello), { method: 'ping' }]) {
      const answer = await ask(at('?toolsets=inventry', legacyRequest(message, token)))
      expect(answer).toMatchObject({
        status: 400,
        error: { code: -32602, message: 'There is no toolset "inventry". Did you mean "inventory"?' },
      })
    }
  })

  test('is not explained to whom the token was taken', async () => {
    const ended = await door.token({ subject: 'user_ended' })
    await door.revokeUser('user_ended')
    const answer = await ask(at('?toolsets=inventry', legacyRequest({ method: 'tools/list' }, ended)))
    expect(answer.status).toBe(401)
  })
})

describe('rights in Maximo', () => {
  const tokenOf = (account: string): Promise<string> => {
    const { apiKey } = plant.simulator.accounts.of(account)
    return plant.door.token({ subject: account, maximo: { baseUrl: plant.simulator.baseUrl, apiKey } })
  }

  test('a user without a right does not see the tool, and is told why when calling it', async () => {
    const theirs = await tokenOf('limited@example.com')
    const { names } = await ask(legacyRequest({ method: 'tools/list' }, theirs), plant.door)
    expect(names).toContain('query_records')
    expect(names).not.toContain('search_work_orders')
    const called = await ask(legacyRequest(call('search_work_orders', {}), theirs), plant.door)
    expect(called.error?.message).toMatch(/may not read MXAPIWODETAIL/)
    const full = await tokenOf('planner@example.com')
    const all = await ask(legacyRequest({ method: 'tools/list' }, full), plant.door)
    expect(all.names).toContain('search_work_orders')
  })

  test('a Maximo that does not answer hides nothing', async () => {
    const apiKey = 'k'.repeat(20)
    const own = await openDoor({ catalog: [{ ...echo, objectStructure: 'MXAPIPO' }] })
    const theirs = await own.token({ maximo: { baseUrl: 'http://127.0.0.1:9/maximo', apiKey } })
    expect((await ask(legacyRequest({ method: 'tools/list' }, theirs), own)).names).toEqual(['echo_text'])
    await own.close()
  })
})
