import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/kernel/env.ts'
import { loadPortalConfig } from '../../../src/portal/config.ts'

const publishable = (kind: string): string =>
  `pk_${kind}_${Buffer.from('clerk.portal.example$').toString('base64')}`
const LAPTOP = {
  CLERK_PUBLISHABLE_KEY: publishable('test'),
  CLERK_SECRET_KEY: 'canary-clerk-secret',
}
const PRODUCTION = {
  NODE_ENV: 'production',
  CLERK_PUBLISHABLE_KEY: publishable('live'),
  CLERK_SECRET_KEY: 'canary-clerk-secret',
  PUBLIC_PORTAL_URL: 'https://portal.example',
  PUBLIC_MCP_URL: 'https://mcp.example',
  MCP_INTERNAL_URLS: 'mcp-1=https://mcp-internal.example:8091',
  REDIS_URL: 'rediss://portal:canary-redis@redis.example:6380/0',
}

const problemsOf = (env: Record<string, string | undefined>): readonly string[] => {
  try {
    loadPortalConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('on a laptop two Clerk values are enough', () => {
  const config = loadPortalConfig(LAPTOP)
  expect(config).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    instanceId: 'portal-1',
    portalUrl: 'http://localhost:8080',
    mcpUrl: 'http://localhost:8081',
    internalServers: [{ id: 'mcp-1', url: 'http://127.0.0.1:8091' }],
    failedAuth: { max: 20, windowMs: 60_000 },
  })
  expect(config.folders.keys.endsWith('/data/portal/keys')).toBe(true)
})

test('moving a port moves the address that follows from it', () => {
  const config = loadPortalConfig({
    ...LAPTOP,
    PORTAL_PORT: '9080',
    MCP_PORT: '9081',
    MCP_INTERNAL_PORT: '9091',
  })
  expect(config).toMatchObject({
    port: 9080,
    portalUrl: 'http://localhost:9080',
    mcpUrl: 'http://localhost:9081',
    internalServers: [{ id: 'mcp-1', url: 'http://127.0.0.1:9091' }],
  })
})

test('internal servers are named by position or by their own id', () => {
  const { internalServers } = loadPortalConfig({
    ...LAPTOP,
    MCP_INTERNAL_URLS: 'http://127.0.0.1:1/, blue=http://127.0.0.1:2',
  })
  expect(internalServers).toEqual([
    { id: 'mcp-1', url: 'http://127.0.0.1:1' },
    { id: 'blue', url: 'http://127.0.0.1:2' },
  ])
})

test('the other portals are those of the list without this one, which it must name, too', () => {
  const urls = 'portal-1=https://one.example:8090,portal-2=https://two.example:8090'
  const listed = { ...LAPTOP, PORTAL_INTERNAL_URLS: urls }
  expect(loadPortalConfig(LAPTOP).peers).toEqual({
    ...{ servers: [], host: '127.0.0.1', port: 8090, tls: undefined },
  })
  const [key, cert] = [{ PORTAL_INTERNAL_TLS_KEY: 'k' }, { PORTAL_INTERNAL_TLS_CERT: 'c' }]
  expect(loadPortalConfig({ ...listed, ...key, ...cert }).peers).toMatchObject({
    servers: [{ id: 'portal-2', url: 'https://two.example:8090' }],
    tls: { keyFile: 'k', certFile: 'c' },
  })
  expect(problemsOf({ ...listed, INSTANCE_ID: 'portal-3' })).toEqual([
    'PORTAL_INTERNAL_URLS: must name this portal, too: <INSTANCE_ID>=<url>',
  ])
  expect(problemsOf({ ...listed, ...key })).toEqual([
    'PORTAL_INTERNAL_TLS_CERT: and PORTAL_INTERNAL_TLS_KEY go together',
  ])
  const open = { ...listed, PORTAL_INTERNAL_HOST: '0.0.0.0' }
  expect(problemsOf(open)).toEqual([
    'PORTAL_INTERNAL_HOST: needs PORTAL_INTERNAL_TLS_KEY and …_CERT off loopback',
  ])
  expect(problemsOf({ ...open, ...key, ...cert })).toEqual([])
  const plain = { ...PRODUCTION, PORTAL_INTERNAL_URLS: 'portal-1=http://one.example:8090' }
  expect(problemsOf(plain)).toEqual(['PORTAL_INTERNAL_URLS: must be https off loopback in production'])
})

test('a whole production configuration is accepted', () => {
  expect(loadPortalConfig(PRODUCTION)).toMatchObject({
    production: true,
    portalUrl: 'https://portal.example',
  })
})

describe('production refuses', () => {
  test.each([
    ['a portal on http', { PUBLIC_PORTAL_URL: 'http://portal.example' }, 'PUBLIC_PORTAL_URL'],
    ['an MCP server on http', { PUBLIC_MCP_URL: 'http://mcp.example' }, 'PUBLIC_MCP_URL'],
    ['both on one host', { PUBLIC_MCP_URL: 'https://portal.example:8443' }, 'PUBLIC_MCP_URL'],
    ['the in-process store', { REDIS_URL: undefined }, 'REDIS_URL'],
    ['Redis in the clear over the network', { REDIS_URL: 'redis://redis.example' }, 'REDIS_URL'],
    [
      'internal calls in the clear over the network',
      { MCP_INTERNAL_URLS: 'http://10.0.0.5:8091' },
      'MCP_INTERNAL_URLS',
    ],
    [
      'a development instance of Clerk',
      { CLERK_PUBLISHABLE_KEY: publishable('test') },
      'CLERK_PUBLISHABLE_KEY',
    ],
  ])('%s', (_what, bend, variable) => {
    expect(problemsOf({ ...PRODUCTION, ...bend }).map((problem) => problem.split(':')[0])).toEqual([variable])
  })

  test.each([
    { REDIS_URL: 'redis://127.0.0.1:6379' },
    { REDIS_URL: 'redis://localhost:6379' },
    { MCP_INTERNAL_URLS: 'http://127.0.0.1:8091' },
    { MCP_INTERNAL_URLS: 'http://[::1]:8091' },
  ])('but not on loopback: %j', (bend) => {
    expect(problemsOf({ ...PRODUCTION, ...bend })).toEqual([])
  })
})

describe('malformed variables', () => {
  test.each([
    ['PUBLIC_PORTAL_URL', 'http://localhost:8080/path'],
    ['PUBLIC_PORTAL_URL', 'localhost:8080'],
    ['PUBLIC_MCP_URL', 'ftp://mcp.example'],
    ['PORTAL_PORT', '70000'],
    ['PORTAL_PORT', 'eighty'],
    ['TRUSTED_PROXIES', '10.0.0.0/8, everyone'],
    ['METRICS_ALLOW', '10.0.0.0/33'],
    ['MCP_INTERNAL_URLS', ','],
    ['MCP_INTERNAL_URLS', 'a=http://127.0.0.1:1,a=http://127.0.0.1:2'],
    ['CLERK_PUBLISHABLE_KEY', 'sk_test_abc'],
    ['FAILED_AUTH_MAX', '0'],
    ['INSTANCE_ID', '../etc'],
  ])('%s=%s is named', (name, value) => {
    expect(problemsOf({ ...LAPTOP, [name]: value }).some((problem) => problem.startsWith(name))).toBe(true)
  })

  test('every problem is said at once, and no value', () => {
    const problems = problemsOf({ PORTAL_PORT: 'canary-port', TRUSTED_PROXIES: 'canary-net' })
    expect(problems.length).toBeGreaterThanOrEqual(4)
    expect(problems.join('\n')).not.toContain('canary')
  })
})

describe('the portal has no private key', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

  test.each([
    ['PEM', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['PKCS#1 PEM', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['JWK', JSON.stringify(privateKey.export({ format: 'jwk' }))],
  ])('as %s in any variable stops the start', (_form, key) => {
    expect(problemsOf({ ...LAPTOP, WHATEVER: key })).toEqual([
      'WHATEVER: holds a private key; the portal must not have one',
    ])
  })

  test('a public key may be there', () => {
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect(
      problemsOf({
        ...LAPTOP,
        CLERK_JWT_KEY: pem,
        OTHER: JSON.stringify(publicKey.export({ format: 'jwk' })),
      }),
    ).toEqual([])
  })
})

test('what opens doors does not print', () => {
  const printed = `${inspect(loadPortalConfig(PRODUCTION), { depth: 9 })}${JSON.stringify(loadPortalConfig(PRODUCTION))}`
  expect(printed).not.toContain('canary')
})
