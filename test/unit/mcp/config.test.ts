import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/kernel/env.ts'
import { loadMcpConfig } from '../../../src/mcp/config.ts'

const KEY = `pk_test_${Buffer.from('clerk.example.test$').toString('base64')}`
const production = {
  NODE_ENV: 'production',
  CLERK_PUBLISHABLE_KEY: KEY,
  PUBLIC_PORTAL_URL: 'https://portal.example.com',
  PUBLIC_MCP_URL: 'https://mcp.example.com',
  REDIS_URL: 'rediss://mcp:pw@redis.example.com',
}

const problemsOf = (env: Record<string, string>, embedded = false): string => {
  try {
    loadMcpConfig(env, { embedded })
    return 'none'
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).problems.join('\n')
  }
}

describe('the MCP server’s variables', () => {
  test('with a publishable key alone the defaults serve a laptop, on loopback', () => {
    const config = loadMcpConfig({ CLERK_PUBLISHABLE_KEY: KEY })
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8081,
      internal: { host: '127.0.0.1', port: 8091, tls: undefined },
      portalUrl: 'http://localhost:8080',
      clerk: {
        issuer: 'https://clerk.example.test',
        jwksUrl: 'https://clerk.example.test/.well-known/jwks.json',
      },
      egress: { allowLoopbackHttp: true },
      redis: undefined,
    })
  })

  test('answers of Maximo are kept for no more than a minute, and not at all unless it is said', () => {
    const withCache = (MAXIMO_READ_CACHE_S?: string) => ({
      CLERK_PUBLISHABLE_KEY: KEY,
      ...(MAXIMO_READ_CACHE_S !== undefined && { MAXIMO_READ_CACHE_S }),
    })
    expect(loadMcpConfig(withCache()).readCacheMs).toBe(0)
    expect(loadMcpConfig(withCache('60')).readCacheMs).toBe(60_000)
    expect(problemsOf(withCache('61'))).toContain('MAXIMO_READ_CACHE_S')
  })

  test('a process that is told to stop serves on for ten seconds in production, and not at all on a laptop', () => {
    const drainMs = (env: Record<string, string>): number => loadMcpConfig(env).traffic.drainMs
    expect(drainMs(production)).toBe(10_000)
    expect(drainMs({ CLERK_PUBLISHABLE_KEY: KEY })).toBe(0)
    expect(drainMs({ ...production, DRAIN_S: '0' })).toBe(0)
    expect(problemsOf({ ...production, DRAIN_S: '601' })).toContain('DRAIN_S')
  })

  test('the other MCP servers are those of the list without this one, which it must name, too', () => {
    const urls = 'mcp-1=https://one.example:8091,mcp-2=https://two.example:8091'
    const listed = { CLERK_PUBLISHABLE_KEY: KEY, MCP_INTERNAL_URLS: urls, MCP_INTERNAL_TLS_CA: 'ca.pem' }
    expect(loadMcpConfig({ CLERK_PUBLISHABLE_KEY: KEY }).peers.servers).toEqual([])
    expect(loadMcpConfig({ ...listed, INSTANCE_ID: 'mcp-2' }).peers).toEqual({
      servers: [{ id: 'mcp-1', url: 'https://one.example:8091' }],
      caFile: 'ca.pem',
    })
    expect(problemsOf({ ...listed, INSTANCE_ID: 'mcp-3' })).toBe(
      'MCP_INTERNAL_URLS: must name this server, too: <INSTANCE_ID>=<url>',
    )
    const open = { ...production, MCP_INTERNAL_URLS: 'mcp-1=http://one.example:8091' }
    expect(problemsOf(open)).toBe('MCP_INTERNAL_URLS: must be https off loopback in production')
    expect(problemsOf({ ...open, MCP_INTERNAL_URLS: 'mcp-1=https://one.example:8091' })).toBe('none')
  })

  test('a proxy moves where the keys are fetched, not who signs', () => {
    const env = { CLERK_PUBLISHABLE_KEY: KEY, CLERK_PROXY_URL: 'http://localhost:8082/' }
    expect(loadMcpConfig(env).clerk).toMatchObject({
      issuer: 'https://clerk.example.test',
      jwksUrl: 'http://localhost:8082/.well-known/jwks.json',
    })
  })

  test('Clerk’s secret key stops the start, but for the embedded default; its value is never shown', () => {
    const env = { CLERK_PUBLISHABLE_KEY: KEY, CLERK_SECRET_KEY: 'sk_live_canary' }
    expect(problemsOf(env)).toContain('CLERK_SECRET_KEY')
    expect(problemsOf(env)).not.toContain('canary')
    expect(problemsOf(env, true)).toBe('none')
  })

  test('every problem is named at once, none by its value', () => {
    const problems = problemsOf({
      CLERK_PUBLISHABLE_KEY: 'canary-1',
      MCP_PORT: 'canary-2',
      MAXIMO_ALLOW_CIDRS: 'canary-3',
      PUBLIC_MCP_URL: 'https://mcp.example.com/canary-4',
    })
    for (const name of ['CLERK_PUBLISHABLE_KEY', 'MCP_PORT', 'MAXIMO_ALLOW_CIDRS', 'PUBLIC_MCP_URL']) {
      expect(problems).toContain(name)
    }
    expect(problems).not.toContain('canary')
  })

  test('the internal listener leaves loopback only with TLS', () => {
    const open = { CLERK_PUBLISHABLE_KEY: KEY, MCP_INTERNAL_HOST: '0.0.0.0' }
    expect(problemsOf(open)).toContain('MCP_INTERNAL_HOST')
    expect(problemsOf({ ...open, MCP_INTERNAL_TLS_KEY: 'k' })).toContain('MCP_INTERNAL_TLS_CERT')
    expect(problemsOf({ ...open, MCP_INTERNAL_TLS_KEY: 'k', MCP_INTERNAL_TLS_CERT: 'c' })).toBe('none')
  })
})

describe('production', () => {
  test('https, two hosts and a Redis over TLS are enough', () => {
    expect(problemsOf(production)).toBe('none')
    expect(loadMcpConfig(production).egress.allowLoopbackHttp).toBe(false)
  })

  test.each([
    ['http of its own', { PUBLIC_MCP_URL: 'http://mcp.example.com' }, 'PUBLIC_MCP_URL'],
    ['http of the portal', { PUBLIC_PORTAL_URL: 'http://portal.example.com' }, 'PUBLIC_PORTAL_URL'],
    ['one host for both', { PUBLIC_MCP_URL: 'https://portal.example.com:444' }, 'PUBLIC_MCP_URL'],
    ['no Redis', { REDIS_URL: '' }, 'REDIS_URL'],
    ['Redis in plain text elsewhere', { REDIS_URL: 'redis://redis.example.com' }, 'REDIS_URL'],
    ['Sentinels in plain text', { REDIS_URL: 'redis+sentinel://127.0.0.1/mymaster' }, 'REDIS_URL'],
    ['Clerk in plain text', { CLERK_PROXY_URL: 'http://localhost:8082' }, 'CLERK_PROXY_URL'],
  ])('%s is refused', (_name, bend, name) => {
    expect(problemsOf({ ...production, ...bend })).toContain(name)
  })

  test('Redis in plain text on loopback passes', () => {
    expect(problemsOf({ ...production, REDIS_URL: 'redis://127.0.0.1:6379' })).toBe('none')
  })
})
