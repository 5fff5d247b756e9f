import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { openJournal } from '../../src/kernel/journal.ts'
import { connectRedis, type RedisConnection } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { RedisStore } from '../../src/kernel/store/redis-store.ts'
import { openRecords, type Records } from '../../src/mcp/records/records.ts'
import { scratchFolder } from '../support/folder.ts'
import { captureLog } from '../support/log.ts'
import { surviveLosses } from '../support/store/loss-model.ts'
import { type RedisServer, startRedis } from '../support/store/redis.ts'
import { figure, soakShare, timed } from '../support/soak.ts'

test('two servers keep what they promised through any loss of the store', async () => {
  const runs = Math.max(1, Math.round(1_000 * soakShare()))
  const { ms, result } = await timed(() => surviveLosses({ runs, steps: 40 }))
  figure('lives of two servers', runs, 'lives')
  figure('revocations called enforced, and never broken', result, 'revocations')
  figure('time per life', ms / runs, 'ms')
})

let server: RedisServer
let redis: RedisConnection
beforeAll(async () => {
  server = await startRedis()
  redis = connectRedis({
    url: new Secret(server.url),
    prefix: '{mx}:',
    clock: systemClock,
    log: captureLog().log,
  })
})
afterAll(async () => {
  await redis.close()
  await server.end()
})

test('100,000 revocations are rebuilt into an emptied Redis within 5 s, and Redis is asked again within 5 s', async () => {
  const count = Math.round(100_000 * soakShare())
  const folder = await scratchFolder()
  const journal = await openJournal({ folder, writer: 'mcp-1', clock: systemClock })
  const store = new RedisStore({ redis, prefix: '{mx}:' })
  const open = (): Promise<Records> =>
    openRecords({ journal, store, clock: systemClock, log: captureLog().log })
  const records = await open()
  const primed = (of: Records): Promise<void> =>
    expect.poll(() => of.isPrimed(), { interval: 10, timeout: 60_000 }).toBe(true)
  await primed(records)
  const batch = 1_000
  for (let from = 0; from < count; from += batch)
    await Promise.all(
      Array.from({ length: Math.min(batch, count - from) }, (_, at) => {
        const target = { kind: 'token', rid: String(from + at).padStart(22, '0'), until: null } as const
        const made = { target, markMs: 1, untilS: null, reason: 'test', by: 'test' }
        return records.record('revocation.made', made)
      }),
    )
  await primed(records)
  await server.cli('FLUSHALL')
  const { ms } = await timed(async () => {
    await expect.poll(() => records.isPrimed(), { interval: 1, timeout: 10_000 }).toBe(false)
    await primed(records)
  })
  figure('revocations rebuilt', count, 'revocations')
  figure('from FLUSHALL to whole again', ms / 1000, 's')
  expect(await redis.run((client) => client.dbsize())).toBeGreaterThanOrEqual(count)
  expect(ms).toBeLessThan(5_000)

  await server.stop()
  await expect.poll(() => records.isPrimed(), { interval: 10, timeout: 10_000 }).toBe(false)
  await server.start()
  const back = await timed(() => primed(records))
  figure('from an empty Redis being up to whole again', back.ms / 1000, 's')
  expect(back.ms).toBeLessThan(5_000 + ms)
  await records.close()
  await journal.close()
})
