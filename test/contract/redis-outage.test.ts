import { inspect } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { connectRedis, type RedisConnection, type RedisOptions } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { type Store, StoreUnavailable } from '../../src/kernel/store/contract.ts'
import { RedisStore } from '../../src/kernel/store/redis-store.ts'
import { type CapturedLog, captureLog } from '../support/log.ts'
import { freePort } from '../support/ports.ts'
import {
  redisMissing,
  type RedisServer,
  type RedisServerOptions,
  startRedis,
} from '../support/store/redis.ts'

const PREFIX = '{t}:'
const DEADLINE_MS = 150
/** The machine runs other things beside the tests. */
const SLACK_MS = 250

interface Setting {
  readonly server: RedisServer
  readonly connection: RedisConnection
  readonly store: Store
  readonly captured: CapturedLog
}

const toEnd: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end()
})

async function serverOnly(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options)
  toEnd.push(() => server.end())
  return server
}

function connectTo(url: string, options: Partial<RedisOptions> = {}): Omit<Setting, 'server'> {
  const captured = captureLog()
  const fixed = { prefix: PREFIX, clock: systemClock, log: captured.log }
  const connection = connectRedis({ url: new Secret(url), ...fixed, ...options })
  toEnd.push(() => connection.close())
  return { connection, captured, store: new RedisStore({ redis: connection, prefix: PREFIX }) }
}

async function fitSetting(options: RedisServerOptions = {}): Promise<Setting> {
  const server = await serverOnly(options)
  const setting = { server, ...connectTo(server.url) }
  await expectFit(setting.connection)
  return setting
}

const expectFit = (connection: RedisConnection, withinMs = 5_000): Promise<void> =>
  expect.poll(() => connection.trouble(), { interval: 10, timeout: withinMs }).toBeNull()

/** How the call fails and how long that took. */
async function failure(call: Promise<unknown>): Promise<{ error: unknown; tookMs: number }> {
  const startMs = performance.now()
  const error = await call.then(
    () => 'it did not fail',
    (reason: unknown) => reason,
  )
  return { error, tookMs: performance.now() - startMs }
}

describe.skipIf(redisMissing !== null)('a Redis in trouble', () => {
  test('that is not there yet fails calls at once, and is used within 2 s of its start', async () => {
    const server = await serverOnly()
    await server.stop()
    const { connection, store } = connectTo(server.url)
    const { error, tookMs } = await failure(store.get('a'))
    expect(error).toBeInstanceOf(StoreUnavailable)
    expect(tookMs).toBeLessThan(SLACK_MS)
    for (let call = 0; call < 10; call += 1) await failure(store.get('a'))
    expect(connection.trouble()).not.toBeNull()

    await server.start()
    await expectFit(connection, 2_000)
    await store.put('a', 'one', 60_000)
    expect(await store.get('a')).toBe('one')
  })

  test('that dies is refused quickly once the breaker is open, and comes back by itself', async () => {
    const { server, connection, store } = await fitSetting()
    await server.stop()
    for (let call = 0; call < 6; call += 1)
      expect((await failure(store.get('a'))).error).toBeInstanceOf(StoreUnavailable)
    const { error, tookMs } = await failure(store.get('a'))
    expect(error).toMatchObject({ message: expect.stringContaining('left alone') })
    expect(tookMs).toBeLessThan(100)

    await server.start()
    await expectFit(connection, 2_500)
    expect(await store.get('a')).toBeNull()
  })

  test('that freezes fails within the deadline, and its dead connection is closed', async () => {
    const { server, connection, store } = await fitSetting()
    server.pause()
    const calls = [store.get('a'), store.put('a', 'v', 1_000), store.project('w', 1, []), store.nowMs()]
    for (const { error, tookMs } of await Promise.all(calls.map(failure))) {
      expect(error).toBeInstanceOf(StoreUnavailable)
      expect(tookMs).toBeLessThan(DEADLINE_MS + SLACK_MS)
    }
    await expect.poll(() => connection.trouble(), { timeout: 2_000 }).toBe('Redis is not connected')

    server.resume()
    await expectFit(connection)
    expect(await store.mark('w')).toSatisfy((mark) => mark === null || mark === 1)
  })

  test('that froze is not asked again what was answered as failed', async () => {
    const { server, connection, store } = await fitSetting()
    server.pause()
    expect((await failure(store.count('a', 60_000))).error).toBeInstanceOf(StoreUnavailable)
    await expect.poll(() => connection.trouble(), { timeout: 2_000 }).toBe('Redis is not connected')
    server.resume()
    await expectFit(connection)
    // It may have found the call in its socket when it woke, but not twice.
    expect((await store.count('a', 60_000)).count).toBeLessThanOrEqual(2)
  })

  test('that is slow fails within the deadline, and is used again when it is quick', async () => {
    const { server, connection, store } = await fitSetting()
    await server.cli('CLIENT', 'PAUSE', '400', 'ALL')
    const { error, tookMs } = await failure(store.get('a'))
    expect(error).toMatchObject({ name: 'StoreUnavailable', message: 'Redis did not answer in time' })
    expect(tookMs).toBeLessThan(DEADLINE_MS + SLACK_MS)
    await expect.poll(() => store.get('a').catch(() => 'down'), { timeout: 5_000 }).toBeNull()
    expect(connection.trouble()).toBeNull()
  })

  test('that lost its scripts loses no call', async () => {
    const server = await serverOnly()
    // The storm of clients that flush can hold up an answer for longer than anybody waits in earnest.
    const { connection, store } = connectTo(server.url, { commandTimeoutMs: 5_000 })
    await expectFit(connection)
    let isDone = false
    const flush = async (): Promise<void> => {
      while (!isDone) await server.cli('SCRIPT', 'FLUSH')
    }
    const flushing = flush()
    for (let call = 1; call <= 500; call += 1) expect((await store.count('a', 60_000)).count).toBe(call)
    isDone = true
    await flushing
  })

  test('that might evict keys is not believed until it is set right', async () => {
    const server = await serverOnly({ args: ['--maxmemory-policy', 'allkeys-lru'] })
    const { connection, store } = connectTo(server.url)
    await expect.poll(() => connection.trouble()).toMatch(/noeviction/)
    expect((await failure(store.get('a'))).error).toBeInstanceOf(StoreUnavailable)
    await server.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await expectFit(connection)
    expect(await store.get('a')).toBeNull()
  })

  test('whose clock is far away is not believed, and one that is a little away is told', async () => {
    const server = await serverOnly({ args: ['--appendonly', 'yes'] })
    const away = (ms: number) => ({ clock: { ...systemClock, nowMs: () => systemClock.nowMs() + ms } })
    const far = connectTo(server.url, away(-32_000))
    const why = 'the clocks of Redis and of this server differ by more than 30 s'
    await expect.poll(() => far.connection.trouble(), { timeout: 10_000 }).toBe(why)
    expect((await failure(far.store.get('a'))).error).toBeInstanceOf(StoreUnavailable)
    const near = connectTo(server.url, away(10_000))
    await expectFit(near.connection)
    expect(near.connection.remarks()).toEqual([
      expect.stringMatching(/^Redis’ clock is -\d+ s away from ours$/),
    ])
    const right = connectTo(server.url)
    await expectFit(right.connection)
    expect(right.connection.remarks()).toEqual([])
  })

  test('that keeps nothing on disk is used, and the operator is told once', async () => {
    const { connection, captured } = await fitSetting()
    expect(connection.remarks()).toEqual([expect.stringContaining('keeps no append-only file')])
    expect(captured.text().split('"event":"redis.remark"').length - 1).toBe(1)
  })

  test('that is a replica is not believed, though it would answer reads', async () => {
    const server = await serverOnly({ args: ['--replicaof', '127.0.0.1', String(await freePort())] })
    const { connection, store } = connectTo(server.url)
    await expect.poll(() => connection.trouble()).toBe('Redis is not a master')
    expect((await failure(store.get('a'))).error).toBeInstanceOf(StoreUnavailable)
  })

  test('that is demoted is noticed at the next write', async () => {
    const { server, connection, store } = await fitSetting()
    await server.cli('REPLICAOF', '127.0.0.1', String(await freePort()))
    expect((await failure(store.put('a', 'v', 1_000))).error).toMatchObject({
      message: 'Redis refused: READONLY',
    })
    await expect.poll(() => connection.trouble()).toBe('Redis is not a master')
    await server.cli('REPLICAOF', 'NO', 'ONE')
    await expectFit(connection)
  })

  test('that is out of memory refuses writes', async () => {
    const { server, store } = await fitSetting()
    await server.cli('CONFIG', 'SET', 'maxmemory', '1')
    expect((await failure(store.project('w', 1, [{ key: 'k', value: 'v' }]))).error).toMatchObject({
      message: 'Redis refused: OOM',
    })
    await server.cli('CONFIG', 'SET', 'maxmemory', '0')
    expect(await store.project('w', 1, [{ key: 'k', value: 'v' }])).toEqual({ state: 'applied' })
  })

  test('with one poisoned key fails that key alone', async () => {
    const { server, connection, store } = await fitSetting()
    await server.cli('LPUSH', `${PREFIX}bad`, 'canary-value')
    for (let call = 0; call < 10; call += 1) {
      expect((await failure(store.get('bad'))).error).toMatchObject({ message: 'Redis refused: WRONGTYPE' })
    }
    expect(connection.trouble()).toBeNull()
    expect(await store.get('good')).toBeNull()
  })
})

describe.skipIf(redisMissing !== null)('a Redis that checks who comes', () => {
  const password = 'canary-p@ss/word'
  const rules = `~${PREFIX}* +info +get +mget +set +getdel +del +time +eval +evalsha +incr +pttl +pexpire +exists`

  test('serves the store to a user with the rights it needs and no more', async () => {
    const { store } = await fitSetting({ acl: [{ name: 'mx', password, rules }] })
    await store.put('a', 'one', 60_000)
    expect(await store.putOnce('b', 'one', 60_000)).toBe(true)
    expect(await store.getMany(['a', 'b'])).toEqual(['one', 'one'])
    expect(await store.take('a')).toBe('one')
    await store.remove('b')
    expect(await store.count('c', 60_000)).toMatchObject({ count: 1 })
    const writes = [{ key: 'd', value: 'v' }, { key: 'e', atLeast: 3 }, { key: 'd', remove: true } as const]
    expect(await store.project('w', 1, writes)).toEqual({ state: 'applied' })
    expect(await store.nowMs()).toBeGreaterThan(0)
  })

  test('keeps a user off the other domain’s keys', async () => {
    const { connection } = await fitSetting({ acl: [{ name: 'mx', password, rules }] })
    const foreign = new RedisStore({ redis: connection, prefix: '{other}:' })
    for (const call of [foreign.get('a'), foreign.put('a', 'v', 1_000), foreign.project('w', 1, [])]) {
      expect((await failure(call)).error).toMatchObject({ message: 'Redis refused: NOPERM' })
    }
  })

  test('refuses a wrong password; the log says so without it', async () => {
    const server = await serverOnly({ acl: [{ name: 'mx', password, rules }] })
    const wrong = 'canary-wrong-password'
    const { connection, store, captured } = connectTo(`redis://mx:${wrong}@127.0.0.1:${server.port}`)
    await expect.poll(() => captured.text()).toContain('WRONGPASS')
    expect((await failure(store.get('a'))).error).toBeInstanceOf(StoreUnavailable)
    expect(connection.trouble()).not.toBeNull()
    expect(captured.text()).not.toContain('canary')
  })

  test('a user without the right to ask what the server is, is told which right', async () => {
    const server = await serverOnly({ acl: [{ name: 'mx', password, rules: `~${PREFIX}* +get` }] })
    const { connection } = connectTo(server.url)
    await expect.poll(() => connection.trouble()).toBe('Redis refused INFO: NOPERM')
  })

  test('no error and no log line carries a key or a value', async () => {
    const { server, store, captured } = await fitSetting()
    await server.cli('LPUSH', `${PREFIX}canary-key`, 'x')
    const errors = [await failure(store.count('canary-key', 1_000)), await failure(store.get('canary-key'))]
    server.pause()
    errors.push(await failure(store.put('canary-key', 'canary-value', 1_000)))
    await server.stop()
    errors.push(await failure(store.put('canary-key', 'canary-value', 1_000)))
    for (const { error } of errors) {
      captured.log.error({ err: error }, 'as a caller would log it')
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('canary')
    }
    expect(captured.text()).not.toContain('canary')
  })
})

describe.skipIf(redisMissing !== null)('our own lateness', () => {
  // About the deadline, where a timer is hardly late, and longer than a silent connection is kept.
  test.each([160, 700])('of %d ms is no outage: what Redis answered meanwhile counts', async (blockedMs) => {
    const { connection, store, captured } = await fitSetting()
    await store.put('a', 'one', 60_000)
    for (let round = 0; round < 2; round += 1) {
      const calls = Array.from({ length: 8 }, () => store.get('a'))
      // Before and after the commands have left.
      if (round % 2 === 1) await new Promise((resolve) => setImmediate(resolve))
      const until = performance.now() + blockedMs
      while (performance.now() < until);
      expect(await Promise.all(calls)).toEqual(Array(8).fill('one'))
    }
    expect(connection.circuit()).toBe('closed')
    expect(connection.trouble()).toBeNull()
    expect(captured.text()).not.toMatch(/redis\.(breaker|error)/)
  })

  test('does not hide that Redis fell silent', async () => {
    const { server, connection, store } = await fitSetting()
    server.pause()
    for (let round = 0; round < 2; round += 1) {
      const calls = Array.from({ length: 4 }, () => failure(store.get('a')))
      const until = performance.now() + 160
      while (performance.now() < until);
      for (const { error } of await Promise.all(calls)) expect(error).toBeInstanceOf(StoreUnavailable)
    }
    expect(connection.circuit()).toBe('open')
  })
})
