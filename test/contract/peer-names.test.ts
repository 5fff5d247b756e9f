import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import { PEER_NAMES } from '../../src/mcp/tools/catalog/peer-names.ts'
import { openDoor, type McpDoor } from '../support/mcp/mcp-door.ts'
import { call, legacyRequest } from '../support/mcp/mcp-requests.ts'
import { simplestArguments } from '../support/mcp/simplest-arguments.ts'

const ALL = 'maximo:write maximo:finance maximo:admin offline_access'
const PEERS = [...PEER_NAMES]

let door: McpDoor
let token: string
beforeAll(async () => {
  door = await openDoor()
  token = await door.token({ scope: ALL })
})
afterAll(() => door.close())

interface Answer {
  readonly error?: { readonly message: string }
  readonly result?: { readonly content: readonly { readonly text: string }[]; readonly isError?: boolean }
}

async function ask(url: string, name: string, args: object, as = token): Promise<string> {
  const answer = await door.app.inject({ ...legacyRequest(call(name, args), as), url })
  const { error, result } = answer.json<Answer>()
  return error?.message ?? result?.content[0]?.text ?? String(answer.statusCode)
}

const ours = (name: string) => {
  const tool = CATALOG.find((one) => one.name === name)
  if (tool === undefined) throw new Error(`there is no tool ${name}`)
  return tool
}
/** What one call says differently from the next: its id, and when. */
const settled = (text: string): string =>
  text
    .replace(/Error id: \S+/, '')
    .replace(/"as_of":"[^"]+"/, '')
    .replace(/"\w+_left":\d+|\d+ of \d+/g, '')

test('none of them is a name of ours, each leads to a tool, and the best known are among them', () => {
  const names = new Set(CATALOG.flatMap(({ name, aliases = [] }) => [name, ...aliases]))
  for (const [theirs, name] of PEERS)
    expect([theirs, names.has(theirs), names.has(name)]).toEqual([theirs, false, true])
  expect(PEERS.length).toBeGreaterThan(100)
  for (const known of ['query_maximo', 'list_workorders', 'maximo_search_workorders'])
    expect(PEER_NAMES.has(known)).toBe(true)
})

test('they are not listed anywhere', async () => {
  for (const url of ['/mcp', '/mcp?toolsets=all', '/mcp?toolsets=compat']) {
    const answer = await door.app.inject({ ...legacyRequest({ method: 'tools/list' }, token), url })
    const { result } = answer.json<{ result: { tools: { name: string }[] } }>()
    expect(result.tools.filter(({ name }) => PEER_NAMES.has(name))).toEqual([])
  }
})

describe('a call under a name of others', () => {
  test.each(PEERS)('%s is answered with our name where nobody asked for them', async (theirs, name) => {
    const hint = `There is no tool "${theirs}". What other servers call so is ${name} here.`
    expect(await ask('/mcp', theirs, {})).toContain(hint)
    const through = await ask('/mcp', 'call_read_tool', { tool: theirs, arguments: {} })
    expect(through).toContain(hint)
  })

  test.each(PEERS)('%s does what %s does where the address asks for them', async (theirs, name) => {
    // Refused for its arguments: so nothing behind it is needed, and only this tool says it so.
    const wrong = { ...simplestArguments(ours(name)), no_such_argument: 1 }
    const [said, own] = [
      await ask('/mcp?toolsets=all', theirs, wrong),
      await ask('/mcp?toolsets=all', name, wrong),
    ]
    expect(own).toMatch(/^invalid_input: .*no_such_argument/)
    expect(settled(said)).toBe(settled(own))
  })

  test('is under the rules of our tool: address, scope and read-only', async () => {
    expect(await ask('/mcp?toolsets=compat', 'query_maximo', {})).toMatch(
      /The tool query_records is not available here/,
    )
    expect(await ask('/mcp?toolsets=all&readonly=true', 'create_record', {})).toMatch(
      /The tool plan_change is not available here/,
    )
    const reader = await door.token({ scope: 'maximo:read' })
    const answer = await door.app.inject({
      ...legacyRequest(call('ws_commit', { change_id: 'x' }), reader),
      url: '/mcp?toolsets=all',
    })
    expect(answer.statusCode).toBe(403)
  })

  test('is audited as the tool that it is', async () => {
    door.events.length = 0
    await ask('/mcp?toolsets=all', 'health_check', {})
    expect(door.events.at(-1)).toMatchObject({ operation: 'get_context' })
  })
})
