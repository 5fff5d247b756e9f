import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OwnAudit } from '../../../src/audit/audit.ts'
import { openKeptAudit } from '../../../src/audit/open-kept-audit.ts'
import { Retention, type RetentionOptions } from '../../../src/audit/retention/retention.ts'
import { loadSinks } from '../../../src/audit/sinks/config.ts'
import { cursorPath, saveCursor } from '../../../src/audit/sinks/cursor.ts'
import { verifyAudit } from '../../../src/audit/verify.ts'
import { aCall, type AuditKit, auditKit } from '../../support/audit.ts'
import { type ManualClock, manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog, type CapturedLog } from '../../support/log.ts'

const DAY_MS = 86_400_000
let kit: AuditKit
beforeAll(async () => {
  kit = await auditKit()
})

let folder: string
let clock: ManualClock
let captured: CapturedLog
beforeEach(async () => {
  folder = await scratchFolder()
  clock = manualClock()
  captured = captureLog()
})

const files = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
const said = (name: string) => captured.events().filter(({ event }) => event === name)
const firstOf = (name = ''): number => Number(/@0*(\d+)/.exec(name)?.[1])

/** Writes until the log has so many files: one is begun beside the writing. */
const fileOf = (audit: OwnAudit, count: number): Promise<void> =>
  vi.waitFor(
    async () => {
      await audit.write(aCall())
      expect(await files()).toHaveLength(count)
    },
    { timeout: 10_000 },
  )

interface Kept {
  readonly audit: OwnAudit
  readonly job: Retention
  /** Of the records that are kept for a year (366 days), as they lie there first. */
  readonly all: readonly string[]
}

/** A log with a file that is full for each time that so many days have passed, and the job of a process that starts then. */
async function kept(
  { count, days, jumpDays = 0 }: { count: number; days: number; jumpDays?: number },
  more: Partial<RetentionOptions> = {},
): Promise<Kept> {
  const audit = await kit.open('mcp', folder, { clock })
  const before = (await files()).length
  for (let time = 1; time <= count; time += 1) {
    clock.advance(days * DAY_MS)
    await fileOf(audit, before + time)
  }
  clock.advance(jumpDays * DAY_MS)
  const job = new Retention({
    ...{ folder, instance: 'mcp-1', presets: ['pci'], audit, clock, log: captured.log, everyMs: 3_600_000 },
    ...more,
  })
  return { audit, job, all: await files() }
}
async function close({ audit, job }: Kept): Promise<void> {
  await job.close()
  await audit.close()
  expect(await verifyAudit([folder], kit.verify)).toMatchObject({ ok: true })
}

describe('what a sink has not delivered', () => {
  const withSink = (start: 'oldest' | 'now') => {
    const sinks = [{ name: 'other', start: 'now' } as const, { name: 'siem', start }]
    return kept({ count: 2, days: 170 }, { sinks, maxSilenceMs: 400 * DAY_MS })
  }
  const delivered = (n: number) =>
    saveCursor(cursorPath(folder, 'mcp-1', 'siem'), { n, hash: '', file: '', at: 0, sendingTo: null })

  test('stays until it is, to the last record of a file', async () => {
    const one = await withSink('oldest')
    clock.advance(200 * DAY_MS)
    await one.job.sweep()
    await one.job.sweep()
    expect(said('audit.removal_waits')).toMatchObject([{ for: 'sinks' }])
    const last = firstOf(one.all[1]) - 1
    await delivered(last - 1)
    await one.job.sweep()
    expect(await files()).toEqual(one.all)
    await delivered(last)
    await one.job.sweep()
    expect(await files()).toEqual(one.all.slice(1))
    expect(said('audit.removed_undelivered')).toEqual([])
    await close(one)
  })

  test('stays for 30 days more, and then goes and is said to be lost', async () => {
    const one = await withSink('oldest')
    clock.advance(225 * DAY_MS)
    await one.job.sweep()
    expect(await files()).toEqual(one.all)
    clock.advance(2 * DAY_MS)
    await one.job.sweep()
    expect(await files()).toEqual(one.all.slice(1))
    expect(said('audit.removed_undelivered')).toMatchObject([{ to: firstOf(one.all[1]) - 1 }])
    await close(one)
  })

  test('is not said to be lost while the disk takes no tombstone for it', async () => {
    const one = await withSink('oldest')
    const full = { ...one.audit, recordRemoval: () => Promise.reject(new Error('the disk is full')) }
    const sinks = [{ name: 'siem', start: 'oldest' } as const]
    const job = new Retention({
      ...{ folder, instance: 'mcp-1', presets: ['pci'], audit: full, clock, log: captured.log, sinks },
      ...{ everyMs: 3_600_000, maxSilenceMs: 400 * DAY_MS },
    })
    clock.advance(227 * DAY_MS)
    await job.sweep()
    await job.close()
    expect(said('audit.retention_failed')).toHaveLength(1)
    expect([await files(), said('audit.removed_undelivered')]).toEqual([one.all, []])
    await close(one)
  })

  test('is nothing for one that begins with what comes, until it has begun', async () => {
    const one = await withSink('now')
    clock.advance(200 * DAY_MS)
    await delivered(1)
    await one.job.sweep()
    expect(await files()).toEqual(one.all)
    await rm(cursorPath(folder, 'mcp-1', 'siem'))
    await one.job.sweep()
    expect(await files()).toEqual(one.all.slice(1))
    await close(one)
  })
})

test('a service asks the sinks of its file', async () => {
  const one = await kept({ count: 13, days: 31 })
  await close(one)
  const [sinksFile, subjects] = [join(folder, 'sinks.file'), join(folder, 'subjects')]
  await writeFile(sinksFile, '{"sinks":[{"name":"siem","type":"stdout"}]}')
  const place = { folder, instance: 'mcp-1', service: 'mcp', clock, log: captured.log } as const
  const keys = {
    sign: (head: Uint8Array) => kit.sign('mcp', head),
    verify: kit.verify,
    valueKey: Buffer.alloc(32),
  }
  const open = (file: string | undefined) =>
    openKeptAudit({ ...place, keys }, { presets: ['pci'], subjects, sinks: loadSinks(file) })
  const waiting = await open(sinksFile)
  await waiting.retention.close()
  await waiting.audit.close()
  expect(said('audit.removal_waits')).toMatchObject([{ for: 'sinks' }])
  expect(await files()).toEqual(one.all)
  const alone = await open(undefined)
  await alone.retention.close()
  await alone.audit.close()
  expect((await files()).length).toBeLessThan(one.all.length)
})

describe('a wall clock that jumps forward by ten years', () => {
  test('while the service runs is not followed', async () => {
    const one = await kept({ count: 2, days: 170 }, { maxSilenceMs: 400 * DAY_MS })
    const jumpMs = 10 * 366 * DAY_MS
    clock.setWall(clock.nowMs() + jumpMs)
    await one.job.sweep()
    await one.job.sweep()
    expect(await files()).toEqual(one.all)
    expect(said('audit.removal_waits')).toMatchObject([{ for: 'clock' }])
    clock.setWall(clock.nowMs() - jumpMs)
    clock.advance(200 * DAY_MS)
    await one.job.sweep()
    expect(await files()).toEqual(one.all.slice(1))
    await close(one)
  })

  test('before the start counts for a month, also at the next start', async () => {
    const one = await kept({ count: 2, days: 31, jumpDays: 3_660 })
    await one.job.sweep()
    await one.job.sweep()
    expect(await files()).toEqual(one.all)
    expect(said('audit.removal_waits')).toMatchObject([{ for: 'clock' }])
    await fileOf(one.audit, 4)
    await close(one)
    const next = await kept({ count: 0, days: 0 })
    await next.job.sweep()
    expect(await files()).toHaveLength(4)
    await close(next)
  })
})
