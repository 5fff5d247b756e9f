import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { connectRedis, type RedisConnection } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { StoreUnavailable } from '../../src/kernel/store/contract.ts'
import { captureLog } from '../support/log.ts'
import { redisMissing, type RedisServer, startRedis } from '../support/store/redis.ts'

describe.skipIf(redisMissing !== null)('a script', () => {
  let server: RedisServer
  let redis: RedisConnection
  beforeAll(async () => {
    server = await startRedis()
    const fixed = { prefix: '{t}:', clock: systemClock, log: captureLog().log, commandTimeoutMs: 5_000 }
    redis = connectRedis({ url: new Secret(server.url), ...fixed })
    const isReady = (): void => expect(redis.trouble()).toBeNull()
    await vi.waitFor(isReady, { interval: 10, timeout: 10_000 })
  })
  afterAll(async () => {
    await redis.close()
    await server.end()
  })

  /** Commands of that name that Redis has run. */
  const ran = async (name: string): Promise<number> =>
    Number(
      new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(await server.cli('INFO', 'commandstats'))?.[1] ?? 0,
    )

  test('is given its keys, those that last first, and its arguments, as they are', async () => {
    const echo = redis.script('return {KEYS, ARGV}')
    const words = ['', ' ', 'ä€😀', '\r\n$1\r\nx', '*', 'x'.repeat(70_000)]
    const lasting = words.map((word) => `{t}:l${word}`)
    for (const keys of [words, [], words.slice(2), words])
      expect(await echo(keys, [...words, 0, -1, 1.5, 2 ** 53], lasting)).toEqual([
        [...lasting, ...keys],
        [...words, '0', '-1', '1.5', String(2 ** 53)],
      ])
    expect(await echo(['a'], [])).toEqual([['a'], []])
    expect(await echo([], [], ['b'])).toEqual([['b'], []])
  })

  test('goes over the wire once, and again to a Redis that forgot it, and runs once for each call', async () => {
    const add = redis.script("return redis.call('INCR', KEYS[1])")
    expect(await add(['{t}:n'], [])).toBe(1)
    const sent = await ran('eval')
    for (const n of [2, 3, 4]) expect(await add(['{t}:n'], [])).toBe(n)
    expect(await ran('eval')).toBe(sent)
    await server.cli('SCRIPT', 'FLUSH')
    const answers = await Promise.all(Array.from({ length: 20 }, () => add(['{t}:n'], [])))
    expect(answers.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, n) => n + 5))
    expect(await ran('eval')).toBeGreaterThan(sent)
  })

  test('that fails is a failure, and is not sent again', async () => {
    const wrong = redis.script("redis.call('INCR', KEYS[1]) return redis.error_reply('NOSUCHLUCK as it is')")
    for (const times of ['1', '2']) {
      await expect(wrong(['{t}:w'], [])).rejects.toThrow(StoreUnavailable)
      expect(await server.cli('GET', '{t}:w')).toBe(times)
    }
  })
})
