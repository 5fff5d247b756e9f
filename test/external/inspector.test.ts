import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../src/dev/processes/free-port.ts'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { ask } from '../../src/dev/walk/json-http.ts'
import { aStack } from '../support/stack.ts'
import { runAttended, type Ran } from './attended.ts'
import { keptTokens, revokeAccessToken } from './kept-tokens.ts'
import { MCP_SUITES, NODE_22, reasonNotInstalled, scratchPath } from './scratch-packages.ts'

const INSPECTOR = scratchPath(MCP_SUITES, '@modelcontextprotocol/inspector/clients/launcher/build/index.js')
const PURCHASING = 'search_purchase_documents'
const missing = await reasonNotInstalled(MCP_SUITES)
if (missing !== null) console.warn(`skipped: ${missing}`)

describe.skipIf(missing !== null)('the command line of the MCP Inspector 2.12.0', () => {
  let stack: Stack
  let folder: string
  let callback: string
  beforeAll(async () => {
    stack = await aStack(null)
    folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-inspector-'))
    callback = `http://127.0.0.1:${await freePort()}/oauth/callback`
  }, 400_000)
  afterAll(async () => {
    await stack.close()
    await rm(folder, { recursive: true, force: true })
  })

  const inspect = (...options: string[]): Promise<Ran> =>
    runAttended({
      program: NODE_22,
      args: [
        ...[INSPECTOR, '--cli', '--server-url', `${stack.mcpUrl}/mcp`, '--transport', 'http'],
        ...['--format', 'json', '--callback-url', callback, ...options],
      ],
      cwd: folder,
      typed: 'y\n',
      env: {
        MCP_STORAGE_DIR: folder,
        MCP_INSPECTOR_SECRET_STORE: 'file',
        MCP_AUTO_OPEN_ENABLED: 'true',
        BROWSER: '/bin/true',
      },
    })

  const call = (era: string): Promise<Ran> =>
    inspect(
      ...['--protocol-era', era, '--method', 'tools/call', '--tool-name', 'query_records'],
      ...['--tool-args-json', JSON.stringify({ object: 'mxapiasset', select: ['assetnum'], count: true })],
    )

  test('logs in once, then calls tools with what it kept, in both eras', async () => {
    const first = await inspect('--method', 'tools/list')
    expect(first.code, first.text).toBe(0)
    expect(first.asked).toHaveLength(1)
    expect(new URL(first.asked[0] ?? '').searchParams.get('scope')).toBe('maximo:read offline_access')
    expect(first.text).toContain('"name":"query_records"')
    for (const era of ['legacy', 'modern']) {
      const ran = await call(era)
      expect(ran.code, ran.text).toBe(0)
      expect(ran.asked).toEqual([])
      expect(ran.text).toMatch(/\\"total\\":[1-9]/)
    }
  })

  test('refreshes by itself when its access token is refused', async () => {
    const before = await keptTokens(folder)
    await revokeAccessToken(stack, before)
    const ran = await call('legacy')
    expect(ran.code, ran.text).toBe(0)
    expect(ran.asked).toEqual([])
    const after = await keptTokens(folder)
    expect(after.accessToken).not.toBe(before.accessToken)
    expect(after.refreshToken).not.toBe(before.refreshToken)
  })

  test('signs in for a larger scope when a tool needs one, and calls it then', async () => {
    // It steps up only where it was given a client id; with one that it registered itself, 2.12.0 gives up.
    const known = ['--client-id', await register(), '--relogin', '--no-revoke']
    const first = await inspect(...known, '--method', 'tools/list')
    expect(scopesIn(first)).toEqual([['maximo:read', 'offline_access']])
    const ran = await inspect(
      ...known.slice(0, 2),
      ...['--protocol-era', 'modern', '--method', 'tools/call', '--tool-name', 'call_read_tool'],
      ...['--tool-args-json', JSON.stringify({ tool: PURCHASING, arguments: { kind: 'po', limit: 1 } })],
    )
    expect(ran.code, ran.text).toBe(0)
    expect(scopesIn(ran)).toEqual([['maximo:finance', 'maximo:read', 'offline_access']])
    expect(ran.text).toMatch(/\\"total\\":[1-9]/)
  })

  async function register(): Promise<string> {
    const answer = await ask(`${stack.portalUrl}/oauth/register`, {
      json: {
        client_name: 'An inspector',
        redirect_uris: [callback],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
      },
    })
    return (answer.body as { client_id: string }).client_id
  }
})

const scopesIn = ({ asked }: Ran): readonly (readonly string[])[] =>
  asked.map((address) => new URL(address).searchParams.get('scope')?.split(' ').sort() ?? [])
