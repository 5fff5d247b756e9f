import { describe, expect, test } from 'vitest'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { aCall } from '../../support/audit.ts'
import { manualClock } from '../../support/clock.ts'
import { aPipelineCall, watch, type Watch } from '../../support/detection.ts'
import { SwitchedStore } from '../../support/store/switched-store.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A Sunday, 00:00 UTC: where a test's clock begins. */
const START_MS = 1_795_305_600_000

const at = (day: number, hour: number, minute = 0): number =>
  START_MS + day * DAY_MS + hour * HOUR_MS + minute * 60_000

async function callAt(watched: Watch, ms: number, call = aPipelineCall()): Promise<void> {
  watched.clock.setWall(ms)
  await watched.hear(call)
}

/** A pipeline that works at 08:00 and 09:00 UTC. */
async function learned(days: number, options: Parameters<typeof watch>[0] = {}): Promise<Watch> {
  const watched = watch(options)
  for (let day = 0; day < days; day += 1) for (const hour of [8, 9]) await callAt(watched, at(day, hour, 30))
  return watched
}

describe('unusual hours', () => {
  test('a call at an hour of no earlier day is told once, from the eleventh day on', async () => {
    const young = await learned(9)
    await callAt(young, at(9, 3))
    expect(young.raised).toEqual([])
    const watched = await learned(10)
    await callAt(watched, at(10, 3, 15), aPipelineCall({ correlationId: 'night' }))
    await callAt(watched, at(10, 3, 45))
    expect(watched.raised).toMatchObject([
      {
        ...{ rule: 'unusual_hours', subject: { kind: 'grant', id: 'g1' }, owners: ['user_1'] },
        ...{ correlationIds: ['night'], environmentId: 'production' },
      },
    ])
  })

  test('the hour beside a usual one is usual, the next one is not: at the minute', async () => {
    for (const [hour, minute, detections] of [
      [7, 0, 0],
      [6, 59, 1],
      [10, 59, 0],
      [11, 0, 1],
    ] as const) {
      const watched = await learned(10)
      await callAt(watched, at(10, hour, minute))
      expect(watched.raised).toHaveLength(detections)
    }
  })

  test('23:00 and 00:00 are neighbours', async () => {
    const watched = watch()
    for (let day = 0; day < 10; day += 1) await callAt(watched, at(day, 23, 50))
    await callAt(watched, at(11, 0, 10))
    expect(watched.raised).toEqual([])
  })

  test('a person may work at any hour, and so may what is not production', async () => {
    const watched = await learned(12)
    await callAt(watched, at(12, 3), aCall({ grantId: 'g1', environmentId: 'production' }))
    await callAt(watched, at(12, 4), aPipelineCall({ environmentId: 'test' }))
    expect(watched.raised).toEqual([])
  })

  test('a shift worker whose every shift was seen is never told, though everyone is watched', async () => {
    const watched = watch({ file: { unusual_hours: { of: 'everyone' }, new_address: { of: 'everyone' } } })
    const shift = aCall({ grantId: 'g9', environmentId: 'production' })
    const begins = [6, 14, 22]
    for (let day = 0; day < 42; day += 1)
      for (let hour = 0; hour < 8; hour += 1) {
        const begin = begins[Math.floor(day / 7) % 3] ?? 0
        // The first late and the first night shift come within the days of learning.
        const shifted = day < 9 ? (begins[day % 3] ?? 0) : begin
        await callAt(watched, at(day, shifted + hour, 20), shift)
      }
    expect(watched.raised).toEqual([])
  })

  test('a schedule takes the place of what was learned, by the clock of its place', async () => {
    const schedules = {
      g1: { time_zone: 'Europe/Berlin', days: [1, 2, 3, 4, 5], from: '22:00', to: '06:00' },
    }
    const file = { unusual_hours: { schedules, cool_down_minutes: 1 } }
    // Summer time ended in October: Berlin is an hour ahead. Day 1 is a Monday.
    for (const [day, hour, minute, detections] of [
      [1, 20, 59, 1],
      [1, 21, 0, 0],
      [2, 4, 59, 0],
      [2, 5, 0, 1],
      // The night of Friday ends on Saturday; the one of Saturday does not begin.
      [6, 4, 59, 0],
      [6, 21, 0, 1],
      [1, 4, 0, 1],
    ] as const) {
      const watched = watch({ file })
      await callAt(watched, at(day, hour, minute))
      expect([day, hour, minute, watched.raised.length]).toEqual([day, hour, minute, detections])
    }
  })
})

describe('new addresses', () => {
  test('one that comes after the first day is told, and then known', async () => {
    const watched = watch()
    await callAt(watched, at(0, 8))
    await callAt(watched, at(0, 9), aPipelineCall({ sourceIP: '198.51.100.1' }))
    await callAt(watched, at(1, 8) - 1, aPipelineCall({ sourceIP: '198.51.101.1' }))
    expect(watched.raised).toEqual([])
    await callAt(watched, at(1, 8), aPipelineCall({ sourceIP: '203.0.113.5' }))
    expect(watched.raised).toMatchObject([
      { rule: 'new_address', subject: { kind: 'grant', id: 'g1' }, addresses: ['203.0.113.5'] },
    ])
    await callAt(watched, at(3, 8), aPipelineCall({ sourceIP: '203.0.113.77' }))
    expect(watched.raised).toHaveLength(1)
  })

  test('more of them within a day are counted, and told when it is over', async () => {
    const watched = await learned(2)
    for (let net = 1; net <= 8; net += 1)
      await callAt(watched, at(2, 8), aPipelineCall({ sourceIP: `203.0.${net}.5` }))
    expect(watched.raised).toHaveLength(1)
    watched.clock.setWall(at(3, 8))
    await watched.detector.settle()
    expect(watched.settled).toMatchObject([{ more: 7 }])
  })

  test('a person’s client that roams is told where everyone is watched, and nowhere else', async () => {
    for (const [of, detections] of [
      ['integrations', 0],
      ['everyone', 1],
    ] as const) {
      const watched = watch({ file: { new_address: { of } } })
      await callAt(watched, at(0, 8), aCall({ grantId: 'g1' }))
      await callAt(watched, at(2, 8), aCall({ grantId: 'g1', sourceIP: '203.0.113.5' }))
      expect(watched.raised).toHaveLength(detections)
    }
  })

  test('what one server learned the other knows, though it began before', async () => {
    const clock = manualClock()
    const store = new MemoryStore(clock)
    const [one, other] = [watch({ clock, store }), watch({ clock, store })]
    await callAt(one, at(0, 8))
    await callAt(other, at(0, 9))
    await callAt(one, at(2, 8), aPipelineCall({ sourceIP: '203.0.113.5' }))
    await callAt(other, at(2, 9), aPipelineCall({ sourceIP: '203.0.113.5' }))
    expect([one.raised.length, other.raised.length]).toEqual([1, 0])
  })

  test('habits that a restart finds in the store go on; a silent store judges nothing and says so', async () => {
    const clock = manualClock()
    const store = new SwitchedStore(clock)
    await learned(2, { clock, store })
    const again = watch({ clock, store })
    store.silence()
    await callAt(again, at(2, 8), aPipelineCall({ sourceIP: '203.0.113.5' }))
    expect(again.raised).toEqual([])
    expect(await again.metrics.text()).toContain('maximo_mcp_detection_unjudged_total{service="mcp"} 2')
    store.restore()
    await callAt(again, at(2, 9), aPipelineCall({ sourceIP: '203.0.113.5' }))
    expect(again.raised).toMatchObject([{ rule: 'new_address' }])
  })

  test('what stands in the store and is not ours is learned again', async () => {
    const watched = watch()
    await watched.store.put('det:h:g1', '{"since":"never"}', DAY_MS)
    await callAt(watched, at(0, 8))
    await callAt(watched, at(2, 8), aPipelineCall({ sourceIP: '203.0.113.5' }))
    expect(watched.raised).toHaveLength(1)
  })
})

describe('data volume', () => {
  const reads = (recordCount: number) => aPipelineCall({ recordCount })

  test('50,000 records in an hour are no detection, one more is', async () => {
    const watched = watch()
    await watched.hear(reads(1_000), 50)
    expect(watched.raised).toEqual([])
    await watched.hear(reads(1))
    expect(watched.raised).toMatchObject([
      { rule: 'data_volume', subject: { kind: 'grant', id: 'g1' }, count: 50_001, limit: 50_000 },
    ])
  })

  test('five times the usual is told, after five days of it; not below 5,000', async () => {
    for (const [usual, asked, detections] of [
      [2_000, 10_000, 0],
      [2_000, 10_001, 1],
      [100, 5_000, 0],
      [100, 5_001, 1],
    ] as const) {
      const watched = watch()
      for (let day = 0; day < 5; day += 1) await callAt(watched, at(day, 8), reads(usual))
      await callAt(watched, at(5, 8), reads(asked))
      expect([usual, asked, watched.raised.length]).toEqual([usual, asked, detections])
    }
  })

  test('the report of every month is told the first time at most', async () => {
    const watched = watch()
    for (let day = 0; day < 100; day += 1) {
      await callAt(watched, at(day, 8), reads(2_000))
      if (day % 30 === 20) await callAt(watched, at(day, 22), reads(20_000))
    }
    expect(watched.raised.map(({ rule, atMs }) => [rule, atMs])).toEqual([
      ['data_volume', at(20, 22)],
      ['unusual_hours', at(20, 22)],
    ])
  })

  test('two servers see one grant’s sum', async () => {
    const clock = manualClock()
    const store = new MemoryStore(clock)
    const [one, other] = [watch({ clock, store }), watch({ clock, store })]
    await one.hear(reads(30_000))
    await other.hear(reads(30_000))
    expect(one.raised).toEqual([])
    expect(other.raised).toMatchObject([{ count: 60_000 }])
  })
})
