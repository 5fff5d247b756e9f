import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { initTls } from '../../src/crypto/keys/tls-ceremony.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { connectRedis, type RedisConnection } from '../../src/kernel/redis.ts'
import { TlsLook } from '../../src/kernel/redis-tls.ts'
import { readRedisUrl } from '../../src/kernel/redis-url.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { startMcp } from '../../src/mcp/start.ts'
import { startPortal } from '../../src/portal/start.ts'
import { captureLog, type CapturedLog } from '../support/log.ts'
import { send } from '../support/mcp/mcp-world.ts'
import { callMcp, connectClient, refresh } from '../support/oauth/oauth-client.ts'
import { freePort } from '../support/ports.ts'
import { type PortalWorld, startPortalWorld } from '../support/portal-world.ts'
import { REDIS_USERS } from '../support/stack.ts'
import { redisMissing, type RedisServer, startRedis } from '../support/store/redis.ts'
import { startCluster } from '../support/store/redis-cluster.ts'
import { startSentinels } from '../support/store/sentinels.ts'

const FORMS = ['a single server', 'Sentinel', 'a cluster'] as const
const SOON = { interval: 20, timeout: 20_000 }
/** Each service as its own user, with what a cluster needs besides. */
const USERS = REDIS_USERS.map((user) => ({ ...user, rules: `${user.rules} +cluster|slots +asking` }))

interface Served {
  readonly log: CapturedLog
  close(): Promise<void>
}

interface Redis {
  urlOf(user: string): string
  end(): Promise<void>
}

describe.skipIf(redisMissing !== null)('Redis over TLS, with the certificates of keys init', () => {
  let folder: string
  let world: PortalWorld
  let plain: RedisServer
  const redis = new Map<string, Redis>()
  const early: Watched[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-redis-tls-'))
    for (const owner of ['ours', 'foreign']) await initTls(join(folder, owner), { hosts: [] })
    const tls = at('ours/redis/tls')
    plain = await startRedis({ acl: USERS })
    // Nobody says no: that takes its time, during which the others start.
    early.push(await watch(plain.urlOf('mcp').replace('redis:', 'rediss:')))
    const started = [
      startRedis({ acl: USERS, tls }),
      startSentinels({ users: USERS, tls }),
      startCluster({ users: USERS, tls }),
    ]
    world = await startPortalWorld()
    await world.portal.close()
    await world.mcp.close()
    for (const [nth, one] of (await Promise.all(started)).entries()) redis.set(FORMS[nth] ?? '', one)
  }, 60_000)
  afterAll(async () => {
    for (const { connection } of early) await connection.close()
    for (const one of [...redis.values(), plain]) await one.end()
    await world.close()
    await rm(folder, { recursive: true, force: true })
  })

  const at = (path: string): string => join(folder, path)
  const of = (form: string): Redis => redis.get(form)!

  interface Watched {
    readonly connection: RedisConnection
    readonly log: CapturedLog
  }

  /** What a service would know of its connection. */
  async function watch(url: string, authority = 'ours/portal/tls/redis-ca.pem'): Promise<Watched> {
    const log = captureLog()
    const fixed = { prefix: '{mx}:', clock: systemClock, log: log.log }
    const ca = await readFile(at(authority), 'utf8')
    return { connection: connectRedis({ url: new Secret(url), ca, ...fixed }), log }
  }

  /** Portal and MCP server on that Redis, until the test ends. */
  async function serve(form: string, bend: Readonly<Record<string, string>> = {}): Promise<Served> {
    const log = captureLog()
    const env = { ...world.env, REDIS_TLS_CA: at('ours/portal/tls/redis-ca.pem'), ...bend }
    const own = { clock: world.clock, log: log.log }
    const mcp = await startMcp({ ...env, REDIS_URL: of(form).urlOf('mcp') }, { ...own, embedded: true })
    const portal = await startPortal({ ...env, REDIS_URL: of(form).urlOf('portal') }, own)
    const running = [portal, mcp]
    const close = async (): Promise<void> => {
      for (const one of running.splice(0)) await one.close()
    }
    onTestFinished(close)
    return { log, close }
  }
  const readiness = async (url: string) => send(`${url}/readyz`, { method: 'GET' })
  async function ready(): Promise<void> {
    for (const url of [world.mcpUrl, world.portalUrl])
      await expect.poll(async () => (await readiness(url)).json, SOON).toMatchObject({ status: 'ready' })
  }

  test.each(FORMS)('a person signs in and calls through %s', async (form) => {
    await serve(form)
    await ready()
    const { access_token, refresh_token, client } = await connectClient(world)
    expect(await callMcp(world, access_token)).toBe(200)
    expect((await refresh(world, client, refresh_token)).status).toBe(200)
  })

  describe.each(FORMS)('%s is refused, and the reason told', (form) => {
    test.each([
      [
        'with a certificate of a foreign authority',
        'foreign',
        '127.0.0.1',
        /no authority that REDIS_TLS_CA names/,
      ],
      [
        'under a name for which its certificate is not',
        'ours',
        '127.0.0.2',
        /a certificate that is for other names/,
      ],
    ])('%s', async (_what, whose, host, reason) => {
      const url = of(form).urlOf('mcp').replaceAll('127.0.0.1', host)
      await isToldBy(await watch(url, `${whose}/portal/tls/redis-ca.pem`), reason)
    })

    test('in plain text', async () => {
      await isToldBy(
        await watch(of(form).urlOf('mcp').replace('rediss', 'redis')),
        /speaks TLS, and REDIS_URL asks for plain text: it has to begin with rediss/,
      )
    })
  })

  test('a master that nobody trusts, of a Sentinel that is trusted, is told until another fault is seen', async () => {
    const master = await startRedis({ acl: USERS, tls: at('foreign/redis/tls') })
    onTestFinished(() => master.end())
    const monitored = [`sentinel monitor mymaster 127.0.0.1 ${master.port} 1`]
    const sentinel = await startRedis({ tls: at('ours/redis/tls'), sentinel: monitored })
    onTestFinished(() => sentinel.end())
    const watched = await watch(
      master.urlOf('mcp').replace(/^rediss:(.*):\d+.*$/, `rediss+sentinel:$1:${sentinel.port}/mymaster`),
    )
    await isToldBy(watched, /: a server that REDIS_URL leads to shows a certificate of no authority/)
    await master.end()
    await expect.poll(() => watched.connection.trouble(), SOON).toBe('Redis is not connected')
  })

  test('a server that speaks plain text is refused where TLS is asked for', async () => {
    await isToldBy(early[0]!, /does not answer in TLS, for which REDIS_URL asks/)
  })

  test('a file that holds the authority of before and that of now takes servers of both', async () => {
    const files = ['foreign', 'ours'].map((owner) => readFile(at(`${owner}/portal/tls/redis-ca.pem`), 'utf8'))
    await writeFile(at('both.pem'), (await Promise.all(files)).join(''))
    const { connection } = await watch(of('a single server').urlOf('mcp'), 'both.pem')
    onTestFinished(() => connection.close())
    await expect.poll(() => connection.trouble(), SOON).toBeNull()
  })

  test('a certificate is looked at whenever a connection fails, plain text until it was understood once', async () => {
    const { log } = captureLog()
    const look = async (url: string, understood: boolean): Promise<string | null> => {
      const address = readRedisUrl(url)
      if (!address.ok) throw new Error(address.error)
      const tls = new TlsLook({ address: address.value, ca: undefined, log })
      if (understood) tls.understood()
      await tls.look()
      return tls.trouble()
    }
    const url = of('a single server').urlOf('mcp')
    const inPlain = url.replace('rediss', 'redis')
    expect(await look(url, true)).toMatch(/no authority that REDIS_TLS_CA names/)
    expect([await look(inPlain, false), await look(inPlain, true)]).toEqual([
      expect.stringMatching(/speaks TLS/),
      null,
    ])
    // Who is not there has nothing to do with TLS.
    expect(await look(`rediss://127.0.0.1:${await freePort()}`, false)).toBeNull()
  })

  async function isToldBy({ connection, log }: Watched, reason: RegExp): Promise<void> {
    onTestFinished(() => connection.close())
    await expect.poll(() => connection.trouble(), SOON).toMatch(reason)
    await expect(connection.run((client) => client.get('{mx}:a'))).rejects.toThrow(/^Redis is not connected/)
    expect(log.text()).toContain('"event":"redis.tls"')
    expect(log.text()).not.toContain('mcp-password')
  }

  test('services that do not trust it are up, say why they are not ready, and answer 503 and never 401', async () => {
    const served = await serve('a single server')
    await ready()
    const { access_token, refresh_token, client } = await connectClient(world)
    await served.close()

    await serve('a single server', { REDIS_TLS_CA: at('foreign/portal/tls/redis-ca.pem') })
    for (const url of [world.mcpUrl, world.portalUrl]) {
      const reason = expect.stringMatching(/^Redis is not connected: .*no authority that REDIS_TLS_CA names/)
      const reasons = expect.arrayContaining([reason])
      await expect.poll(() => readiness(url), SOON).toMatchObject({ status: 503, json: { reasons } })
    }
    expect(await callMcp(world, access_token)).toBe(503)
    expect((await refresh(world, client, refresh_token)).status).toBe(503)
  })

  type Start = (env: typeof world.env, own: { readonly log: CapturedLog['log'] }) => Promise<unknown>
  test.each<[string, Start]>([
    ['the MCP server', (env, own) => startMcp(env, { ...own, embedded: true })],
    ['the portal', startPortal],
  ])('%s without the authority that it is told of does not start, and says which', async (_name, start) => {
    const env = { ...world.env, REDIS_URL: of('a single server').urlOf('mcp'), REDIS_TLS_CA: at('gone.pem') }
    await expect(start(env, { log: captureLog().log })).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [expect.stringMatching(/^REDIS_TLS_CA: .*gone\.pem cannot be read/)],
    })
  })

  test.each<[string, string, Start]>([
    ['the MCP server', 'MCP', (env, own) => startMcp(env, { ...own, embedded: true })],
    ['the portal', 'PORTAL', startPortal],
  ])('%s with the key of another certificate does not start, and says which', async (_name, whose, start) => {
    const [KEY, CERT] = [`${whose}_INTERNAL_TLS_KEY`, `${whose}_INTERNAL_TLS_CERT`]
    const files = { [KEY]: at('ours/redis/tls/server-key.pem'), [CERT]: at('ours/mcp/tls/server.pem') }
    const internal = {
      MCP_INTERNAL_URLS: 'https://localhost:1',
      PORTAL_INTERNAL_URLS: 'portal-1=https://localhost:1,portal-2=https://localhost:2',
    }
    const env = { ...world.env, ...internal, PORTAL_INTERNAL_PORT: '0', ...files }
    await expect(start(env, { log: captureLog().log })).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [`${KEY}: ${files[KEY]} is not the key of ${files[CERT]}`],
    })
  })

  describe('the certificate of one kind of server is none of the other', () => {
    test('a Redis with the key of a peer is refused', async () => {
      const posing = await startRedis({ acl: USERS, tls: at('ours/mcp/tls') })
      onTestFinished(() => posing.end())
      await isToldBy(await watch(posing.urlOf('mcp')), /no authority that REDIS_TLS_CA names/)
    })

    test('an MCP server with the key of Redis is refused by the portal, and taken with its own', async () => {
      const internal = (owner: string) => ({
        MCP_INTERNAL_URLS: `mcp-1=https://127.0.0.1:${world.env['MCP_INTERNAL_PORT'] ?? ''}`,
        MCP_INTERNAL_TLS_CA: at('ours/portal/tls/ca.pem'),
        MCP_INTERNAL_TLS_KEY: at(`ours/${owner}/tls/server-key.pem`),
        MCP_INTERNAL_TLS_CERT: at(`ours/${owner}/tls/server.pem`),
      })
      const own = await serve('a single server', internal('mcp'))
      await ready()
      const { refresh_token, client } = await connectClient(world)
      await own.close()

      const posing = await serve('a single server', internal('redis'))
      await ready()
      expect((await refresh(world, client, refresh_token)).status).toBe(503)
      expect(posing.log.text()).toContain('"why":"no answer"')
      await posing.close()

      await serve('a single server', internal('mcp'))
      await ready()
      expect((await refresh(world, client, refresh_token)).status).toBe(200)
    })
  })
})
