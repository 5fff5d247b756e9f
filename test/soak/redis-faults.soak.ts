import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { startService } from '../../src/dev/processes/service-process.ts'
import { waitUntilReady } from '../../src/dev/up/ready.ts'
import { type FaultProxy, openFaultProxy } from '../support/faults/fault-proxy.ts'
import { ALICE, BOB, McpWorld } from '../support/mcp/mcp-world.ts'
import { figure, soakShare, timed } from '../support/soak.ts'
import { aStack, REDIS_USERS } from '../support/stack.ts'
import { type RedisServer, startRedis } from '../support/store/redis.ts'
import { startCluster } from '../support/store/redis-cluster.ts'

const ADMIN = { name: 'admin', password: 'admin-password', rules: '~* +@all' }
const SOON = { interval: 50, timeout: 30_000 }

const toEnd: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end()
})

interface Setting {
  readonly redis: RedisServer
  readonly line: FaultProxy
  readonly world: McpWorld
  readonly good: string
  readonly revoked: string
}

/** An MCP server that reaches its Redis over a line that can fail, a good token and a revoked one. */
async function setting(): Promise<Setting> {
  const redis = await startRedis({ acl: [ADMIN, ...REDIS_USERS] })
  toEnd.push(() => redis.end())
  const line = await openFaultProxy(redis.port)
  toEnd.push(() => line.close())
  const url = redis.urlOf('mcp').replace(String(redis.port), String(line.port))
  const world = await McpWorld.start({ REDIS_URL: url }, { realTime: true })
  toEnd.push(() => world.close())
  await waitUntilReady([`${world.mcpUrl}/readyz`])
  const good = await world.token(await world.attest(ALICE))
  const ended = await world.attest(BOB)
  const revoked = await world.token(ended)
  expect((await world.revoke({ kind: 'grant', gid: ended.gid })).json).toEqual({ state: 'enforced' })
  return { redis, line, world, good, revoked }
}

const statusAt = async (world: McpWorld, token: string): Promise<number> => (await world.rpc(token)).status

test('a Redis that comes and goes every second lets nobody in who is revoked, and fills no log', async () => {
  const { line, world, good, revoked } = await setting()
  const seconds = Math.max(4, Math.round(60 * soakShare()))
  const errorsBefore = world.log.events().filter(({ event }) => event === 'redis.error').length
  const seen = { good: new Set<number>(), revoked: new Set<number>() }
  let isOver = false
  const ask = async (): Promise<void> => {
    while (!isOver) {
      seen.good.add(await statusAt(world, good))
      seen.revoked.add(await statusAt(world, revoked))
      // Within the rate of a person.
      await delay(400)
    }
  }
  const asking = ask()
  for (let second = 0; second < seconds; second += 1) {
    if (second % 2 === 0) await line.refuse()
    else await line.listen()
    await delay(1_000)
  }
  if (seconds % 2 === 1) await line.listen()
  isOver = true
  await asking
  const { ms } = await timed(() => expect.poll(() => statusAt(world, good), SOON).toBe(200))
  expect([...seen.good].filter((status) => ![200, 503].includes(status))).toEqual([])
  expect([...seen.revoked].filter((status) => ![401, 503].includes(status))).toEqual([])
  const errors = world.log.events().filter(({ event }) => event === 'redis.error').length - errorsBefore
  expect(errors).toBeLessThanOrEqual(seconds + 1)
  figure('seconds of a Redis that comes and goes', seconds, 's')
  figure('lines of its errors in the log', errors, 'lines')
  figure('a good token taken again after it', ms / 1000, 's')
  expect(ms).toBeLessThan(5_000)
})

test('a Redis without memory: a revocation is recorded, and enforced when there is room again', async () => {
  const { redis, world } = await setting()
  const doomed = await world.attest(ALICE)
  const token = await world.token(doomed)
  expect(await statusAt(world, token)).toBe(200)
  await redis.cli('CONFIG', 'SET', 'maxmemory', '1')
  expect((await world.revoke({ kind: 'grant', gid: doomed.gid })).json).toEqual({ state: 'recorded' })
  expect(await statusAt(world, token)).toBe(503)
  await redis.cli('CONFIG', 'SET', 'maxmemory', '0')
  const { ms } = await timed(() => expect.poll(() => statusAt(world, token), SOON).toBe(401))
  figure('a recorded revocation in force once there is room', ms / 1000, 's')
  expect(ms).toBeLessThan(5_000)
})

test('a cluster of which a part has no master: nothing is answered, and afterwards all is as it was', async () => {
  const users = REDIS_USERS.map((user) => ({ ...user, rules: `${user.rules} +cluster|slots +asking` }))
  const cluster = await startCluster({ users })
  toEnd.push(() => cluster.end())
  const world = await McpWorld.start({ REDIS_URL: cluster.urlOf('mcp') }, { realTime: true })
  toEnd.push(() => world.close())
  await waitUntilReady([`${world.mcpUrl}/readyz`])
  const good = await world.token(await world.attest(ALICE))
  const { owner, other } = await cluster.placeOf('{mx}:')
  for (const gone of [owner, other]) {
    gone.pause()
    await expect.poll(() => statusAt(world, good), SOON).toBe(503)
    gone.resume()
    await expect.poll(() => statusAt(world, good), SOON).toBe(200)
  }
})

test('a service of its own process is ready within 2 s of its start', async () => {
  const redis = await startRedis({ acl: REDIS_USERS })
  toEnd.push(() => redis.end())
  const stack = await aStack(redis)
  toEnd.push(() => stack.close())
  for (const [service, env, url] of [
    ['mcp', stack.mcpEnv, stack.mcpUrl],
    ['portal', stack.portalEnv, stack.portalUrl],
  ] as const) {
    const starts: { readonly ms: number; readonly cpuMs: number }[] = []
    for (let start = 0; start < 5; start += 1) {
      await stack.services[service].stop()
      const { ms } = await timed(async () => {
        stack.services[service] = await startService(service, env)
        await waitUntilReady([`${url}/readyz`])
      })
      starts.push({ ms, cpuMs: await cpuMsOf(stack.services[service].pid) })
    }
    const [ms, cpuMs] = [starts.map((one) => one.ms), starts.map((one) => one.cpuMs)]
    figure(`from the start of ${service} to ready, best of five`, Math.min(...ms) / 1000, 's')
    figure('of it on a processor', Math.min(...cpuMs) / 1000, 's')
    // What else the machine does is not its own.
    expect(Math.min(...cpuMs)).toBeLessThan(2_000)
  }
})

/** Of a process so far: `utime` and `stime` of proc(5), in hundredths of a second. */
async function cpuMsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
