import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { startRemote, type Remote } from '../support/mcp/mcp-remote.ts'
import { aStack } from '../support/stack.ts'
import { approve } from './attended.ts'
import { keptTokens, revokeAccessToken } from './kept-tokens.ts'

const AUTHORIZATION = /^\s*(http:\/\/localhost\S+code_challenge=\S+)\s*$/
const QUERY = {
  name: 'query_records',
  arguments: { object: 'mxapiasset', select: ['assetnum'], count: true },
}
const COMMIT = { name: 'commit_change', arguments: { change_id: 'chg_AAAAAAAAAAAAAAAAAAAAAA' } }
const TOTAL = expect.stringMatching(/"total":[1-9]/) as string

describe('mcp-remote 0.15.1', () => {
  let stack: Stack
  let folder: string
  beforeAll(async () => {
    stack = await aStack(null)
    folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-remote-'))
  })
  afterAll(async () => {
    await stack.close()
    await rm(folder, { recursive: true, force: true })
  })

  const open = (): Remote => startRemote(folder, `${stack.mcpUrl}/mcp`)

  async function initialize(remote: Remote): Promise<void> {
    const client = { capabilities: {}, clientInfo: { name: 'a desktop client', version: '1.0.0' } }
    const answer = await remote.call('initialize', { protocolVersion: '2025-11-25', ...client })
    expect(answer).toHaveProperty('serverInfo.name', 'maximo-mcp')
    remote.notify('notifications/initialized')
  }

  const asked = (remote: Remote): readonly string[] =>
    remote.said().filter((line) => AUTHORIZATION.test(line))

  test('logs in through its own loopback callback, and calls a tool', async () => {
    const remote = open()
    try {
      await approve(await remote.says(AUTHORIZATION))
      await initialize(remote)
      expect(await remote.call('tools/call', QUERY)).toHaveProperty('content.0.text', TOTAL)
    } finally {
      remote.stop()
    }
  })

  test('refreshes by itself when its access token is refused', async () => {
    const before = await keptTokens(folder)
    await revokeAccessToken(stack, before)
    const remote = open()
    try {
      await initialize(remote)
      expect(await remote.call('tools/call', QUERY)).toHaveProperty('content.0.text', TOTAL)
      expect(asked(remote)).toEqual([])
    } finally {
      remote.stop()
    }
    const after = await keptTokens(folder)
    expect(after.accessToken).not.toBe(before.accessToken)
    expect(after.refreshToken).not.toBe(before.refreshToken)
  })

  test('signs in for a larger scope when a tool needs one, and the waiting call is answered then', async () => {
    const remote = open()
    try {
      await initialize(remote)
      const answer = remote.call('tools/call', COMMIT)
      const address = await remote.says(AUTHORIZATION)
      const scopes = new URL(address).searchParams.get('scope')?.split(' ').sort()
      expect(scopes).toEqual(['maximo:read', 'maximo:write', 'offline_access'])
      await approve(address)
      // No change of this id: the tool itself says so, which only a caller with the scope gets to hear.
      expect(await answer).toHaveProperty('content.0.text', expect.stringMatching(/^not_found: /))
      expect(await remote.call('tools/call', QUERY)).toHaveProperty('content.0.text', TOTAL)
    } finally {
      remote.stop()
    }
  })
})
