import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Client as ClientOfToday,
  StreamableHTTPClientTransport as TransportOfToday,
} from '@modelcontextprotocol/client'
import { Client as ClientOfOldEra } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportOfOldEra } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { answerConsent } from '../../src/dev/walk/connect.ts'
import { CATALOG } from '../../src/mcp/tools/catalog/catalog.ts'
import { startRemote } from '../support/mcp/mcp-remote.ts'
import { PersonAtBrowser } from '../support/oauth/oauth-provider.ts'
import { aStack, PLANNER } from '../support/stack.ts'

/** What a client with the scope to read is shown. */
const LISTED = CATALOG.filter(
  ({ isOnRequest, scopes }) => isOnRequest !== true && scopes.every((scope) => scope === 'maximo:read'),
).length

let stack: Stack
beforeAll(async () => {
  stack = await aStack(null)
}, 60_000)
afterAll(() => stack.close())

const INFO = { name: 'a real client', version: '1.0.0' }
const QUERY = {
  name: 'query_records',
  arguments: { object: 'mxapiasset', select: ['assetnum'], count: true },
}

interface Total {
  total: number
}
const totalOf = (result: object): number => {
  const { content } = result as { content: { text: string }[] }
  return (JSON.parse(content[0]!.text) as Total).total
}

describe('SDK clients go through the whole OAuth flow and read Maximo', () => {
  test('SDK 1.x', async () => {
    const person = new PersonAtBrowser()
    const url = new URL(`${stack.mcpUrl}/mcp`)
    const first = new TransportOfOldEra(url, { authProvider: person })
    await expect(new ClientOfOldEra(INFO).connect(first)).rejects.toThrow('Unauthorized')
    await first.finishAuth(person.callback.get('code') ?? '')
    const client = new ClientOfOldEra(INFO)
    await client.connect(new TransportOfOldEra(url, { authProvider: person }))
    expect((await client.listTools()).tools).toHaveLength(LISTED)
    expect(totalOf(await client.callTool(QUERY))).toBeGreaterThan(10)
    await client.close()
  })

  test.each([
    ['legacy', 'legacy' as const],
    ['auto', 'auto' as const],
    ['pinned to 2026-07-28', { pin: '2026-07-28' }],
  ])('SDK 2.x, %s', async (_name, mode) => {
    const person = new PersonAtBrowser()
    const url = new URL(`${stack.mcpUrl}/mcp`)
    const first = new TransportOfToday(url, { authProvider: person })
    await expect(new ClientOfToday(INFO, { versionNegotiation: { mode } }).connect(first)).rejects.toThrow(
      'Unauthorized',
    )
    // It compares `iss` with the issuer of the metadata (RFC 9207) before it redeems the code.
    await first.finishAuth(person.callback)
    const client = new ClientOfToday(INFO, { versionNegotiation: { mode } })
    await client.connect(new TransportOfToday(url, { authProvider: person }))
    expect((await client.listTools()).tools).toHaveLength(LISTED)
    expect(totalOf(await client.callTool(QUERY))).toBeGreaterThan(10)
    await client.close()
  })
})

describe('mcp-remote 0.15.1', () => {
  test('registers, signs in through its own loopback callback, and calls a tool over stdio', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-remote-'))
    const remote = startRemote(folder, `${stack.mcpUrl}/mcp`)
    try {
      const authorization = await remote.says(/^\s*(http:\/\/localhost\S+code_challenge=\S+)\s*$/)
      // Its callback listener is real; the code is carried there as a browser would.
      const answered = await answerConsent(
        new Browser({ stopAt: callbackOf(authorization) }),
        authorization,
        { email: PLANNER },
      )
      expect((await request(answered.url)).statusCode).toBe(200)
      const initialized = await remote.call('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: INFO,
      })
      expect(initialized).toHaveProperty('serverInfo.name')
      remote.notify('notifications/initialized')
      expect(await remote.call('tools/list', {})).toHaveProperty('tools.length', LISTED)
      expect(totalOf((await remote.call('tools/call', QUERY)) as object)).toBeGreaterThan(10)
    } finally {
      remote.stop()
      await rm(folder, { recursive: true, force: true })
    }
  }, 60_000)
})

const callbackOf = (authorization: string): string =>
  new URL(authorization).searchParams.get('redirect_uri') ?? 'none'
