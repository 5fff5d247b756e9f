import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { scratchFolder } from '../support/folder.ts'
import { LAVISH_LIMITS } from '../support/mcp/lavish-limits.ts'
import { ALICE, BOB, McpWorld, send } from '../support/mcp/mcp-world.ts'
import { p99, steadyLoad, type SteadyLoad } from '../support/mcp/steady-load.ts'
import { figure, soakShare, timed } from '../support/soak.ts'
import { REDIS_USERS } from '../support/stack.ts'
import { type RedisServer, startRedis } from '../support/store/redis.ts'

const SECONDS = Math.max(5, 60 * soakShare())
const GOOD_PER_SECOND = 50
const GARBAGE_PER_SECOND = 500
const TURNS = 6

let redis: RedisServer
let world: McpWorld
let good: string
beforeAll(async () => {
  redis = await startRedis({ acl: REDIS_USERS })
  const limitsFile = join(await scratchFolder(), 'limits.json')
  await writeFile(limitsFile, JSON.stringify(LAVISH_LIMITS))
  world = await McpWorld.start({ REDIS_URL: redis.urlOf('mcp'), LIMITS_FILE: limitsFile }, { realTime: true })
  await vi.waitFor(
    async () => expect((await send(`${world.mcpUrl}/readyz`, { method: 'GET' })).status).toBe(200),
    { timeout: 20_000, interval: 50 },
  )
  good = await world.token(await world.attest(ALICE))
})
afterAll(async () => {
  await world.close()
  await redis.end()
})

const figureOf = async (name: string): Promise<number> => {
  const { text } = await send(`${world.mcpUrl}/metrics`, { method: 'GET' })
  return Number(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

test('garbage tokens ten times as often as good calls: no good call fails, and none leads to an RSA operation', async () => {
  // Maximo is not what is tried here.
  const call = { token: good, tool: 'find_tools', args: { query: 'work orders' } }
  const good50 = (): SteadyLoad => steadyLoad(world.mcpUrl, { perSecond: GOOD_PER_SECOND, next: () => call })
  // A good token is opened once.
  expect((await world.whoAmI(good)).status).toBe(200)
  const before = await figureOf('maximo_mcp_token_decryptions')
  // The header of a real token, vouched for by nobody.
  const seen = JSON.parse(Buffer.from(good.split('.', 1)[0] ?? '', 'base64url').toString()) as { rt: string }
  const forged = { ...seen, rt: randomBytes(Buffer.from(seen.rt, 'base64url').length).toString('base64url') }
  const header = Buffer.from(JSON.stringify(forged)).toString('base64url')
  const garbage = (): string =>
    [header, ...[342, 16, 1_500, 22].map((size) => randomBytes(size).toString('base64url'))].join('.')
  const next = () => ({
    token: Math.random() < 0.5 ? garbage() : randomBytes(900).toString('base64url'),
    tool: 'x',
  })
  const [quiet, flooded, bad] = [newTally(), newTally(), newTally()]
  const disk = watchDisk(await scratchFolder())
  onTestFinished(async () => {
    await disk.end()
  })
  // By turns: a machine that stalls for a while stalls in both.
  for (let turn = 0; turn < TURNS; turn += 1) {
    const alone = good50()
    await sleep((SECONDS * 1_000) / TURNS)
    await addTo(quiet, alone)
    const flood = steadyLoad(world.mcpUrl, { perSecond: GARBAGE_PER_SECOND, next })
    const beside = good50()
    await sleep((SECONDS * 1_000) / TURNS)
    await Promise.all([addTo(bad, flood), addTo(flooded, beside)])
  }
  const slowdown = p99(flooded.tookMs) / p99(quiet.tookMs)
  figure('garbage tokens', bad.tookMs.length, 'requests')
  figure('good calls beside them', flooded.tookMs.length, 'calls')
  figure('p99 of the good, quiet', p99(quiet.tookMs), 'ms')
  figure('p99 of the good, flooded', p99(flooded.tookMs), 'ms')
  figure('p99 flooded over quiet', slowdown, 'times')
  figure('p99 of a synced write of this disk, all the while', p99(await disk.end()), 'ms')
  figure('RSA operations', (await figureOf('maximo_mcp_token_decryptions')) - before, 'operations')
  for (const { outcomes } of [quiet, flooded]) expect([...outcomes]).toEqual(['200'])
  expect(await figureOf('maximo_mcp_token_decryptions')).toBe(before)
  expect([...bad.outcomes].every((outcome) => /^(401|429) /.test(outcome))).toBe(true)
  expect(slowdown).toBeLessThanOrEqual(3)
})

interface Tally {
  readonly tookMs: number[]
  readonly outcomes: Set<string>
}

const newTally = (): Tally => ({ tookMs: [], outcomes: new Set() })

async function addTo({ tookMs, outcomes }: Tally, load: SteadyLoad): Promise<void> {
  await load.stop()
  tookMs.push(...load.tookMs)
  for (const outcome of load.outcomes.keys()) outcomes.add(outcome)
}

/** What the disk itself takes for a record's worth, twenty times a second: no good call is faster than that. */
function watchDisk(folder: string): { end(): Promise<number[]> } {
  const tookMs: number[] = []
  const ending = new AbortController()
  const watching = (async () => {
    const file = await open(join(folder, 'watched'), 'a')
    while (!ending.signal.aborted) {
      await sleep(50)
      await file.write('x'.repeat(500))
      tookMs.push((await timed(() => file.datasync())).ms)
    }
    await file.close()
  })()
  return {
    async end() {
      ending.abort()
      await watching
      return tookMs
    },
  }
}

test('Redis is away for a minute: nobody gets through, nothing reaches Maximo, no token is called bad', async () => {
  const ended = await world.attest(BOB)
  const bad = await world.token(ended)
  expect((await world.whoAmI(bad)).status).toBe(200)
  await world.revoke({ kind: 'grant', gid: ended.gid })
  const call = { token: good, tool: 'search_work_orders', args: { limit: 1 } }
  await redis.stop()
  const asked = world.simulator.requests()
  const away = steadyLoad(world.mcpUrl, { perSecond: 20, next: () => call })
  const wrong = steadyLoad(world.mcpUrl, { perSecond: 5, next: () => ({ ...call, token: bad }) })
  await sleep(SECONDS * 1_000)
  await Promise.all([away.stop(), wrong.stop()])
  expect(world.simulator.requests()).toBe(asked)
  expect([...away.outcomes.keys()]).toEqual(['503 revocation_unavailable'])
  expect([...wrong.outcomes.keys()]).toEqual(['503 revocation_unavailable'])
  await redis.start()
  const { ms } = await timed(async () => {
    await expect
      .poll(async () => (await world.whoAmI(good)).status, { interval: 20, timeout: 20_000 })
      .toBe(200)
  })
  expect((await world.whoAmI(bad)).status).toBe(401)
  figure('calls refused while Redis was away', away.tookMs.length + wrong.tookMs.length, 'calls')
  figure('p99 of the refusals', p99(away.tookMs), 'ms')
  figure('from Redis being up to the first call', ms / 1000, 's')
  expect(ms).toBeLessThan(2_000)
})
