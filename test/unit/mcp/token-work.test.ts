import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OpenedToken } from '../../../src/crypto/token-open.ts'
import { DecryptGate } from '../../../src/mcp/admission/decrypt-gate.ts'
import { FailureLimiter } from '../../../src/kernel/failure-limiter.ts'
import { TokenCache } from '../../../src/mcp/admission/token-cache.ts'
import { Turns } from '../../../src/kernel/turns.ts'
import { manualClock } from '../../support/clock.ts'

/** Work that ends when told to. */
function held(): { work: () => Promise<string>; end: () => void; started: () => number } {
  let ends: ((value: string) => void)[] = []
  let count = 0
  return {
    work: () => {
      count += 1
      return new Promise((resolve) => ends.push(resolve))
    },
    end: () => {
      for (const end of ends) end('done')
      ends = []
    },
    started: () => count,
  }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the decrypt gate', () => {
  const gate = (): DecryptGate<string> => new DecryptGate(manualClock())
  const job = (name: string, work: () => Promise<string>) => ({ digest: name, tokenId: `id-${name}`, work })

  test('two run, the rest waits its turn', async () => {
    const [mine, one] = [gate(), held()]
    const all = ['a', 'b', 'c'].map((name) => mine.run(job(name, one.work)))
    await turn()
    expect(one.started()).toBe(2)
    one.end()
    await turn()
    expect(one.started()).toBe(3)
    one.end()
    expect(await Promise.all(all)).toEqual([1, 2, 3].map(() => ({ ok: true, value: 'done' })))
  })

  test('the same token is worked on once for all who wait', async () => {
    const [mine, one] = [gate(), held()]
    const all = Array.from({ length: 20 }, () => mine.run(job('same', one.work)))
    await turn()
    expect(one.started()).toBe(1)
    one.end()
    expect((await Promise.all(all)).every(({ ok }) => ok)).toBe(true)
  })

  test('beyond 64 waiting it is overloaded, and takes work again afterwards', async () => {
    const [mine, one] = [gate(), held()]
    const all = Array.from({ length: 66 }, (_, n) => mine.run(job(`${n}`, one.work)))
    expect(await mine.run(job('one too many', one.work))).toEqual({ ok: false, error: 'overloaded' })
    for (let round = 0; round < 40; round += 1) {
      one.end()
      await turn()
    }
    expect((await Promise.all(all)).every(({ ok }) => ok)).toBe(true)
    const again = mine.run(job('again', one.work))
    await turn()
    one.end()
    expect(await again).toMatchObject({ ok: true })
  })

  test('one runs per token id, whatever stands under it', async () => {
    const [mine, one] = [gate(), held()]
    const first = mine.run({ digest: 'a', tokenId: 'id', work: one.work })
    expect(await mine.run({ digest: 'b', tokenId: 'id', work: one.work })).toMatchObject({
      error: 'overloaded',
    })
    await turn()
    one.end()
    expect(await first).toMatchObject({ ok: true })
  })

  test('five attempts in a second per token id, and no more', async () => {
    const clock = manualClock()
    const mine = new DecryptGate<string>(clock)
    const attempt = (n: number) => mine.run({ digest: `${n}`, tokenId: 'id', work: async () => 'done' })
    for (let n = 0; n < 5; n += 1) expect(await attempt(n)).toMatchObject({ ok: true })
    expect(await attempt(5)).toMatchObject({ error: 'overloaded' })
    clock.advance(1_000)
    expect(await attempt(6)).toMatchObject({ ok: true })
  })

  test('work that fails frees its place', async () => {
    const mine = gate()
    const failing = () => Promise.reject(new Error('broken'))
    for (const name of ['a', 'b', 'c']) await expect(mine.run(job(name, failing))).rejects.toThrow('broken')
    expect(await mine.run(job('d', async () => 'done'))).toMatchObject({ ok: true })
  })

  describe('in time', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    test('who waits longer than a second is turned away, and leaves the queue', async () => {
      const [mine, one] = [gate(), held()]
      const running = ['a', 'b'].map((name) => mine.run(job(name, one.work)))
      const late = mine.run(job('late', one.work))
      await vi.advanceTimersByTimeAsync(999)
      const next = mine.run(job('next', one.work))
      await vi.advanceTimersByTimeAsync(1)
      expect(await late).toMatchObject({ error: 'overloaded' })
      one.end()
      await vi.advanceTimersByTimeAsync(0)
      one.end()
      expect((await Promise.all([...running, next])).every(({ ok }) => ok)).toBe(true)
      expect(one.started()).toBe(3)
    })
  })
})

describe('the token cache', () => {
  const opened = (jti: string, exp?: number): OpenedToken =>
    ({ claims: { jti, ...(exp === undefined ? {} : { exp }) } }) as OpenedToken

  test('keeps what was opened for five minutes, and not past its end', () => {
    const clock = manualClock()
    const cache = new TokenCache(clock)
    cache.keep('long', opened('a'))
    cache.keep('short', opened('b', clock.nowMs() / 1000 + 60))
    cache.keep('over', opened('c', clock.nowMs() / 1000))
    clock.advance(59_000)
    expect(['long', 'short', 'over'].map((digest) => cache.findOpened(digest) !== null)).toEqual([
      true,
      true,
      false,
    ])
    clock.advance(2_000)
    expect(cache.findOpened('short')).toBeNull()
    clock.advance(240_000)
    expect(cache.findOpened('long')).toBeNull()
  })

  test('remembers what was refused for a minute, in a place of its own', () => {
    const clock = manualClock()
    const cache = new TokenCache(clock)
    cache.keep('good', opened('a'))
    for (let n = 0; n < 20_000; n += 1) cache.refuse(`bad-${n}`, { kind: 'unreadable', detail: 'x' })
    expect(cache.findOpened('good')).not.toBeNull()
    expect(cache.findRefused('bad-19999')).not.toBeNull()
    clock.advance(61_000)
    expect(cache.findRefused('bad-19999')).toBeNull()
  })

  test('forgets what it is told, and everything when keys change', () => {
    const cache = new TokenCache(manualClock())
    cache.keep('a', opened('a'))
    cache.keep('b', opened('b'))
    cache.forget(({ claims }) => claims.jti === 'a')
    expect([cache.findOpened('a'), cache.findOpened('b')?.claims.jti]).toEqual([null, 'b'])
    cache.refuse('c', { kind: 'expired' })
    cache.clear()
    expect([cache.findOpened('b'), cache.findRefused('c')]).toEqual([null, null])
  })

  test('ends in time whenever it began', () => {
    for (const startMs of [0, 1, 2]) {
      const clock = manualClock()
      const cache = new TokenCache(clock)
      clock.advance(startMs)
      cache.keep('good', opened('a'))
      cache.refuse('bad', { kind: 'expired' })
      clock.advance(60_001)
      expect([cache.findOpened('good') !== null, cache.findRefused('bad')]).toEqual([true, null])
      clock.advance(240_000)
      expect(cache.findOpened('good')).toBeNull()
    }
  })

  test('counts what it knew and what not, a token at a time', () => {
    const cache = new TokenCache(manualClock())
    cache.keep('good', opened('a'))
    cache.refuse('bad', { kind: 'expired' })
    const look = (digest: string): void => {
      if (cache.findOpened(digest) === null) cache.findRefused(digest)
    }
    for (const digest of ['good', 'good', 'bad', 'bad', 'other']) look(digest)
    expect(cache.looked).toEqual({ opened: 2, refused: 2, unknown: 1 })
  })
})

describe('the failure limiter', () => {
  const policy = { max: 2, windowMs: 60_000 }

  test('counts per address, tells the first beyond the limit, and starts anew', () => {
    const clock = manualClock()
    const limiter = new FailureLimiter(policy, clock)
    expect([limiter.fail('192.0.2.1'), limiter.fail('192.0.2.1')]).toEqual([
      { state: 'counted' },
      { state: 'counted' },
    ])
    clock.advance(10_000)
    expect(limiter.fail('192.0.2.1')).toEqual({ state: 'limited', retryAfterMs: 50_000, first: true })
    expect(limiter.fail('192.0.2.1')).toMatchObject({ first: false })
    expect(limiter.fail('192.0.2.2')).toEqual({ state: 'counted' })
    clock.advance(50_000)
    expect(limiter.fail('192.0.2.1')).toEqual({ state: 'counted' })
  })

  test('one IPv6 network is one address', () => {
    const limiter = new FailureLimiter(policy, manualClock())
    limiter.fail('2001:db8::1')
    limiter.fail('2001:db8::2')
    expect(limiter.fail('2001:db8::3')).toMatchObject({ state: 'limited' })
    expect(limiter.fail('2001:db8:1::1')).toEqual({ state: 'counted' })
  })
})

describe('turns', () => {
  test('work under one name runs one after the other, also after a failure; other names do not wait', async () => {
    const [turns, order] = [new Turns(), [] as string[]]
    const one = held()
    const first = turns.run('env', async () => {
      order.push('first')
      await one.work()
      throw new Error('failed')
    })
    const second = turns.run('env', async () => void order.push('second'))
    const other = turns.run('other', async () => void order.push('other'))
    await other
    expect(order).toEqual(['first', 'other'])
    one.end()
    await expect(first).rejects.toThrow('failed')
    await second
    expect(order).toEqual(['first', 'other', 'second'])
  })
})
