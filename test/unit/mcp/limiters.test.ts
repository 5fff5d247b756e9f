import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { letterOf, look } from '../../../src/mcp/admission/limiters/limiter.ts'
import {
  calendarOf,
  lookAtQuota,
  QUOTA_KEPT_MS,
  readSpent,
} from '../../../src/mcp/admission/limiters/quota.ts'
import type { RateLimit } from '../../../src/mcp/admission/limits.ts'

/** Plays a stream of calls, each so many milliseconds after the one before, and says when which were let through. */
function play(limit: RateLimit, gapsMs: readonly number[], startMs = 1_000_000): readonly Played[] {
  let held: string | null = null
  let atMs = startMs
  return gapsMs.map((gapMs) => {
    atMs += gapMs
    const { waitMs, take } = look(held, limit, atMs)
    if (waitMs > 0) return { atMs, waitMs, left: null }
    const taken = take()
    held = taken.text
    return { atMs, waitMs, left: taken.left }
  })
}
interface Played {
  readonly atMs: number
  readonly waitMs: number
  readonly left: { readonly remaining: number; readonly resetMs: number } | null
}
const passedOf = (played: readonly Played[]): number[] =>
  played.filter(({ waitMs }) => waitMs === 0).map(({ atMs }) => atMs)
const within = (times: readonly number[], fromMs: number, toMs: number): number =>
  times.filter((time) => time >= fromMs && time < toMs).length

/** Bursts, steady streams and pauses, with the exact edges of a window among them. */
const gaps = (windowMs: number) =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(0, 0, 1) },
      { weight: 2, arbitrary: fc.constantFrom(windowMs - 1, windowMs, windowMs + 1) },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: windowMs }) },
    ),
    { minLength: 1, maxLength: 60 },
  )
const windows = fc.record({ calls: fc.integer({ min: 1, max: 6 }), seconds: fc.constantFrom(1, 7, 60) })

describe('a sliding window', () => {
  const limitOf = (window: { calls: number; seconds: number }) =>
    ({ algorithm: 'sliding_window', ...window }) as const
  const streams = windows.chain((window) =>
    gaps(window.seconds * 1000).map((stream) => ({ limit: limitOf(window), stream })),
  )

  test('lets no more than its calls through in any stretch of its length, and none wait that fits', () => {
    fc.assert(
      fc.property(streams, ({ limit, stream }) => {
        const windowMs = limit.seconds * 1000
        const played = play(limit, stream)
        const passed = passedOf(played)
        for (const from of passed)
          expect(within(passed, from, from + windowMs)).toBeLessThanOrEqual(limit.calls)
        for (const { atMs, waitMs } of played.filter((one) => one.waitMs > 0)) {
          // As a model would count: those of the window that ends with this call, and of the one that ends a while later.
          expect(within(passed, atMs - windowMs + 1, atMs + 1)).toBe(limit.calls)
          const oldest = passed.filter((time) => time <= atMs).at(-limit.calls) ?? 0
          expect(waitMs).toBe(oldest + windowMs - atMs)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('says truly what is left: as many more pass at once, and one more when it says so', () => {
    fc.assert(
      fc.property(streams, ({ limit, stream }) => {
        const left = play(limit, stream).at(-1)?.left
        fc.pre(left !== null && left !== undefined)
        const more = play(limit, [...stream, ...Array.from({ length: left.remaining + 1 }, () => 0)])
        expect(more.slice(stream.length).map(({ waitMs }) => waitMs === 0)).toEqual([
          ...Array.from({ length: left.remaining }, () => true),
          false,
        ])
        expect(more.at(-1)?.waitMs).toBe(left.resetMs)
      }),
      { numRuns: 200 },
    )
  })

  test('the last millisecond of a window is in it, the first of the next is not', () => {
    const limit = limitOf({ calls: 2, seconds: 1 })
    expect(play(limit, [0, 400, 0, 599, 1]).map(({ waitMs }) => waitMs)).toEqual([0, 0, 600, 1, 0])
    expect(play(limit, [0, 0, 1_000, 0, 0]).map(({ waitMs }) => waitMs)).toEqual([0, 0, 0, 0, 1_000])
  })

  test('keeps what it counted when the limit is changed', () => {
    const held = '1000 1100 1200 1300'
    // Three of the four have to be over before one more makes two.
    expect(look(held, limitOf({ calls: 2, seconds: 1 }), 1_400).waitMs).toBe(800)
    expect(look(held, limitOf({ calls: 5, seconds: 1 }), 1_400).waitMs).toBe(0)
    expect(look(held, limitOf({ calls: 4, seconds: 2 }), 2_050).waitMs).toBe(950)
  })

  test('a clock that stepped back forgets nothing and orders nothing anew', () => {
    const { waitMs, take } = look('5000 6000', limitOf({ calls: 3, seconds: 1 }), 5_500)
    expect(waitMs).toBe(0)
    expect(take().text).toBe('5000 6000 6000')
    expect(look('5000 6000 6000', limitOf({ calls: 3, seconds: 1 }), 5_500).waitMs).toBe(500)
  })
})

describe('a fixed window', () => {
  const limitOf = (window: { calls: number; seconds: number }) =>
    ({ algorithm: 'fixed_window', ...window }) as const

  test('lets exactly its calls through in each window that the clock begins', () => {
    const streams = windows.chain((window) =>
      gaps(window.seconds * 1000).map((stream) => ({ limit: limitOf(window), stream })),
    )
    fc.assert(
      fc.property(streams, ({ limit, stream }) => {
        const windowMs = limit.seconds * 1000
        const counts = new Map<number, number>()
        for (const { atMs, waitMs, left } of play(limit, stream)) {
          const start = Math.floor(atMs / windowMs) * windowMs
          const used = counts.get(start) ?? 0
          const resetMs = start + windowMs - atMs
          expect(waitMs).toBe(used < limit.calls ? 0 : resetMs)
          if (left === null) continue
          counts.set(start, used + 1)
          expect(left).toEqual({ remaining: limit.calls - used - 1, resetMs })
        }
      }),
      { numRuns: 300 },
    )
  })

  test('its edge is the clock’s: two windows may meet there', () => {
    const limit = limitOf({ calls: 2, seconds: 60 })
    const played = play(limit, [59_998, 1, 0, 1, 0, 0], 60_000)
    expect(played.map(({ waitMs }) => waitMs)).toEqual([0, 0, 1, 0, 0, 60_000])
  })

  test('a longer window counts on, a shorter one begins anew; a clock that stepped back does not', () => {
    expect(look('120000 3', limitOf({ calls: 3, seconds: 3_600 }), 121_000).waitMs).toBe(3_479_000)
    expect(look('3600000 3', limitOf({ calls: 3, seconds: 3_600 }), 3_660_000).waitMs).toBe(3_540_000)
    expect(look('3600000 3', limitOf({ calls: 3, seconds: 60 }), 3_660_000).waitMs).toBe(0)
    expect(look('3660000 3', limitOf({ calls: 3, seconds: 3_600 }), 3_660_001).waitMs).toBe(3_539_999)
    expect(look('120000 3', limitOf({ calls: 3, seconds: 60 }), 119_000).waitMs).toBe(61_000)
  })
})

describe('a token bucket', () => {
  const limits = fc.record({
    perMinute: fc.constantFrom(1, 7, 60, 200),
    burst: fc.integer({ min: 1, max: 6 }),
  })

  test('in any stretch lets through its burst and what was refilled since, and no more', () => {
    const streams = limits.chain((limit) =>
      gaps(Math.ceil(60_000 / limit.perMinute)).map((stream) => ({ limit, stream })),
    )
    fc.assert(
      fc.property(streams, ({ limit, stream }) => {
        const played = play(limit, stream)
        const passed = passedOf(played)
        for (const [index, from] of passed.entries())
          for (const to of passed.slice(index)) {
            const refilled = ((to - from) * limit.perMinute) / 60_000
            expect(within(passed, from, to + 1)).toBeLessThanOrEqual(limit.burst + refilled)
          }
        // Whoever waits as told gets through, and a millisecond earlier would not.
        const refused = played.findIndex(({ waitMs }) => waitMs > 0)
        if (refused === -1) return
        const { waitMs } = played[refused] as Played
        const before = stream.slice(0, refused)
        const gap = stream[refused] ?? 0
        expect(play(limit, [...before, gap + waitMs]).at(-1)?.waitMs).toBe(0)
        expect(play(limit, [...before, gap + waitMs - 1]).at(-1)?.waitMs).toBe(1)
      }),
      { numRuns: 300 },
    )
  })

  test('says truly what is left, and when there is one more', () => {
    const limit = { perMinute: 60, burst: 3 }
    expect(play(limit, [0, 0, 250]).map(({ left }) => left)).toEqual([
      { remaining: 2, resetMs: 1_000 },
      { remaining: 1, resetMs: 1_000 },
      { remaining: 0, resetMs: 750 },
    ])
  })

  test('a clock that stepped back refills nothing; what cannot be read is a full one', () => {
    const limit = { perMinute: 60, burst: 2 }
    expect(look('0 5000', limit, 4_000).waitMs).toBe(1_000)
    expect(look('0 5000', { algorithm: 'token_bucket', ...limit }, 4_000).waitMs).toBe(1_000)
    expect(look('0 5000', limit, 6_000).waitMs).toBe(0)
    expect(look('x', limit, 6_000).take().left.remaining).toBe(1)
  })
})

describe('the algorithms', () => {
  test('keep under names of their own, a token bucket named or not under the same', () => {
    const window = { calls: 1, seconds: 1 }
    expect(letterOf({ perMinute: 1, burst: 1 })).toBe('b')
    expect(letterOf({ algorithm: 'token_bucket', perMinute: 1, burst: 1 })).toBe('b')
    expect(letterOf({ algorithm: 'sliding_window', ...window })).toBe('s')
    expect(letterOf({ algorithm: 'fixed_window', ...window })).toBe('f')
  })

  test('keep what they count for as long as it counts, and a minute more', () => {
    const window = { calls: 3, seconds: 10 }
    const keptFor = (limit: RateLimit, held: string | null, nowMs: number): number =>
      look(held, limit, nowMs).take().keepMs
    expect(keptFor({ perMinute: 60, burst: 30 }, null, 0)).toBe(90_000)
    expect(keptFor({ perMinute: 7, burst: 1 }, null, 0)).toBe(68_572)
    expect(keptFor({ algorithm: 'sliding_window', ...window }, '9000', 8_000)).toBe(71_000)
    expect(keptFor({ algorithm: 'fixed_window', ...window }, null, 10_001)).toBe(69_999)
  })

  test('count nothing of what was kept in another form', () => {
    const window = { calls: 1, seconds: 10 }
    for (const text of ['x10000 1', '10000 1x', '10000', '10000 1 1'])
      expect(look(text, { algorithm: 'fixed_window', ...window }, 10_001).waitMs).toBe(0)
    for (const text of ['x0 5000', '0 5000x', '0', '0 5000 1'])
      expect(look(text, { perMinute: 60, burst: 1 }, 5_000).waitMs).toBe(0)
    expect(look('10000 12', { algorithm: 'fixed_window', calls: 12, seconds: 10 }, 10_001).waitMs).toBe(9_999)
    expect(look('-60000 5000', { perMinute: 60, burst: 1 }, 5_000).waitMs).toBe(2_000)
  })
})

describe('quotas', () => {
  test('days and months are those of the calendar, over 400 years and leap days', () => {
    const DAY_MS = 86_400_000
    for (let day = 0; day < 146_097; day += 1) {
      const { month, nextMonthMs, nextDayMs } = calendarOf(day * DAY_MS + 1)
      const date = new Date(day * DAY_MS)
      const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
      const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
      if (month * DAY_MS !== first || day * DAY_MS + 1 + nextMonthMs !== next || nextDayMs !== DAY_MS - 1)
        expect({ day, month, nextMonthMs, nextDayMs }).toEqual({ day, first, next })
    }
    expect(calendarOf(Date.UTC(2028, 1, 29, 23, 59, 59, 999))).toMatchObject({ nextDayMs: 1, nextMonthMs: 1 })
  })

  test('what was kept in another form counts as nothing', () => {
    for (const text of [null, '', '1 2', '1 2 3', 'a b c d', '1 2 3 4 5', 'x1 2 3 4', '1 2 3 4x'])
      expect(readSpent(text)).toBeNull()
    expect(readSpent('12 34 56 78')).toEqual({ day: 12, units: 34, month: 56, monthUnits: 78 })
    const asked = { perDay: 5, perMonth: null, units: 2 }
    expect(lookAtQuota('1 2', asked, 86_400_000)).toMatchObject({ text: '1 2 0 2', day: { remaining: 3 } })
  })

  test('are kept longer than any month', () => expect(QUOTA_KEPT_MS).toBe(32 * 24 * 3_600_000))

  test('of the last unit there is enough, of one more not; what has no limit is not told of', () => {
    const NOON_MS = 43_200_000
    const asked = { perDay: 5, perMonth: 9, units: 2 }
    expect(lookAtQuota('0 3 0 7', asked, NOON_MS)).toEqual({
      ...{ state: 'enough', text: '0 5 0 9' },
      day: { remaining: 0, resetMs: NOON_MS },
      month: { remaining: 0, resetMs: 30 * 86_400_000 + NOON_MS },
    })
    expect(lookAtQuota('0 4 0 7', asked, NOON_MS)).toEqual({
      ...{ state: 'spent', limit: 'daily_quota', resetMs: NOON_MS },
    })
    expect(lookAtQuota('0 3 0 8', asked, NOON_MS)).toEqual({
      ...{ state: 'spent', limit: 'monthly_quota', resetMs: 30 * 86_400_000 + NOON_MS },
    })
    const later = (held: string) => lookAtQuota(held, { perDay: 5, perMonth: 9, units: 1 }, 40 * 86_400_000)
    // The 40th day from the 1st of January lies in the month that began with the 31st.
    expect(later('39 5 31 5')).toMatchObject({ text: '40 1 31 6' })
    expect(later('40 2 0 9')).toMatchObject({ text: '40 3 31 1' })
    expect(lookAtQuota('0 9 0 9', { perDay: null, perMonth: null, units: 1 }, NOON_MS)).toEqual({
      ...{ state: 'enough', text: '0 10 0 10', day: null, month: null },
    })
  })
})
