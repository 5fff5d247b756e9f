import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyFolder, rotateKey } from '../../../src/crypto/keys/ceremony.ts'
import { loadPortalKeys } from '../../../src/crypto/keys/key-ring.ts'
import { startMcp } from '../../../src/mcp/start.ts'
import { captureLog } from '../../support/log.ts'
import { ALICE, McpWorld, send } from '../../support/mcp/mcp-world.ts'

let world: McpWorld
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())

const get = (path: string, headers: Record<string, string> = {}) =>
  send(`${world.mcpUrl}${path}`, { method: 'GET', headers })
const isOpen = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

describe('health', () => {
  test('both listeners say that they live and that they are ready', async () => {
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/readyz')).json).toEqual({ status: 'ready', reasons: [] })
    const internal = await send(`${world.running?.internalUrl ?? ''}/healthz`, { method: 'GET' })
    expect(internal.status).toBe(200)
  })
})

describe('protected resource metadata (RFC 9728)', () => {
  const ENV = 'AAAAAAAAAAAAAAAAAAAAAA'
  test.each([
    ['/.well-known/oauth-protected-resource', '/mcp'],
    ['/.well-known/oauth-protected-resource/mcp', '/mcp'],
    [`/.well-known/oauth-protected-resource/mcp/${ENV}`, `/mcp/${ENV}`],
  ])('%s describes %s', async (path, resource) => {
    const answer = await get(path)
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      resource: `${world.mcpUrl}${resource}`,
      authorization_servers: ['http://localhost:8080'],
      scopes_supported: ['maximo:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Maximo',
    })
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  test('nothing in it comes from the request', async () => {
    const answer = await get('/.well-known/oauth-protected-resource/mcp', { host: 'evil.test' })
    expect(answer.text).not.toContain('evil')
    expect((await get('/.well-known/oauth-protected-resource/mcp/evil%22')).status).toBe(404)
  })
})

describe('keys that change while it runs', () => {
  test('are read again on request; tokens of before and after the rotation both open', async () => {
    const grant = await world.attest(ALICE)
    const before = await world.token(grant)
    expect((await world.rpc(before)).status).toBe(200)
    for (const purpose of ['token-encryption', 'token-signing', 'receipt'] as const) {
      // First it becomes `next`, then `active`: no token meets a server that does not know its key.
      for (let step = 0; step < 2; step += 1) {
        const rotated = await rotateKey(world.dataDir, purpose, world.clock)
        expect(rotated.ok).toBe(true)
        await world.running?.reloadKeys()
      }
    }
    const keys = await loadPortalKeys(keyFolder(world.dataDir, 'portal'))
    expect(keys.tokenSigning.active.kid).not.toBe(world.portalKeys.tokenSigning.active.kid)
    Object.assign(world, { portalKeys: keys })
    expect((await world.rpc(before)).status).toBe(200)
    expect((await world.rpc(await world.token(grant))).status).toBe(200)
    expect((await world.rpc(await world.token(await world.attest(ALICE)))).status).toBe(200)
  })

  test('SIGHUP does the same, and a folder that does not hold up changes nothing', async () => {
    const token = await world.token(await world.attest(ALICE))
    await writeFile(join(keyFolder(world.dataDir, 'mcp'), 'receipt.mg-AAAAAAAA.json'), '{}', { mode: 0o600 })
    process.emit('SIGHUP')
    await world.running?.reloadKeys()
    expect((await world.rpc(token)).status).toBe(200)
    expect(world.log.text()).toContain('keys.not_reloaded')
    const reloads = (await world.audited()).filter((event) => event['eventType'] === 'keys.reloaded')
    expect(new Set(reloads.map((event) => event['outcome']))).toEqual(new Set(['success', 'failed']))
  })
})

describe('the end', () => {
  test('leaves no port open, and may be asked for twice', async () => {
    const other = await McpWorld.start()
    const running = other.running
    expect(await isOpen(running?.url ?? '')).toBe(true)
    await Promise.all([running?.close(), running?.close()])
    expect([await isOpen(running?.url ?? ''), await isOpen(running?.internalUrl ?? '')]).toEqual([
      false,
      false,
    ])
    await other.close()
  })

  test('a port that is taken is an error, and nothing stays open', async () => {
    const other = await McpWorld.start()
    const dataDir = await mkdtemp(join(tmpdir(), 'maximo-mcp-start-'))
    await cp(keyFolder(other.dataDir, 'mcp'), keyFolder(dataDir, 'mcp'), { recursive: true })
    const env = { ...other.env, DATA_DIR: dataDir, INSTANCE_ID: 'mcp-2' }
    await expect(startMcp(env, { log: captureLog().log })).rejects.toThrow('EADDRINUSE')
    await expect(startMcp(env, { log: captureLog().log })).rejects.toThrow('EADDRINUSE')
    expect((await send(`${other.mcpUrl}/healthz`, { method: 'GET' })).status).toBe(200)
    await other.close()
    await rm(dataDir, { recursive: true })
  })

  test('a folder in which another server works is refused: neither would know what the other ended', async () => {
    const other = await McpWorld.start()
    const env = { ...other.env, DATA_DIR: other.dataDir, INSTANCE_ID: 'mcp-2', MCP_PORT: '0' }
    await expect(startMcp(env, { log: captureLog().log })).rejects.toThrow('mcp-1.jsonl is already open')
    await other.close()
  })

  test('without keys it does not start', async () => {
    const env = { ...world.env, DATA_DIR: join(world.dataDir, 'nothing') }
    await expect(startMcp(env, { log: captureLog().log })).rejects.toThrow('keys')
  })
})
