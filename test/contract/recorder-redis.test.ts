import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { type Journal, openJournal } from '../../src/kernel/journal.ts'
import { connectRedis, type RedisConnection } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { StoreUnavailable } from '../../src/kernel/store/contract.ts'
import { RedisStore } from '../../src/kernel/store/redis-store.ts'
import { scratchFolder } from '../support/folder.ts'
import { captureLog } from '../support/log.ts'
import { openLoneRecorder, type LoneRecorder } from '../support/store/lone-recorder.ts'
import { redisMissing, type RedisServer, startRedis } from '../support/store/redis.ts'

describe.skipIf(redisMissing !== null)('a journal projected into a real Redis', () => {
  let server: RedisServer
  let redis: RedisConnection
  let journal: Journal
  let recorder: LoneRecorder
  const captured = captureLog()

  beforeEach(async () => {
    server = await startRedis()
    redis = connectRedis({
      url: new Secret(server.url),
      prefix: '{t}:',
      clock: systemClock,
      log: captured.log,
    })
    journal = await openJournal({ folder: await scratchFolder(), writer: 'mcp-1', clock: systemClock })
    recorder = await openLoneRecorder({
      journal,
      store: new RedisStore({ redis, prefix: '{t}:' }),
      clock: systemClock,
      log: captured.log,
      writesOf: ({ data }) => [{ key: `revoked:${String(data['id'])}`, value: '1' }],
    })
    await expect.poll(() => recorder.primed(), { interval: 10, timeout: 5_000 }).toBe(true)
  })
  afterEach(async () => {
    await recorder.close()
    await journal.close()
    await redis.close()
    await server.end()
  })

  const revoke = async (id: string | number): Promise<boolean> =>
    (await recorder.record('revoked', { id })).projected
  const isRevoked = async (id: string | number): Promise<boolean> =>
    (await recorder.readProjected([`revoked:${id}`]))[0] === '1'
  const primedWithin = (ms: number): Promise<void> =>
    expect.poll(() => recorder.primed(), { interval: 10, timeout: ms }).toBe(true)

  test('survives FLUSHALL: nothing revoked is read as absent, before and after the replay', async () => {
    const ids = Array.from({ length: 2_000 }, (_, at) => at)
    await Promise.all(ids.map(revoke))
    await primedWithin(5_000)
    await server.cli('FLUSHALL')
    const answers = await Promise.allSettled(ids.slice(0, 200).map(isRevoked))
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(StoreUnavailable)
      else expect(answer.value).toBe(true)
    }
    await primedWithin(5_000)
    for (const id of ids) expect(await isRevoked(id)).toBe(true)
    expect(await isRevoked('never')).toBe(false)
  })

  test('survives a restart of an empty Redis', async () => {
    expect(await revoke('a')).toBe(true)
    await server.stop()
    expect(await revoke('b')).toBe(false)
    await expect(isRevoked('a')).rejects.toBeInstanceOf(StoreUnavailable)
    await server.start()
    await primedWithin(3_000)
    expect([await isRevoked('a'), await isRevoked('b'), await isRevoked('c')]).toEqual([true, true, false])
  })

  test('survives a Redis that freezes in the middle', async () => {
    server.pause()
    const answered = await Promise.all(['a', 'b', 'c'].map(revoke))
    expect(answered).toEqual([false, false, false])
    await expect(isRevoked('a')).rejects.toBeInstanceOf(StoreUnavailable)
    server.resume()
    await primedWithin(5_000)
    expect([await isRevoked('a'), await isRevoked('b'), await isRevoked('c')]).toEqual([true, true, true])
  })

  test('survives a restored older snapshot', async () => {
    expect(await revoke('a')).toBe(true)
    await server.cli('SAVE')
    expect(await revoke('b')).toBe(true)
    await server.stop()
    await server.start()
    // Every answer from now on is the right one or none at all.
    const seen: unknown[] = []
    const look = async (): Promise<unknown> => {
      seen.push(await isRevoked('b').catch(() => 'no answer'))
      return seen.at(-1)
    }
    await expect.poll(look, { timeout: 5_000 }).not.toBe('no answer')
    expect(seen).not.toContain(false)
    expect(await isRevoked('a')).toBe(true)
  })
})
