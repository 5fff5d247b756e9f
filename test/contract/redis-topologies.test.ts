import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { connectRedis, type RedisConnection } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { StoreUnavailable } from '../../src/kernel/store/contract.ts'
import { RedisStore } from '../../src/kernel/store/redis-store.ts'
import { type FaultProxy, openFaultProxy } from '../support/faults/fault-proxy.ts'
import { captureLog } from '../support/log.ts'
import { redisMissing } from '../support/store/redis.ts'
import { type RedisCluster, startCluster } from '../support/store/redis-cluster.ts'
import { type SentinelSet, startSentinels } from '../support/store/sentinels.ts'

const RULES = '~{t}:* +info +get +mget +set +getdel +del +time +eval +evalsha +incr +pttl +pexpire +exists'
const SOON = { interval: 10, timeout: 10_000 }

function connectTo(url: string): { connection: RedisConnection; store: RedisStore } {
  const fixed = { prefix: '{t}:', clock: systemClock, log: captureLog().log }
  const connection = connectRedis({ url: new Secret(url), ...fixed })
  return { connection, store: new RedisStore({ redis: connection, prefix: '{t}:' }) }
}

const isUnavailable = (error: unknown): string =>
  error instanceof StoreUnavailable ? 'unavailable' : String(error)

const isFit = (connection: RedisConnection): Promise<void> =>
  vi.waitFor(() => expect(connection.trouble()).toBeNull(), SOON)

describe.skipIf(redisMissing !== null)('behind Sentinel', () => {
  let set: SentinelSet
  let line: FaultProxy
  let connection: RedisConnection
  let store: RedisStore
  beforeAll(async () => {
    set = await startSentinels({ users: [{ name: 'mx', password: 'p@ss/word', rules: RULES }] })
    const port = set.sentinels[0]?.port ?? 0
    line = await openFaultProxy(port)
    ;({ connection, store } = connectTo(set.urlOf('mx').replace(String(port), String(line.port))))
    await isFit(connection)
  })
  afterAll(async () => {
    await connection.close()
    await line.close()
    await set.end()
  })

  test('the master is found again after a failover, also when that is told while it is looked for', async () => {
    await store.put('a', 'one', 60_000)
    const [old, replica] = [await set.master(), await set.replica()]
    // What it has not got yet would be lost, which is not what is looked at here.
    await expect.poll(() => replica.cli('GET', '{t}:a'), SOON).toBe('one')
    let isSwitched = (): void => undefined
    const until = new Promise<void>((resolve) => (isSwitched = resolve))
    line.set({ kind: 'hold', until }, { when: 'get-master-addr-by-name', times: 1 })
    await old.cli('CLIENT', 'KILL', 'TYPE', 'normal')
    await expect.poll(() => line.stuck(), SOON).toBe(1)
    await set.failOver('asked')
    isSwitched()
    const next = await set.master()
    expect(next).not.toBe(old)
    // What the old one still takes until it is told is lost: hence the marks.
    const written = async (): Promise<string> => {
      await store.put('b', 'two', 60_000).catch(isUnavailable)
      return next.cli('GET', '{t}:b')
    }
    await expect.poll(written, SOON).toBe('two')
    expect(await store.getMany(['a', 'b'])).toEqual(['one', 'two'])
  })

  test('a server that was demoted is left, though it still answers', async () => {
    const demoted = await set.master()
    await demoted.cli('REPLICAOF', '127.0.0.1', '1')
    await expect.poll(() => store.put('c', 'v', 60_000).catch(isUnavailable), SOON).toBe('unavailable')
    await expect.poll(() => connection.trouble(), SOON).not.toBeNull()
    await demoted.cli('REPLICAOF', 'NO', 'ONE')
    await expect.poll(() => store.put('c', 'v', 60_000).catch(isUnavailable), SOON).toBeUndefined()
  })
})

describe.skipIf(redisMissing !== null)('in a cluster', () => {
  let cluster: RedisCluster
  let connection: RedisConnection
  let store: RedisStore
  beforeAll(async () => {
    const rules = `${RULES} +cluster|slots +asking`
    cluster = await startCluster({ users: [{ name: 'mx', password: 'p@ss/word', rules }] })
    ;({ connection, store } = connectTo(cluster.urlOf('mx')))
    await isFit(connection)
  })
  afterAll(async () => {
    await connection.close()
    await cluster.end()
  })

  test('a slot that moves is followed; the first answer of a server that nobody inspected is not believed', async () => {
    await store.put('a', 'one', 60_000)
    await store.project('w', 1, [{ key: 'k', value: 'v' }])
    const { slot, owner, other } = await cluster.placeOf('{t}:')
    await cluster.beginMove(slot, owner, other)
    // What is not there any more is asked for at the other.
    expect(await store.putOnce('b', 'two', 60_000).catch(isUnavailable)).toBe('unavailable')
    await isFit(connection)
    expect(await store.putOnce('b', 'three', 60_000)).toBe(false)
    expect(await store.get('a')).toBe('one')
    await cluster.moveKeys(slot, owner, other)
    expect([await store.get('a'), await store.take('b')]).toEqual(['one', 'two'])
    expect(await store.project('w', 2, [{ key: 'k', remove: true }])).toEqual({ state: 'applied' })
    await cluster.endMove(slot, other)
    expect(await store.getMany(['a', 'b', 'k'])).toEqual(['one', null, null])
    expect(await store.count('n', 60_000)).toMatchObject({ count: 1 })
    expect(await store.nowMs()).toBeGreaterThan(0)
    expect(await other.cli('GET', '{t}:a')).toBe('one')
  })

  test('the master of our slot alone is judged', async () => {
    const { owner, other } = await cluster.placeOf('{t}:')
    await other.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    const again = connectTo(cluster.urlOf('mx'))
    await isFit(again.connection)
    await owner.cli('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    const unfit = connectTo(cluster.urlOf('mx'))
    await expect.poll(() => String(unfit.connection.trouble()), SOON).toMatch(/noeviction/)
    await Promise.all([again.connection.close(), unfit.connection.close()])
  })
})
