import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Haproxy, haproxyOfTheGuide, startHaproxy } from '../support/faults/haproxy.ts'
import { scratchFolder } from '../support/folder.ts'
import { LAVISH_LIMITS } from '../support/mcp/lavish-limits.ts'
import { type McpPair, startPair } from '../support/mcp/mcp-pair.ts'
import { ALICE } from '../support/mcp/mcp-world.ts'
import { servedProcess } from '../support/mcp/served-process.ts'
import { p99, steadyLoad } from '../support/mcp/steady-load.ts'
import { figure, timed } from '../support/soak.ts'
import { REDIS_USERS } from '../support/stack.ts'
import { type RedisServer, startRedis } from '../support/store/redis.ts'
import { grantAttest } from '../../src/crypto/internal-api.ts'

const DRAIN_S = 5
/** Of each server, in turn. */
const RESTARTS = 1
const AT_ONCE = 6

let redis: RedisServer
let pair: McpPair
let haproxy: Haproxy
const exitCodes: (number | null)[] = []

beforeAll(async () => {
  redis = await startRedis({ acl: REDIS_USERS })
  const limitsFile = join(await scratchFolder(), 'limits.json')
  await writeFile(limitsFile, JSON.stringify(LAVISH_LIMITS))
  const env = { REDIS_URL: redis.urlOf('mcp'), LIMITS_FILE: limitsFile, DRAIN_S: String(DRAIN_S) }
  pair = await startPair({ ...env, TRUSTED_PROXIES: '127.0.0.1' }, (given) =>
    servedProcess(given, (code) => void exitCodes.push(code)),
  )
  const portOf = (url: string): string => new URL(url).port
  haproxy = await startHaproxy(await haproxyOfTheGuide(), {
    PORT: portOf(pair.world.mcpUrl),
    PORT_1: portOf(pair.first.url),
    PORT_2: portOf(pair.second.url),
  })
})
afterAll(async () => {
  await haproxy.close()
  await pair.close()
  await redis.end()
})

test('servers behind the balancer of the guide are restarted one by one: no request fails', async () => {
  const { world, first, second } = pair
  const ask = await world.grantAsk(ALICE)
  const answer = await first.call(grantAttest.path, ask)
  const grant = { gid: String(ask['gid']), env: String(ask['env']), jti: undefined }
  const token = await world.token({ ...grant, ...(answer.json as { receipt: string; at: number }) })
  const tools = [
    { token, tool: 'get_context' },
    { token, tool: 'search_work_orders', args: { limit: 5 } },
  ] as const
  let asked = 0
  const load = steadyLoad(world.mcpUrl, {
    atOnce: AT_ONCE,
    next: () => tools[(asked += 1) % tools.length] ?? tools[0],
  })
  const { ms } = await timed(async () => {
    for (let round = 0; round < RESTARTS; round += 1)
      for (const twin of [first, second]) {
        await twin.stop()
        await twin.start()
        await twin.ready()
        // Until the balancer has seen it, too.
        await new Promise((resolve) => setTimeout(resolve, 4_000))
      }
  })
  while (asked < 5_000) await new Promise((resolve) => setTimeout(resolve, 100))
  await load.stop()
  const total = [...load.outcomes.values()].reduce((sum, count) => sum + count, 0)
  const failed = total - (load.outcomes.get('200') ?? 0)
  figure('restarts under load', exitCodes.length, 'restarts')
  figure('requests', total, 'requests')
  figure('requests that failed', failed, 'requests')
  figure('time of one restart', ms / exitCodes.length / 1000, 's')
  for (const twin of [first, second])
    for (const [, why, count] of (await twin.metrics()).matchAll(
      /^maximo_mcp_unavailable_total\{why="(\w+)".*\} (\d+)$/gm,
    ))
      figure(`answers of ${twin.id} for want of ${why}, since it began`, Number(count), 'answers')
  figure('p99 over all of it', p99(load.tookMs), 'ms')
  expect([...load.outcomes]).toEqual([['200', total]])
  expect(total).toBeGreaterThanOrEqual(5_000)
  expect(exitCodes).toEqual(Array(2 * RESTARTS).fill(0))
})
