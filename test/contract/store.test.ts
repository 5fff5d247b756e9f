import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { connectRedis, type RedisConnection } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import type { Store, Write } from '../../src/kernel/store/contract.ts'
import { markKey } from '../../src/kernel/store/keys.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import { RedisStore } from '../../src/kernel/store/redis-store.ts'
import { manualClock } from '../support/clock.ts'
import { captureLog } from '../support/log.ts'
import { redisMissing, type RedisServer, startRedis } from '../support/store/redis.ts'

/** One store under test, and how time passes for it. */
interface Subject {
  readonly store: Store
  pass(ms: number): Promise<void>
  end(): Promise<void>
}

async function memorySubject(): Promise<Subject> {
  const clock = manualClock()
  return {
    store: new MemoryStore(clock),
    pass: async (ms) => clock.advance(ms),
    end: async () => undefined,
  }
}

let server: RedisServer | undefined
let redis: RedisConnection | undefined
let subjects = 0

async function redisSubject(): Promise<Subject> {
  server ??= await startRedis()
  if (redis === undefined) {
    // The load of a test machine must not look like an outage of Redis here.
    const options = { prefix: '{t}:', commandTimeoutMs: 5_000, clock: systemClock, log: captureLog().log }
    redis = connectRedis({ ...options, url: new Secret(server.url) })
    await connected(redis)
  }
  subjects += 1
  return {
    store: new RedisStore({ redis, prefix: `{t${subjects}}:` }),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    end: async () => undefined,
  }
}

const connected = (connection: RedisConnection): Promise<void> =>
  expect.poll(() => connection.trouble(), { interval: 10, timeout: 10_000 }).toBeNull()

afterAll(async () => {
  await redis?.close()
  await server?.end()
})

const set = (key: string, value: string, ttlMs?: number): Write =>
  ttlMs === undefined ? { key, value } : { key, value, ttlMs }

describe.each([
  ['MemoryStore', memorySubject, false],
  ['RedisStore', redisSubject, redisMissing !== null],
])('%s', (_name, build, isMissing) => {
  describe.skipIf(isMissing)('keeps the contract', () => {
    let subject: Subject
    let store: Store
    beforeEach(async () => {
      subject = await build()
      store = subject.store
    })

    test('what was put is there until its time is over', async () => {
      await store.put('a', 'one', 60)
      expect(await store.get('a')).toBe('one')
      await subject.pass(70)
      expect(await store.get('a')).toBeNull()
    })

    test('a second put replaces value and life', async () => {
      await store.put('a', 'one', 40)
      await store.put('a', 'two', 60_000)
      await subject.pass(60)
      expect(await store.get('a')).toBe('two')
    })

    test('an absent key is null, also between present ones', async () => {
      await store.put('a', '1', 60_000)
      await store.put('c', '', 60_000)
      expect(await store.getMany(['a', 'b', 'c'])).toEqual(['1', null, ''])
      expect(await store.getMany([])).toEqual([])
    })

    test('reads of one moment each get what they asked for, behind the writes that were sent before them', async () => {
      await store.put('both', 'old', 60_000)
      const asked = await Promise.all([
        store.putOnce('first', '1', 60_000),
        store.getMany(['first', 'both']),
        store.put('both', 'new', 60_000).then(() => 'put'),
        store.getMany(['both', 'absent', 'both', 'first']),
        store.getMany([]),
      ])
      expect(asked.slice(3)).toEqual([['new', null, 'new', '1'], []])
      expect(asked[0]).toBe(true)
      expect(asked[1][0]).toBe('1')
      expect(['old', 'new']).toContain(asked[1][1])
    })

    test('a value is kept as it is, whatever characters it has', async () => {
      const value = 'ä\u0000\r\n"\\ 漢 \u{1f600}'
      await store.put('a', value, 60_000)
      expect(await store.get('a')).toBe(value)
    })

    test('a life that is over removes the key, and a fraction of a millisecond counts', async () => {
      await store.put('a', 'one', 60_000)
      await store.put('a', 'two', 0)
      expect(await store.get('a')).toBeNull()
      await store.put('b', 'one', 59_999.5)
      expect(await store.get('b')).toBe('one')
    })

    test('putOnce lets one writer through until the key is gone', async () => {
      expect(await store.putOnce('a', 'one', 60)).toBe(true)
      expect(await store.putOnce('a', 'two', 60)).toBe(false)
      expect(await store.get('a')).toBe('one')
      await subject.pass(70)
      expect(await store.putOnce('a', 'three', 60_000)).toBe(true)
    })

    test('a window sums its slots, forgets the old ones, and asking changes nothing', async () => {
      const to = { oldest: 0, ttlMs: 60_000 }
      expect(await store.tally('a', { ...to, slot: 7, by: 0 })).toBe(0)
      expect(await store.get('a')).toBeNull()
      expect(await store.tally('a', { ...to, slot: 7, by: 3 })).toBe(3)
      expect(await store.tally('a', { ...to, slot: 8, by: 40_000_000_000 })).toBe(40_000_000_003)
      expect(await store.tally('a', { ...to, slot: 7, by: 2 })).toBe(40_000_000_005)
      expect(await store.tally('a', { ...to, slot: 9, by: 0, oldest: 8 })).toBe(40_000_000_000)
      expect(await store.tally('a', { ...to, slot: 9, by: 1, oldest: 8 })).toBe(40_000_000_001)
      expect(await store.tally('a', { ...to, slot: 5, by: 9, oldest: 8 })).toBe(40_000_000_001)
      expect(await store.tally('a', { ...to, slot: 9, by: 0 })).toBe(40_000_000_001)
    })

    test('a window is over with its life, and of 500 that add at once none is lost', async () => {
      await store.tally('a', { slot: 1, by: 1, oldest: 0, ttlMs: 60 })
      await subject.pass(70)
      const sums = await Promise.all(
        Array.from({ length: 500 }, (_, at) =>
          store.tally('a', { slot: at % 3, by: 2, oldest: 0, ttlMs: 60_000 }),
        ),
      )
      expect(Math.max(...sums)).toBe(1_000)
      expect(new Set(sums).size).toBe(500)
    })

    test('of 1,000 writers that put once, one wins', async () => {
      const wins = await Promise.all(
        Array.from({ length: 1_000 }, (_, at) => store.putOnce('a', String(at), 60_000)),
      )
      expect(wins.filter(Boolean)).toHaveLength(1)
      expect(await store.get('a')).toBe(String(wins.indexOf(true)))
    })

    test('of 1,000 takers, one gets the value', async () => {
      await store.put('a', 'prize', 60_000)
      const taken = await Promise.all(Array.from({ length: 1_000 }, () => store.take('a')))
      expect(taken.filter((value) => value !== null)).toEqual(['prize'])
    })

    test('a key that was removed or is over cannot be taken', async () => {
      await store.put('a', 'one', 60_000)
      await store.remove('a')
      await store.remove('a')
      expect(await store.take('a')).toBeNull()
      await store.put('b', 'one', 40)
      await subject.pass(60)
      expect(await store.take('b')).toBeNull()
    })

    test('a counter counts within its window and starts anew after it', async () => {
      const first = await store.count('a', 120)
      expect(first.count).toBe(1)
      expect(first.resetMs).toBeGreaterThan(60)
      expect(first.resetMs).toBeLessThanOrEqual(120)
      await subject.pass(30)
      const second = await store.count('a', 120)
      expect(second.count).toBe(2)
      expect(second.resetMs).toBeLessThanOrEqual(first.resetMs - 20)
      await subject.pass(120)
      expect(await store.count('a', 120)).toMatchObject({ count: 1 })
    })

    test('1,000 parallel counts lose none', async () => {
      const counts = await Promise.all(Array.from({ length: 1_000 }, () => store.count('a', 60_000)))
      expect(new Set(counts.map(({ count }) => count)).size).toBe(1_000)
    })

    test('its clock is near ours', async () => {
      const own = store.kind === 'memory' ? manualClock().nowMs() : systemClock.nowMs()
      expect(Math.abs((await store.nowMs()) - own)).toBeLessThan(5_000)
    })

    describe('projection', () => {
      test('a writer without a mark has none, and its first record makes it 1', async () => {
        expect(await store.mark('w')).toBeNull()
        expect(await store.project('w', 1, [set('k', 'v')])).toEqual({ state: 'applied' })
        expect(await store.mark('w')).toBe(1)
        expect(await store.get(markKey('w'))).toBe('1')
        expect(await store.get('k')).toBe('v')
      })

      test('a gap writes nothing and says where to start', async () => {
        await store.project('w', 1, [])
        expect(await store.project('w', 3, [set('k', 'v')])).toEqual({ state: 'behind', mark: 1 })
        expect(await store.get('k')).toBeNull()
        expect(await store.mark('w')).toBe(1)
        expect(await store.project('empty', 5, [set('k', 'v')])).toEqual({ state: 'behind', mark: 0 })
      })

      test('a record that is there already writes nothing', async () => {
        await store.project('w', 1, [set('k', 'first')])
        await store.project('w', 2, [])
        expect(await store.project('w', 2, [set('k', 'second')])).toEqual({ state: 'ahead' })
        expect(await store.project('w', 1, [set('k', 'second')])).toEqual({ state: 'ahead' })
        expect(await store.get('k')).toBe('first')
      })

      test('records that follow each other go in one step, all or none', async () => {
        await store.project('w', 1, [])
        expect(await store.project('w', 3, [set('k', 'two'), set('k', 'three')], 2)).toEqual({
          state: 'applied',
        })
        expect([await store.mark('w'), await store.get('k')]).toEqual([3, 'three'])
        expect(await store.project('w', 5, [set('k', 'five')], 3)).toEqual({ state: 'behind', mark: 3 })
        expect(await store.project('w', 7, [set('k', 'seven')], 5)).toEqual({ state: 'behind', mark: 3 })
        expect(await store.project('w', 3, [set('k', 'again')], 1)).toEqual({ state: 'ahead' })
        expect([await store.mark('w'), await store.get('k')]).toEqual([3, 'three'])
      })

      test('writers do not know of each other', async () => {
        await store.project('one', 1, [])
        expect(await store.project('two', 1, [])).toEqual({ state: 'applied' })
        expect(await store.mark('one')).toBe(1)
      })

      test('all kinds of writes of one record are applied in order', async () => {
        const writes: Write[] = [
          set('a', '1'),
          { key: 'a', remove: true },
          set('b', '1'),
          set('b', '2'),
          { key: 'gone', remove: true },
          { key: 'c', atLeast: 7 },
        ]
        await store.project('w', 1, writes)
        expect(await store.getMany(['a', 'b', 'gone', 'c'])).toEqual([null, '2', null, '7'])
      })

      test('the first record to write an ifAbsent key wins, until that is over', async () => {
        await store.project('w', 1, [{ key: 'k', value: 'one', ttlMs: 60, ifAbsent: true }])
        await store.project('w', 2, [{ key: 'k', value: 'two', ttlMs: 60_000, ifAbsent: true }])
        expect(await store.get('k')).toBe('one')
        await subject.pass(70)
        await store.project('w', 3, [{ key: 'k', value: 'three', ifAbsent: true }])
        expect(await store.get('k')).toBe('three')
      })

      test('a watermark only grows, also beyond what 32 bits hold', async () => {
        const now = 1_795_305_600_123
        await store.project('w', 1, [{ key: 'k', atLeast: now }])
        await store.project('w', 2, [{ key: 'k', atLeast: now - 1 }])
        expect(await store.get('k')).toBe(String(now))
        await store.project('w', 3, [{ key: 'k', atLeast: now + 1 }])
        expect(await store.get('k')).toBe(String(now + 1))
      })

      test('of versions the newest stands, in whatever order they come', async () => {
        await store.project('w', 1, [{ key: 'k', newest: '2.b' }])
        await store.project('w', 2, [{ key: 'k', newest: '10.c' }])
        await store.project('w', 3, [{ key: 'k', newest: '9.a.x' }])
        expect(await store.get('k')).toBe('10.c')
        await store.project('w', 4, [{ key: 'k', newest: '10.d' }])
        expect(await store.get('k')).toBe('10.d')
        await store.put('k', 'not a version', 60_000)
        await store.project('w', 5, [{ key: 'k', newest: '0.e' }])
        expect(await store.get('k')).toBe('0.e')
      })

      test('a list of ranges only grows, and the same range is in it once', async () => {
        const from = 1_795_305_600_123
        await store.project('w', 1, [{ key: 'k', range: [from, from + 5] }])
        await store.project('w', 2, [
          { key: 'k', range: [7, 9] },
          { key: 'k', range: [from, from + 5] },
        ])
        expect(await store.get('k')).toBe(`${from}-${from + 5} 7-9`)
        await store.project('w', 3, [{ key: 'k', range: [7, 99] }])
        expect(await store.get('k')).toBe(`${from}-${from + 5} 7-9 7-99`)
      })

      test('a projected life ends; without one the key stays', async () => {
        await store.project('w', 1, [set('short', 'v', 40), set('long', 'v'), set('odd', 'v', 59_999.5)])
        expect(await store.getMany(['short', 'long', 'odd'])).toEqual(['v', 'v', 'v'])
        await subject.pass(60)
        expect(await store.getMany(['short', 'long', 'odd'])).toEqual([null, 'v', 'v'])
        expect(await store.mark('w')).toBe(1)
      })

      test('a replayed record whose life is over is applied without a trace', async () => {
        await store.project('w', 1, [set('k', 'v')])
        const over: Write[] = [
          set('k', 'late', 0),
          set('l', 'late', -5),
          { key: 'm', value: 'late', ttlMs: -1, ifAbsent: true },
        ]
        expect(await store.project('w', 2, over)).toEqual({ state: 'applied' })
        expect(await store.getMany(['k', 'l', 'm'])).toEqual([null, null, null])
      })

      test('1,000 records sent at once are applied in the order of the calls', async () => {
        const sent = Array.from({ length: 1_000 }, (_, at) =>
          store.project('w', at + 1, [set('last', String(at))]),
        )
        expect(new Set((await Promise.all(sent)).map(({ state }) => state))).toEqual(new Set(['applied']))
        expect(await store.get('last')).toBe('999')
        expect(await store.mark('w')).toBe(1_000)
      })
    })
  })
})
