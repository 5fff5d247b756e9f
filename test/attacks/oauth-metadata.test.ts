import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authorizeUrl, registerClient } from '../support/oauth/oauth-client.ts'
import { type PortalWorld, startPortalWorld } from '../support/portal-world.ts'

let world: PortalWorld
beforeAll(async () => {
  world = await startPortalWorld({ seeded: false })
})
afterAll(async () => world.close())

const ask = async (
  path: string,
  options: { method?: 'GET' | 'POST' | 'OPTIONS'; headers?: Record<string, string> } = {},
) => {
  const answer = await request(`${world.portalUrl}${path}`, { method: 'GET', ...options })
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}

const WELL_KNOWN = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']

const METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'Ed25519', 'EdDSA']

describe('metadata (RFC 8414)', () => {
  test.each(WELL_KNOWN)('%s says what works, and nothing else', async (path) => {
    const answer = await ask(path)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toEqual({
      issuer: world.portalUrl,
      authorization_endpoint: `${world.portalUrl}/oauth/authorize`,
      token_endpoint: `${world.portalUrl}/oauth/token`,
      revocation_endpoint: `${world.portalUrl}/oauth/revoke`,
      registration_endpoint: `${world.portalUrl}/oauth/register`,
      jwks_uri: `${world.portalUrl}/oauth/jwks`,
      scopes_supported: ['maximo:read', 'maximo:write', 'maximo:finance', 'offline_access'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: METHODS,
      token_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
      revocation_endpoint_auth_methods_supported: METHODS,
      revocation_endpoint_auth_signing_alg_values_supported: ALGORITHMS,
      client_id_metadata_document_supported: true,
      authorization_response_iss_parameter_supported: true,
    })
  })

  test('the keys are public halves of signing keys', async () => {
    const { keys } = JSON.parse((await ask('/oauth/jwks')).text) as { keys: Record<string, unknown>[] }
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) {
      expect(key).toMatchObject({
        kty: 'OKP',
        crv: 'Ed25519',
        use: 'sig',
        kid: expect.stringMatching(/^ps-/) as string,
      })
      expect(key).not.toHaveProperty('d')
    }
  })

  test.each([
    ['Host', { host: 'evil.example' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }],
    ['Forwarded', { forwarded: 'host=evil.example;proto=https' }],
  ])('T-59: %s changes nothing in metadata, pages or redirects', async (_what, headers) => {
    const client = await registerClient(world)
    const authorize = authorizeUrl(world, client).slice(world.portalUrl.length)
    for (const path of [...WELL_KNOWN, '/', authorize, '/nowhere', `${authorize}&response_type=x`]) {
      const plain = await ask(path)
      const bent = await ask(path, { headers })
      expect(bent.status).toBe(plain.status)
      expect(`${bent.text}${JSON.stringify(bent.headers)}`).not.toContain('evil.example')
    }
  })
})

const PROGRAMS = [
  ['GET', '/.well-known/oauth-authorization-server'],
  ['GET', '/.well-known/openid-configuration'],
  ['GET', '/oauth/jwks'],
  ['POST', '/oauth/register'],
  ['POST', '/oauth/token'],
  ['POST', '/oauth/revoke'],
] as const
const PEOPLE = [
  '/',
  '/oauth/authorize',
  '/oauth/consent',
  '/environments',
  '/connections',
  '/sign-in',
  '/nowhere',
]

describe('T-63: CORS is for programs alone', () => {
  test.each(PROGRAMS)('%s %s may be read by any origin, and answers a preflight', async (method, path) => {
    const headers = { origin: 'https://inspector.example', 'access-control-request-method': method }
    const preflight = await ask(path, { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': `${method}, OPTIONS`,
    })
    expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials')
    const answer = await ask(path, { method, headers: { origin: 'https://inspector.example' } })
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  test.each(PEOPLE)('%s may not', async (path) => {
    for (const method of ['GET', 'OPTIONS'] as const) {
      const answer = await ask(path, { method, headers: { origin: 'https://evil.example' } })
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })
})

describe('T-48, T-62: security headers are on every answer, errors included', () => {
  const paths = [
    ...PROGRAMS.map(([, path]) => path),
    ...PEOPLE,
    '/healthz',
    '/readyz',
    '/favicon.ico',
    '/%zz',
  ]
  test.each(paths)('%s', async (path) => {
    const { headers } = await ask(path)
    expect(headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8,}/)
    expect(headers['permissions-policy']).toContain('camera=()')
    const csp = String(headers['content-security-policy'])
    expect(csp).toContain("default-src 'none'")
    expect(csp).toContain("frame-ancestors 'none'")
    expect(csp).toContain("base-uri 'none'")
    expect(csp).not.toMatch(/unsafe|\*/)
    expect(csp).not.toContain('script-src')
    expect(headers).not.toHaveProperty('server')
    expect(headers).not.toHaveProperty('x-powered-by')
  })

  test('a form may lead to ourselves, to Clerk and to the MCP server, and nowhere else', async () => {
    const csp = String((await ask('/')).headers['content-security-policy'])
    const clerk = new URL(world.standin.config.proxyUrl).origin
    expect(/form-action ([^;]+)/.exec(csp)?.[1]?.split(' ')).toEqual(["'self'", clerk, world.mcpUrl])
  })

  test.each(['/', '/nowhere', '/oauth/consent', '/oauth/authorize'])(
    '%s is never kept by a cache',
    async (path) => {
      expect((await ask(path)).headers['cache-control']).toBe('no-store')
    },
  )

  test('no page has a script, an inline style or anything of another host', async () => {
    for (const path of ['/', '/nowhere', '/oauth/consent', '/oauth/authorize']) {
      const { text } = await ask(path)
      expect(text).not.toMatch(/<script|\son[a-z]+=|\sstyle=|<style/i)
      expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    }
  })
})

test('an error page says what happened, what to do, and a reference', async () => {
  const answer = await ask('/nowhere')
  expect(answer.status).toBe(404)
  expect(answer.text).toContain('There is no such page')
  expect(answer.text).toContain(String(answer.headers['x-correlation-id']))
})
