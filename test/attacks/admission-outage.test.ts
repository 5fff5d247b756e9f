import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { connectRedis } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { markKey, tipKey } from '../../src/kernel/store/keys.ts'
import { captureLog } from '../support/log.ts'
import { ALICE, BOB, McpWorld, send } from '../support/mcp/mcp-world.ts'
import { redisMissing, type RedisServer, startRedis } from '../support/store/redis.ts'
import { REDIS_USERS } from '../support/stack.ts'

const ACL = [{ name: 'admin', password: 'admin-password', rules: '~* +@all' }, ...REDIS_USERS]
const PATIENCE = { interval: 50, timeout: 15_000 }

describe.skipIf(redisMissing !== null)('the store in trouble', { timeout: 60_000 }, () => {
  let redis: RedisServer
  let world: McpWorld
  let good = ''
  let revoked = ''
  let listed = ''

  beforeAll(async () => {
    redis = await startRedis({ acl: ACL })
    world = await McpWorld.start({ REDIS_URL: redis.urlOf('mcp') }, { realTime: true })
    await ready()
    good = await world.token(await world.attest(ALICE))
    const ended = await world.attest(BOB)
    revoked = await world.token(ended)
    expect((await world.revoke({ kind: 'grant', gid: ended.gid })).json).toEqual({ state: 'enforced' })
    listed = await world.token(await world.attestCi(BOB))
  })
  afterAll(async () => {
    await world.close()
    await redis.end()
  })

  const readiness = async (): Promise<number> =>
    (await send(`${world.mcpUrl}/readyz`, { method: 'GET' })).status
  const ready = (): Promise<void> => vi.waitFor(async () => expect(await readiness()).toBe(200), PATIENCE)
  const status = async (token: string, path = '/mcp'): Promise<number> =>
    (await world.rpc(token, { path })).status
  const verdicts = async (): Promise<number[]> => [
    await status(good),
    await status(revoked),
    await status(listed, '/ci/mcp'),
  ]
  const WHOLE = [200, 401, 200]

  /** While it lasts nothing is let in, nothing is called invalid, and Maximo hears nothing. */
  async function isClosed(): Promise<void> {
    world.simulator.requests.reset()
    const startedMs = performance.now()
    for (const token of [good, revoked]) {
      const answer = await world.whoAmI(token)
      expect(answer.status).toBe(503)
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
      expect(answer.headers['www-authenticate']).toBeUndefined()
    }
    expect(await status(listed, '/ci/mcp')).toBe(503)
    expect(performance.now() - startedMs).toBeLessThan(3_000)
    expect(world.simulator.requests()).toBe(0)
  }

  test('whole, it lets in what may come in', async () => {
    expect(await verdicts()).toEqual(WHOLE)
  })

  test('refused and come back empty: 503, then the same verdicts as before, by itself', async () => {
    await redis.stop()
    await isClosed()
    const unready = await send(`${world.mcpUrl}/readyz`, { method: 'GET' })
    expect(unready).toMatchObject({ status: 503, json: { status: 'not ready' } })
    expect(unready.json['reasons']).toContain('Redis is not connected')
    expect((await send(`${world.mcpUrl}/healthz`, { method: 'GET' })).status).toBe(200)
    await redis.start()
    await ready()
    await expect.poll(verdicts, PATIENCE).toEqual(WHOLE)
  })

  test('a breaker that opens and closes is told: readiness, figures, audit', async () => {
    const figures = async (): Promise<string> =>
      (await send(`${world.mcpUrl}/metrics`, { method: 'GET' })).text
    const says = async (line: string): Promise<boolean> =>
      (await figures()).split('\n').some((one) => one.startsWith(line) && !one.endsWith(' 0'))
    redis.pause()
    await vi.waitFor(async () => {
      expect(await status(good)).toBe(503)
      expect(await says('maximo_mcp_store_circuit{state="open"')).toBe(true)
    }, PATIENCE)
    expect(await says('maximo_mcp_unavailable_total{why="store_silent"')).toBe(true)
    expect(await says('maximo_mcp_ready{')).toBe(false)
    redis.resume()
    await ready()
    await vi.waitFor(async () => {
      await status(good)
      expect(await says('maximo_mcp_store_circuit{state="closed"')).toBe(true)
    }, PATIENCE)
    for (const state of ['open', 'closed'])
      expect(await says(`maximo_mcp_store_circuit_changes_total{state="${state}"`)).toBe(true)
    const records = (await world.audited()).filter(({ eventType }) => eventType === 'store.circuit')
    expect(records[0]).toMatchObject({ operation: 'circuit_open', outcome: 'failed', principal: 'mcp-1' })
    expect(records.at(-1)).toMatchObject({ operation: 'circuit_closed', outcome: 'success' })
  })

  test('frozen with open connections: 503 in time, then as before', async () => {
    redis.pause()
    await isClosed()
    redis.resume()
    await ready()
    await expect.poll(verdicts, PATIENCE).toEqual(WHOLE)
  })

  test('flushed: a revoked token is never let in and a good one never called invalid', async () => {
    await redis.cli('FLUSHALL')
    for (let round = 0; round < 40; round += 1) {
      const [asGood, asRevoked, asListed] = await verdicts()
      expect([200, 503]).toContain(asGood)
      expect([401, 503]).toContain(asRevoked)
      expect([200, 503]).toContain(asListed)
    }
    await expect.poll(verdicts, PATIENCE).toEqual(WHOLE)
  })

  test('rolled back to an older state: 503 until it holds everything again', async () => {
    const ended = await world.attest(BOB)
    const token = await world.token(ended)
    const keys = [`{mx}:${markKey('mcp-1')}`, `{mx}:${tipKey('mcp-1')}`]
    const before = await Promise.all(keys.map((key) => redis.cli('GET', key)))
    await world.revoke({ kind: 'grant', gid: ended.gid })
    expect(await status(token)).toBe(401)
    const old = keys.flatMap((key, index) => [key, before[index] ?? ''])
    await redis.cli(
      'EVAL',
      "redis.call('DEL', KEYS[1]); return redis.call('MSET', unpack(ARGV))",
      '1',
      `{mx}:rev:g:${ended.gid}`,
      ...old,
    )
    expect([401, 503]).toContain(await status(token))
    await expect.poll(() => status(token), PATIENCE).toBe(401)
    expect(await verdicts()).toEqual(WHOLE)
  })

  test('a revocation while it is silent is recorded, and enforced when it is back', async () => {
    const ended = await world.attest(BOB)
    const token = await world.token(ended)
    expect(await status(token)).toBe(200)
    await redis.stop()
    expect((await world.revoke({ kind: 'grant', gid: ended.gid })).json).toEqual({ state: 'recorded' })
    await redis.start()
    await ready()
    await expect.poll(() => status(token), PATIENCE).toBe(401)
  })

  test('the portal’s user of Redis can do nothing with an admission key', async () => {
    const log = captureLog().log
    const options = { prefix: '{portal}:', clock: systemClock, log, commandTimeoutMs: 5_000 }
    const asPortal = connectRedis({ ...options, url: new Secret(redis.urlOf('portal')) })
    await expect.poll(() => asPortal.trouble(), PATIENCE).toBeNull()
    await expect(asPortal.run((client) => client.set('{mx}:ci:forged', '1'))).rejects.toThrow('NOPERM')
    await expect(asPortal.run((client) => client.del('{mx}:mark:mcp-1'))).rejects.toThrow('NOPERM')
    await expect(asPortal.run((client) => client.get('{mx}:mark:mcp-1'))).rejects.toThrow('NOPERM')
    await asPortal.run((client) => client.set('{portal}:own', '1'))
    await asPortal.close()
    expect(await verdicts()).toEqual(WHOLE)
  })
})
