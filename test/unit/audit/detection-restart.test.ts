import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { KeptDetections } from '../../../src/audit/detection/kept-detections.ts'
import { openDetection, type RunningDetection } from '../../../src/audit/detection/open-detection.ts'
import { DEFAULT_DETECTION, loadDetectionPolicy } from '../../../src/audit/detection/policy.ts'
import { meteredAudit } from '../../../src/audit/metered-audit.ts'
import { LateDetection } from '../../../src/audit/detection/late-detection.ts'
import { type Detection, MAX_NOTICED, noticedDetection, noticedOf } from '../../../src/crypto/detection.ts'
import { Metrics } from '../../../src/kernel/metrics.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { auditKit, type AuditKit } from '../../support/audit.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { aDenial, aDetection, aFailure, aPipelineCall, TEST_ABOUT } from '../../support/detection.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog } from '../../support/log.ts'

const HOUR_MS = 3_600_000

let kit: AuditKit
beforeAll(async () => {
  kit = await auditKit()
})

interface Process {
  readonly audit: ReturnType<typeof meteredAudit>
  readonly detection: RunningDetection
  readonly kept: {
    readonly raised: Detection[]
    readonly settled: { readonly id: string; readonly more: number }[]
  }
  end(): Promise<void>
}

/** A service with a log and nothing shared: each start is one after a restart that lost the store. */
async function start(folder: string, clock: ManualClock): Promise<Process> {
  const metrics = new Metrics('mcp')
  const late = new LateDetection()
  const opened = await kit.open('mcp', folder, { clock })
  const audit = meteredAudit(opened, { metrics, clock, noted: late.hear, overlooked: late.hear })
  const kept: Process['kept'] = { raised: [], settled: [] }
  const detection = await openDetection({
    ...{ audit, clock, metrics, log: captureLog().log, policy: DEFAULT_DETECTION, about: TEST_ABOUT },
    store: new MemoryStore(clock),
    auditLog: { folder, instance: 'mcp-1' },
    keep: {
      ownersOf: () => ['user_1'],
      raised: async (one) => void kept.raised.push(one),
      settled: async (one) => void kept.settled.push(one),
    },
  })
  late.begin(detection)
  const end = async (): Promise<void> => {
    await detection.close()
    await audit.close()
    await metrics.close()
  }
  return { audit, detection, kept, end }
}

async function write(process: Process, event: Parameters<Process['audit']['write']>[0], times: number) {
  for (let time = 0; time < times; time += 1) await process.audit.write(event)
  await process.detection.settle()
}

describe('a restart that loses the store', () => {
  test('goes on counting where the log ends', async () => {
    const [folder, clock] = [await scratchFolder(), manualClock()]
    const before = await start(folder, clock)
    await write(before, aDenial(), 4)
    await before.end()
    clock.advance(60_000)
    const after = await start(folder, clock)
    await write(after, aDenial(), 1)
    expect(after.kept.raised).toMatchObject([{ rule: 'scope_escalation', count: 5 }])
    await after.end()
  })

  test('does not count what is older than the window', async () => {
    const [folder, clock] = [await scratchFolder(), manualClock()]
    const before = await start(folder, clock)
    await write(before, aDenial(), 4)
    await before.end()
    clock.advance(10 * 60_000)
    const after = await start(folder, clock)
    await write(after, aDenial(), 1)
    expect(after.kept.raised).toEqual([])
    await after.end()
  })

  test('tells nothing twice, and says afterwards how much more there was', async () => {
    const [folder, clock] = [await scratchFolder(), manualClock()]
    const before = await start(folder, clock)
    await write(before, aDenial(), 5)
    await before.end()
    const after = await start(folder, clock)
    await write(after, aDenial(), 3)
    expect(after.kept.raised).toEqual([])
    clock.advance(HOUR_MS)
    await after.detection.settle()
    expect(after.kept.settled).toEqual([{ id: before.kept.raised[0]?.id, more: 3 }])
    await after.end()
    const later = await start(folder, clock)
    await later.detection.settle()
    expect(later.kept.settled).toEqual([])
    await later.end()
  })

  test('remembers where a pipeline worked', async () => {
    const [folder, clock] = [await scratchFolder(), manualClock()]
    const before = await start(folder, clock)
    await write(before, aPipelineCall(), 1)
    await before.end()
    clock.advance(2 * HOUR_MS)
    const after = await start(folder, clock)
    clock.advance(23 * HOUR_MS)
    await write(after, aPipelineCall({ sourceIP: '203.0.113.9' }), 1)
    expect(after.kept.raised).toMatchObject([{ rule: 'new_address' }])
    await after.end()
  })
})

test('an event about a stranger is in the log and kept for nobody', async () => {
  const [folder, clock] = [await scratchFolder(), manualClock()]
  const process = await start(folder, clock)
  await write(process, aFailure(), 5)
  for (let time = 0; time < 6; time += 1) process.audit.overlook?.(aFailure())
  await process.detection.settle()
  expect(process.kept.raised).toEqual([])
  const again = await start(await scratchFolder(), clock)
  await write(again, aDenial(), 5)
  expect(again.kept.raised).toHaveLength(1)
  await process.end()
  await again.end()
})

const numbered = (n: number): string => String(n).padStart(22, '0')

describe('what is kept for an owner', () => {
  test('is theirs alone, the newest first, with what followed, whichever came first', () => {
    const kept = new KeptDetections(manualClock(1_795_305_600_000))
    kept.settle({ id: numbered(2), more: 7 }, 1_795_305_600_000)
    kept.raise(aDetection({ id: numbered(1), atMs: 1_795_305_600_001 }))
    kept.raise(aDetection({ id: numbered(2), owners: ['user_1', 'user_2'] }))
    kept.settle({ id: numbered(1), more: 3 }, 1_795_305_600_002)
    expect(kept.of('user_1').detections.map(({ id, more }) => [id, more])).toEqual([
      [numbered(1), 3],
      [numbered(2), 7],
    ])
    expect(kept.of('user_2').detections).toHaveLength(1)
    expect(kept.of('user_3')).toEqual({ detections: [], isCut: false })
  })

  test('is 100 at most, says when there were more, and ends after 30 days', () => {
    const clock = manualClock(1_795_305_600_000)
    const kept = new KeptDetections(clock)
    for (let n = 0; n < 100; n += 1) kept.raise(aDetection({ id: numbered(n), atMs: clock.nowMs() + n }))
    expect(kept.of('user_1')).toMatchObject({ isCut: false })
    kept.raise(aDetection({ id: numbered(100), atMs: clock.nowMs() + 100 }))
    expect(kept.of('user_1').detections).toHaveLength(100)
    expect(kept.of('user_1').isCut).toBe(true)
    clock.advance(30 * 24 * HOUR_MS + 200)
    expect(kept.of('user_1')).toEqual({ detections: [], isCut: false })
  })

  test('is told without its other owners, and fits into an answer of the internal listener', () => {
    const longest = aDetection({
      subject: { kind: 'client', id: 'x'.repeat(512) },
      addresses: Array.from({ length: 5 }, () => '2001:0db8:1111:2222:3333:4444:5555:6666'),
      ...{ tool: 't'.repeat(64), environmentId: 'e'.repeat(22), owners: ['user_1', 'user_2'] },
    })
    const told = noticedOf(Array.from({ length: 40 }, () => ({ ...longest, more: 1_000_000 })))
    expect(told).toHaveLength(MAX_NOTICED)
    expect(JSON.stringify(told)).not.toContain('user_2')
    expect(told.every((one) => noticedDetection.safeParse(one).success)).toBe(true)
    expect(JSON.stringify({ detections: told }).length).toBeLessThan(16 * 1024)
  })
})

describe('the file of thresholds', () => {
  const read = async (content: unknown) => {
    const path = join(await scratchFolder(), 'detection.json')
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
    return () => loadDetectionPolicy(path)
  }

  test('changes what it names and leaves the rest as the integration audit has it', async () => {
    const policy = (await read({ failed_sign_ins: { more_than: 3 }, unusual_hours: { on: false } }))()
    expect(policy.failed_sign_ins).toEqual({
      on: true,
      cool_down_minutes: 60,
      more_than: 3,
      window_minutes: 5,
    })
    expect(policy.unusual_hours.on).toBe(false)
    expect(policy.error_rate).toMatchObject({ more_than_percent: 20, window_minutes: 10, at_least_calls: 20 })
  })

  test.each<[string, unknown, RegExp]>([
    ['that is no JSON', '{', /DETECTION_FILE: the file cannot be read, or is not JSON$/m],
    ['with a rule that there is not', { brute_force: {} }, /DETECTION_FILE: .*brute_force/],
    [
      'with a number that is none',
      { error_rate: { more_than_percent: 100 } },
      /error_rate\.more_than_percent/,
    ],
    [
      'with a window of a day',
      { failed_sign_ins: { window_minutes: 61 } },
      /failed_sign_ins\.window_minutes/,
    ],
    [
      'with a place that has no clock',
      { unusual_hours: { schedules: { g: { time_zone: 'Plant', days: [1], from: '06:00', to: '18:00' } } } },
      /time_zone: is not a time zone/,
    ],
    [
      'with a time that is none',
      { unusual_hours: { schedules: { g: { time_zone: 'UTC', days: [1], from: '6', to: '24:00' } } } },
      /from: is not a time of day[^]*to: is not a time of day/,
    ],
  ])('%s is refused, and said where', async (_name, content, expected) => {
    expect(await read(content)).toThrow(expected)
  })

  test('that is missing is refused', () => {
    expect(() => loadDetectionPolicy('/nowhere/detection.json')).toThrow(/cannot be read/)
  })
})
