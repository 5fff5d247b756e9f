import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import { INSTRUCTIONS } from '../../src/mcp/transport/protocol.ts'
import { openDoor, type McpDoor } from '../support/mcp/mcp-door.ts'
import { echo, refusing, writing } from '../support/mcp/small-tools.ts'

let door: McpDoor
let url: string

beforeAll(async () => {
  door = await openDoor({ catalog: [...CATALOG, echo, refusing, writing] })
  url = await door.listen()
})
afterAll(() => door.close())

const LISTED = CATALOG.filter(
  ({ isOnRequest, scopes }) => isOnRequest !== true && scopes.every((scope) => scope === 'maximo:read'),
)
const NAMES = [...LISTED.map(({ name }) => name), 'echo_text', 'always_refuses']
const INFO = { name: 'contract-test', version: '1.0.0' }

/** What the tests below need of a client, whatever its make. */
interface AnyClient {
  getInstructions(): string | undefined
  getServerVersion(): { name: string } | undefined
  getServerCapabilities(): object | undefined
  listTools(): Promise<{ tools: { name: string; inputSchema: object }[] }>
  listPrompts(): Promise<{ prompts: { name: string }[] }>
  getPrompt(asked: { name: string; arguments?: Record<string, string> }): Promise<object>
  listResources(): Promise<{ resources: { name: string; uri: string }[] }>
  readResource(asked: { uri: string }): Promise<{ contents: unknown[] }>
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<object>
  close(): Promise<void>
}

async function connectV1(token: string): Promise<AnyClient> {
  const client = new ClientV1(INFO)
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new TransportV1(new URL(`${url}/mcp`), { requestInit }))
  return client
}

async function connectV2(token: string, mode: 'legacy' | 'auto' | { pin: string }): Promise<AnyClient> {
  const client = new ClientV2(INFO, { versionNegotiation: { mode } })
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  await client.connect(new TransportV2(new URL(`${url}/mcp`), { requestInit }))
  return client
}

const CLIENTS: [string, (token: string) => Promise<AnyClient>][] = [
  ['SDK 1.32', connectV1],
  ['SDK 2, older era', (token) => connectV2(token, 'legacy')],
  ['SDK 2, negotiating', (token) => connectV2(token, 'auto')],
  ['SDK 2, pinned to 2026-07-28', (token) => connectV2(token, { pin: '2026-07-28' })],
]

describe.each(CLIENTS)('%s', (_name, connect) => {
  test('connects, lists, calls, and hears errors as results', async () => {
    const client = await connect(await door.token())
    expect(client.getServerVersion()).toMatchObject({ name: 'maximo-mcp', title: 'IBM Maximo' })
    expect(client.getInstructions()).toBe(INSTRUCTIONS)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual(NAMES)
    expect(await client.callTool({ name: 'echo_text', arguments: { text: 'hello' } })).toMatchObject({
      content: [{ type: 'text', text: 'hello' }],
    })
    expect(await client.callTool({ name: 'always_refuses', arguments: {} })).toMatchObject({ isError: true })
    await expect(client.callTool({ name: 'no_such_tool', arguments: {} })).rejects.toMatchObject({
      code: -32602,
    })
    await client.close()
  })

  test('finds and reads resources and prompts, and nothing promised that does not happen', async () => {
    const client = await connect(await door.token())
    const { prompts } = await client.listPrompts()
    expect(prompts.map(({ name }) => name)).toContain('write_a_query')
    const asked = { name: 'write_a_query', arguments: { question: 'open work at pump 1' } }
    expect(await client.getPrompt(asked)).toMatchObject({ messages: [{ role: 'user' }] })
    await expect(client.getPrompt({ name: 'plan_weak' })).rejects.toThrow(/There is no prompt "plan_weak"/)
    const { resources } = await client.listResources()
    const guide = resources.find(({ name }) => name === 'guide_errors')
    const { contents } = await client.readResource({ uri: guide?.uri ?? '' })
    expect(contents).toMatchObject([{ uri: guide?.uri, mimeType: 'text/markdown' }])
    await expect(client.readResource({ uri: 'maximo://nowhere/guide/errors' })).rejects.toThrow(
      /reaches "\S+" only/,
    )
    const still = { listChanged: false }
    expect(client.getServerCapabilities()).toEqual({
      ...{ tools: still, prompts: still, resources: still },
      completions: {},
      extensions: { 'io.modelcontextprotocol/ui': {} },
    })
    await client.close()
  })

  test('cannot connect without a token', async () => {
    await expect(connect('nonsense')).rejects.toThrow()
  })

  test('is refused what its scopes do not allow', async () => {
    const client = await connect(await door.token())
    await expect(client.callTool({ name: 'write_text', arguments: {} })).rejects.toThrow(
      /maximo:write|403|scope/i,
    )
    await client.close()
    const writer = await connect(await door.token({ scope: 'maximo:write' }))
    expect(await writer.callTool({ name: 'write_text', arguments: {} })).toMatchObject({
      content: [{ text: 'written' }],
    })
    await writer.close()
  })
})
