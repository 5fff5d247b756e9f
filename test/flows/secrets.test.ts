import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { authorize, redeem, refresh } from '../../src/dev/walk/connect.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { ask } from '../../src/dev/walk/json-http.ts'
import { rpc } from '../../src/dev/walk/rpc.ts'
import { openSignedIn } from '../../src/dev/walk/sign-in.ts'
import { replaceKey } from '../../src/dev/walk/vault.ts'
import { redisMissing, startRedis, type RedisServer } from '../support/store/redis.ts'
import { aStack, connect, PLANNER, REDIS_USERS } from '../support/stack.ts'

const ADMIN = { name: 'admin', password: 'admin-password', rules: '~* +@all' } as const
const TYPED_WRONG = 'canary-of-a-key-that-was-typed-wrong'
const TYPED_PASSWORD = 'canary-of-a-password'

const filesBelow = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })

/** Private halves and secrets of every key file: the members of a JWK that must never leave its folder. */
function keyMaterial(dataDir: string): [string, string][] {
  return filesBelow(dataDir)
    .filter((path) => path.includes('/keys/') && !path.endsWith('pins.json'))
    .flatMap((path) => {
      const { kid, jwk } = JSON.parse(readFileSync(path, 'utf8')) as {
        kid: string
        jwk: { d?: string; k?: string }
      }
      return [jwk.d, jwk.k]
        .filter((part) => part !== undefined)
        .map((part): [string, string] => [`key ${kid}`, part])
    })
}

describe.skipIf(redisMissing !== null)('no secret is in what the services print, keep or show', () => {
  let redis: RedisServer
  let stack: Stack
  const canaries = new Map<string, string>()
  const pages: string[] = []

  beforeAll(async () => {
    redis = await startRedis({ acl: [...REDIS_USERS, ADMIN] })
    stack = await aStack(redis, { portalEnv: { LOG_LEVEL: 'trace' }, mcpEnv: { LOG_LEVEL: 'trace' } })
    await useEverything()
  }, 90_000)
  afterAll(async () => {
    await stack.close()
    await redis.end()
  })

  /** One of each: connect, call, refresh, replay, wrong keys in the vault, a replaced key, errors of every endpoint. */
  async function useEverything(): Promise<void> {
    canaries.set('Maximo API key', stack.simulator.accounts.of(PLANNER).apiKey)
    canaries.set('secret key of Clerk', stack.standin.config.secretKey)
    canaries.set('Redis password of the portal', 'portal-password')
    canaries.set('Redis password of the MCP server', 'mcp-password')
    const connection = await connect(stack)
    const { address, browser, discovered, clientId, tokens } = connection
    canaries.set('access token', tokens.access_token)
    canaries.set('refresh token', tokens.refresh_token ?? '')
    for (const [index, cookie] of (await browser.cookieValues(stack.portalUrl)).entries()) {
      if (cookie.length > 40) canaries.set(`cookie ${index}`, cookie)
    }
    const code = await authorize(browser, discovered, { clientId, scope: 'maximo:read', email: PLANNER })
    canaries.set('authorization code', code.code)
    canaries.set('code verifier', code.verifier)
    await redeem(discovered, clientId, code)
    const next = await refresh(discovered, clientId, tokens.refresh_token ?? '')
    canaries.set('next refresh token', next.refresh_token ?? '')
    canaries.set('next access token', next.access_token)

    for (const token of [tokens.access_token, `${tokens.access_token.slice(0, -4)}AAAA`, 'rubbish']) {
      const call = { method: 'tools/call', params: { name: 'get_context', arguments: {} } }
      pages.push(JSON.stringify((await rpc(address, token, '2026-07-28', call)).body))
    }
    const wrong = {
      code: code.code,
      code_verifier: 'w'.repeat(43),
      grant_type: 'authorization_code',
      client_id: clientId,
    }
    pages.push(JSON.stringify((await ask(discovered.server.token_endpoint, { form: wrong })).body))
    pages.push((await browser.open(`${stack.portalUrl}/oauth/authorize?client_id=${code.code}`)).body)
    pages.push((await browser.open(`${stack.portalUrl}/nowhere?token=${tokens.access_token}`)).body)
    await tryInVault({ method: 'apikey', key: TYPED_WRONG })
    await tryInVault({ method: 'maxauth', user: 'wilson', key: TYPED_PASSWORD })
    canaries.set('key typed wrong', TYPED_WRONG)
    canaries.set('password typed', TYPED_PASSWORD)

    const apiKey = await stack.simulator.accounts.regenerateKey(PLANNER)
    canaries.set('replaced Maximo API key', apiKey)
    await replaceKey(new Browser(), { portalUrl: stack.portalUrl, email: PLANNER, label: 'demo', apiKey })
    for (const path of ['/healthz', '/readyz', '/metrics', '/.well-known/oauth-protected-resource/mcp']) {
      for (const origin of [stack.portalUrl, stack.mcpUrl])
        pages.push(JSON.stringify((await ask(origin + path)).body))
    }
  }

  async function tryInVault(fill: Readonly<Record<string, string>>): Promise<void> {
    const browser = new Browser()
    const list = await openSignedIn(browser, `${stack.portalUrl}/environments`, PLANNER)
    const door = await browser.submit(list, formTo(list, '/environments/open', { purpose: 'add' }))
    const vault = await browser.submit(door, formTo(door, '/vault'))
    const answer = await browser.submit(vault, formTo(vault, '/vault/save'), {
      label: 'wrong',
      baseUrl: stack.simulator.baseUrl,
      ...fill,
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    pages.push(list.body, door.body, vault.body, answer.body)
  }

  /** Read as text, not dumped: a dump compresses, and a compressed secret would not be found. */
  async function redisContents(): Promise<string> {
    const admin = (...command: string[]): Promise<string> =>
      redis.cli('--user', ADMIN.name, '--pass', ADMIN.password, ...command)
    const keys = (await admin('KEYS', '*')).split('\n')
    const values = keys.map(async (key) =>
      (await admin('TYPE', key)) === 'string' ? admin('GET', key) : admin('ZRANGE', key, '0', '-1'),
    )
    return [...keys, ...(await Promise.all(values))].join('\n')
  }

  const found = (text: string, secrets: ReadonlyMap<string, string>): string[] =>
    [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => name)

  test('the canaries are real: each is where it belongs', () => {
    expect(canaries.size).toBeGreaterThan(12)
    expect([...canaries.values()].every((secret) => secret.length >= 12)).toBe(true)
    expect(found(JSON.stringify(stack.mcpEnv), canaries)).toContain('Redis password of the MCP server')
  })

  test('standard output and error of both services, at the most talkative level', () => {
    const secrets = new Map([...canaries, ...keyMaterial(stack.dataDir)])
    for (const service of [stack.services.portal, stack.services.mcp]) {
      expect(service.output().length).toBeGreaterThan(500)
      expect(found(service.output(), secrets)).toEqual([])
    }
  })

  test('journals and audit logs', () => {
    const secrets = new Map([...canaries, ...keyMaterial(stack.dataDir)])
    const kept = filesBelow(stack.dataDir).filter((path) => /\/(portal|mcp)\/(journal|audit)\//.test(path))
    expect(kept.length).toBeGreaterThanOrEqual(4)
    for (const path of kept) expect(found(readFileSync(path, 'utf8'), secrets), path).toEqual([])
  })

  test('Redis', async () => {
    const contents = await redisContents()
    expect(contents.length).toBeGreaterThan(1000)
    expect(found(contents, new Map([...canaries, ...keyMaterial(stack.dataDir)]))).toEqual([])
  })

  test('pages, errors, metadata and health', () => {
    expect(pages.length).toBeGreaterThan(15)
    const secrets = new Map([...canaries, ...keyMaterial(stack.dataDir)])
    for (const page of pages) expect(found(page, secrets), page.slice(0, 200)).toEqual([])
  })
})
