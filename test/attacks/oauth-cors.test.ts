import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authorizeUrl, connectClient, registerClient } from '../support/oauth/oauth-client.ts'
import { type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

/** Where the Inspector's web client lives by default. */
const INSPECTOR = 'http://localhost:6274'
const EVIL = 'https://evil.example'
const ENVIRONMENT = 'A'.repeat(22)

let world: PortalWorld
let token: string
beforeAll(async () => {
  world = await startPortalWorld({ env: { MCP_ALLOWED_ORIGINS: INSPECTOR } })
  token = (await connectClient(world)).access_token
})
afterAll(async () => world.close())

type Method = 'GET' | 'POST' | 'OPTIONS'
const ask = async (url: string, method: Method, headers: Record<string, string> = {}, body?: string) => {
  const answer = await request(url, { method, headers, ...(body === undefined ? {} : { body }) })
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}
const preflight = (url: string, origin: string, method: string) =>
  ask(url, 'OPTIONS', {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization,content-type,mcp-protocol-version',
  })

const OPEN: readonly (readonly [string, Method])[] = [
  ['/.well-known/oauth-authorization-server', 'GET'],
  ['/.well-known/openid-configuration', 'GET'],
  ['/oauth/jwks', 'GET'],
  ['/oauth/register', 'POST'],
  ['/oauth/token', 'POST'],
  ['/oauth/revoke', 'POST'],
]
const OPEN_AT_MCP = ['', '/mcp', `/mcp/${ENVIRONMENT}`].map(
  (path) => `/.well-known/oauth-protected-resource${path}`,
)
const DOORS = ['/mcp', `/mcp/${ENVIRONMENT}`, '/ci/mcp']
const CLOSED = ['/', '/oauth/authorize', '/oauth/consent', '/oauth/decision', '/connections', '/environments']

describe('T-63: the preflight matrix', () => {
  test.each(OPEN)('portal %s: any origin, without credentials', async (path, method) => {
    for (const origin of [INSPECTOR, EVIL]) {
      const { status, headers } = await preflight(`${world.portalUrl}${path}`, origin, method)
      expect(status).toBe(204)
      expect(headers['access-control-allow-origin']).toBe('*')
      expect(headers).not.toHaveProperty('access-control-allow-credentials')
      expect(String(headers['access-control-allow-headers']).toLowerCase()).toContain('mcp-protocol-version')
    }
  })

  test.each(OPEN_AT_MCP)('MCP server %s: any origin', async (path) => {
    const { status, headers } = await preflight(`${world.mcpUrl}${path}`, EVIL, 'GET')
    expect(status).toBe(204)
    expect(headers['access-control-allow-origin']).toBe('*')
  })

  test.each(DOORS)('%s: the named origins alone', async (path) => {
    const allowed = await preflight(`${world.mcpUrl}${path}`, INSPECTOR, 'POST')
    expect(allowed.status).toBe(204)
    expect(allowed.headers).toMatchObject({ 'access-control-allow-origin': INSPECTOR, vary: 'Origin' })
    expect(allowed.headers).not.toHaveProperty('access-control-allow-credentials')
    for (const asked of ['authorization', 'content-type', 'mcp-protocol-version'])
      expect(String(allowed.headers['access-control-allow-headers']).toLowerCase()).toContain(asked)
    for (const origin of [EVIL, 'null', `${INSPECTOR}.evil.example`, 'http://localhost:6275']) {
      const refused = await preflight(`${world.mcpUrl}${path}`, origin, 'POST')
      expect(refused.status).toBe(403)
      expect(refused.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })

  test.each(CLOSED)('portal %s: no origin', async (path) => {
    for (const origin of [INSPECTOR, EVIL, 'null']) {
      const { headers } = await preflight(`${world.portalUrl}${path}`, origin, 'POST')
      expect(headers).not.toHaveProperty('access-control-allow-origin')
      expect(headers).not.toHaveProperty('access-control-allow-methods')
    }
  })

  test('the vault: no origin', async () => {
    const { headers } = await preflight(`${world.mcpUrl}/vault`, INSPECTOR, 'POST')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('an authorization request of another site is answered, but not readable there', async () => {
    const url = authorizeUrl(world, await registerClient(world))
    expect((await ask(url, 'GET', { origin: EVIL })).headers).not.toHaveProperty(
      'access-control-allow-origin',
    )
  })
})

describe('T-63: what a browser-based client may read at /mcp', () => {
  const call = (method: string) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: {} })
  const post = (origin: string, bearer: string | null, body = call('tools/list')) =>
    ask(
      `${world.mcpUrl}/mcp`,
      'POST',
      {
        origin,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body,
    )

  test('from a named origin: the challenge, and answers of every leg', async () => {
    const refused = await post(INSPECTOR, null)
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).toContain('resource_metadata')
    expect(String(refused.headers['access-control-expose-headers'])).toContain('WWW-Authenticate')
    const tool = { name: 'get_context', arguments: {} }
    const bodies = [
      call('tools/list'),
      call('ping'),
      JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: tool }),
    ]
    for (const body of bodies) {
      const answer = await post(INSPECTOR, token, body)
      expect(answer.status).toBe(200)
      expect(answer.headers['access-control-allow-origin']).toBe(INSPECTOR)
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    }
  })

  test('from any other origin: nothing, whatever token it has', async () => {
    const answer = await post(EVIL, token)
    expect(answer.status).toBe(403)
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  })
})
