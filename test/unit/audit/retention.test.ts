import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OwnAudit } from '../../../src/audit/audit.ts'
import { SubjectKeys } from '../../../src/audit/personal/subject-keys.ts'
import { unveil } from '../../../src/audit/personal/veil.ts'
import { writeHolds } from '../../../src/audit/retention/holds.ts'
import { retention, retentionMs, type RetentionPreset } from '../../../src/audit/retention/policy.ts'
import { Retention } from '../../../src/audit/retention/retention.ts'
import { searchAudit } from '../../../src/audit/search.ts'
import { verifyAudit } from '../../../src/audit/verify.ts'
import { aCall, type AuditKit, auditKit } from '../../support/audit.ts'
import { type ManualClock, manualClock } from '../../support/clock.ts'
import { aDetection } from '../../support/detection.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog, type CapturedLog } from '../../support/log.ts'
import { faultyDisk } from '../../support/store/disk.ts'

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
const verify = () => verifyAudit([folder], kit.verify)

/** A file for each of the years (the record that begins a year ends the file before it) 2026 to 2029, of another person each, and the job that keeps them. */
async function fourYears(
  presets: RetentionPreset[],
  subjects?: SubjectKeys,
): Promise<{ audit: OwnAudit; job: Retention }> {
  const audit = await kit.open('mcp', folder, { clock, ...(subjects !== undefined && { subjects }) })
  for (let year = 0; year < 4; year += 1) {
    if (year > 0) clock.advance(366 * DAY_MS)
    await audit.write(aCall({ principal: 'opener', operation: 'opens' }))
    await vi.waitFor(async () => expect(await files()).toHaveLength(year + 1))
    await audit.write(aCall({ principal: `user_${year}` }))
  }
  const job = new Retention({
    ...{ folder, instance: 'mcp-1', presets, audit, clock, log: captured.log, subjects, everyMs: 3_600_000 },
    // A year of nothing lies between two files here.
    maxSilenceMs: 400 * DAY_MS,
  })
  return { audit, job }
}
const close = async ({ audit, job }: { audit: OwnAudit; job: Retention }): Promise<void> => {
  await job.close()
  await audit.close()
}
async function records(eventType: string): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for await (const { text } of searchAudit([folder], { eventType: [eventType] }, () => undefined))
    found.push(JSON.parse(text) as Record<string, unknown>)
  return found
}

test('the longest of several presets counts, and one that there is not is refused', () => {
  expect(retentionMs(['pci', 'sox', 'hipaa'])).toBe(7 * 366 * DAY_MS)
  expect(retentionMs(['gdpr', 'internal'])).toBe(2 * 366 * DAY_MS)
  expect(retention.parse(' sox, pci')).toEqual(['sox', 'pci'])
  expect(retention.parse(undefined)).toEqual([])
  expect(retention.safeParse('soks').success).toBe(false)
})

describe('records whose time is over', () => {
  test('go by whole files, and what is left verifies by a signed tombstone', async () => {
    const kept = await fourYears(['gdpr'])
    await kept.job.sweep()
    expect(await files()).toHaveLength(4)
    clock.advance(367 * DAY_MS)
    const all = await files()
    await kept.job.sweep()
    expect(await files()).toEqual(all.slice(2))
    const [removed] = await records('audit.removed')
    expect(removed).toMatchObject({ reason: 'older_than_gdpr', tombstone: expect.any(String) })
    await close(kept)
    const first = Number(/@0*(\d+)/.exec(all[2] ?? '')?.[1])
    expect(await verify()).toMatchObject({ ok: true, logs: [{ removedTo: first - 1, origin: 'mcp/mcp-1' }] })
    await (await kit.open('mcp', folder, { clock })).close()
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('never go without a preset, and never out of the newest file', async () => {
    const kept = await fourYears([])
    clock.advance(20 * 366 * DAY_MS)
    await kept.job.sweep()
    expect(await files()).toHaveLength(4)
    await close(kept)
    const again = await kit.open('mcp', folder, { clock })
    const job = new Retention({
      ...{ folder, instance: 'mcp-1', presets: ['pci'], audit: again, clock, log: captured.log },
      maxSilenceMs: 400 * DAY_MS,
    })
    await job.sweep()
    expect(await files()).toHaveLength(1)
    await close({ audit: again, job })
  })

  test('that somebody else took away are missed, however he explains it', async () => {
    const kept = await fourYears(['gdpr'])
    clock.advance(367 * DAY_MS)
    await kept.job.sweep()
    await close(kept)
    const [oldest = '', next = ''] = await files()
    await rm(join(folder, oldest))
    expect(await verify()).toMatchObject({
      ok: false,
      bad: { file: join(folder, next), line: 1, what: expect.stringMatching(/are not here$/) },
    })
  })

  test('a removal that was interrupted is gone on with, and verifies meanwhile', async () => {
    const kept = await fourYears(['gdpr'])
    clock.advance(367 * DAY_MS)
    const text = await Promise.all(
      (await files()).map(async (name) => [name, await readFile(join(folder, name))] as const),
    )
    await kept.job.sweep()
    const [, second] = text
    await writeFile(join(folder, second?.[0] ?? ''), second?.[1] ?? '')
    expect(await verify()).toMatchObject({ ok: true })
    await kept.job.sweep()
    expect(await files()).toHaveLength(2)
    await close(kept)
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('a file with a line that cannot be read stays', async () => {
    const kept = await fourYears(['pci'])
    const path = join(folder, 'mcp-1.jsonl')
    await writeFile(path, `${await readFile(path, 'utf8')}x\n`)
    clock.advance(367 * DAY_MS)
    await kept.job.sweep()
    expect(await files()).toHaveLength(4)
    await close(kept)
  })
})

describe('a legal hold', () => {
  const held = (bend: object) => writeHolds(folder, [{ id: 'h1', why: 'a case', ...bend }])

  test.each([
    ['a person', { subject: 'user_0' }, 4],
    ['a later person: what is older goes', { subject: 'user_1' }, 3],
    ['somebody else', { subject: 'user_9' }, 2],
    ['a time', { from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z' }, 4],
    ['another time', { to: '2026-01-01T00:00:00Z' }, 2],
    ['a person at another time', { subject: 'user_0', from: '2027-01-01T00:00:00Z' }, 2],
    ['a person, released', { subject: 'user_0', released: '2027-01-01T00:00:00Z' }, 2],
  ])('on %s', async (_what, bend, left) => {
    await held(bend)
    const kept = await fourYears(['gdpr'])
    clock.advance(367 * DAY_MS)
    await kept.job.sweep()
    expect(await files()).toHaveLength(left)
    await close(kept)
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('is recorded once, and its release, too', async () => {
    const kept = await fourYears([])
    await held({ subject: 'user_0' })
    await kept.job.sweep()
    await kept.job.sweep()
    await held({ subject: 'user_0', to: '2029-01-01T00:00:00Z' })
    await kept.job.sweep()
    await held({ subject: 'user_0', released: '2030-01-01T00:00:00Z' })
    await kept.job.sweep()
    await writeHolds(folder, [])
    await kept.job.sweep()
    expect(
      (await records('audit.hold')).map(({ operation, reason, principal, hold }) => [
        operation,
        reason,
        principal,
        hold,
      ]),
    ).toEqual([
      ['hold_in_force', 'h1', 'user_0', { why: 'a case' }],
      ['hold_in_force', 'h1', 'user_0', { to: '2029-01-01T00:00:00Z', why: 'a case' }],
      ['hold_released', 'h1', 'user_0', { why: 'a case' }],
      ['hold_gone', 'h1', 'user_0', { why: 'a case' }],
    ])
    await close(kept)
  })

  test('that cannot be read stops every removal', async () => {
    const kept = await fourYears(['pci'])
    clock.advance(10 * 366 * DAY_MS)
    await writeFile(join(folder, 'holds.json'), '{"holds":[{"id":"h1"}]}')
    await kept.job.sweep()
    expect(await files()).toHaveLength(4)
    expect(captured.events()).toContainEqual(expect.objectContaining({ event: 'audit.retention_failed' }))
    await close(kept)
  })
})

describe('persons by pseudonyms', () => {
  let subjects: SubjectKeys
  let folderOfKeys: string
  beforeEach(async () => {
    folderOfKeys = await scratchFolder()
    subjects = new SubjectKeys(folderOfKeys)
  })
  const text = async (): Promise<string> =>
    (await Promise.all((await files()).map((name) => readFile(join(folder, name), 'utf8')))).join('')

  test('nothing of a person stands in the log in clear; who has the key reads it', async () => {
    const audit = await kit.open('mcp', folder, { subjects })
    await audit.write(aCall({ principal: 'user_secret' }))
    await audit.write(aCall({ principal: 'user_secret', operation: 'again' }))
    await audit.write(aCall({ principal: null, operation: 'a stranger' }))
    await audit.write(aCall({ principal: 'client-7', operation: 'a client' }))
    await audit.close()
    expect(await text()).not.toMatch(/user_secret|192\.0\.2\.7/)
    const [first, second, stranger, client] = await records('mcp.call')
    expect(first?.['principal']).toMatch(/^~[\w-]{22}$/)
    expect(second?.['principal']).toBe(first?.['principal'])
    expect(stranger).toMatchObject({ principal: null, sourceIP: '192.0.2.0/24' })
    expect(client).toMatchObject({ principal: 'client-7' })
    const key = (await subjects.all()).get(String(first?.['principal']))
    expect(await unveil(String(first?.['personal']), key ?? { key: new Uint8Array(32) })).toEqual({
      ...{ principal: 'user_secret', sourceIP: '192.0.2.7', userAgent: 'claude/1.0' },
    })
    expect(await unveil(String(first?.['personal']), { key: new Uint8Array(32) })).toBeNull()
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('what was noticed of a person names no address either, nor that of a stranger', async () => {
    const audit = await kit.open('mcp', folder, { subjects })
    const { owners, ...noticed } = aDetection()
    const raised = { eventType: 'detection.raised', principal: owners[0] ?? null } as const
    await audit.write(aCall({ ...raised, detection: noticed }))
    const about = { principal: null, resource: 'address:2001:db8:1:2::/64' }
    const seen = { ...noticed, subject: { kind: 'address', id: '2001:db8:1:2::/64' } }
    await audit.write(aCall({ ...raised, ...about, detection: seen }))
    const settled = { id: noticed.id, more: 1 }
    await audit.write(aCall({ ...about, eventType: 'detection.settled', detection: settled }))
    await audit.close()
    expect(await text()).not.toMatch(/192\.0\.2\.7|db8:1:2/)
    const networks = { addresses: ['192.0.2.0/24'] }
    const address = { resource: 'address:2001:db8:1::/48' }
    expect(await records('detection.raised')).toMatchObject([
      { detection: { ...networks, subject: { kind: 'grant', id: 'g1' } } },
      { ...address, detection: { ...networks, subject: { kind: 'address', id: '2001:db8:1::/48' } } },
    ])
    expect(await records('detection.settled')).toMatchObject([{ ...address, detection: settled }])
  })

  test('one that is erased is gone for good, the log verifies, and he gets a new one when he comes again', async () => {
    const kept = await fourYears([], subjects)
    const before = await subjects.find('user_1')
    await subjects.requestErasure('user_1')
    await kept.job.sweep()
    expect(await subjects.find('user_1')).toBeNull()
    expect(await subjects.requested()).toEqual([])
    expect(await records('audit.erased')).toMatchObject([
      { principal: before?.pseudonym, outcome: 'success' },
    ])
    await kept.audit.write(aCall({ principal: 'user_1', operation: 'came again' }))
    const now = await subjects.find('user_1')
    expect(now?.pseudonym).not.toBe(before?.pseudonym)
    await close(kept)
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('one that is held is not erased until the hold is released, and his records stay', async () => {
    const kept = await fourYears(['gdpr'], subjects)
    clock.advance(367 * DAY_MS)
    await writeHolds(folder, [{ id: 'h1', why: 'a case', subject: 'user_0' }])
    await subjects.requestErasure('user_0')
    await kept.job.sweep()
    await kept.job.sweep()
    expect(await subjects.find('user_0')).not.toBeNull()
    expect(await files()).toHaveLength(4)
    expect((await records('audit.erased')).map(({ outcome }) => outcome)).toEqual(['refused'])
    await writeHolds(folder, [])
    await kept.job.sweep()
    expect(await subjects.find('user_0')).toBeNull()
    await close(kept)
  })

  test('two that come at once get one key, and a folder that takes none refuses the record', async () => {
    const [left, right] = await Promise.all([subjects.of('user_1'), subjects.of('user_1')])
    expect(left).toEqual(right)
    await writeFile(join(folder, 'a file'), '')
    const audit = await kit.open('mcp', folder, { subjects: new SubjectKeys(join(folder, 'a file', 'none')) })
    await expect(audit.write(aCall({ principal: 'user_1' }))).rejects.toMatchObject({
      name: 'DiskUnavailable',
    })
    await audit.close()
  })

  test('a disk that fails while a key is kept leaves nothing that is in the way later', async () => {
    const disk = faultyDisk()
    const keys = new SubjectKeys(await scratchFolder(), disk)
    for (const fail of [() => disk.failWith('ENOSPC', 20), () => disk.failNames('rename')]) {
      fail()
      await expect(keys.of('user_1')).rejects.toThrow('the test disk fails')
      expect((await keys.all()).size).toBe(0)
      expect(await keys.find('user_1')).toBeNull()
      disk.failWith(null)
    }
    disk.failNames(null)
    const made = await keys.of('user_1')
    expect(await keys.find('user_1')).toEqual({ ...made, key: Buffer.from(made.key) })
  })

  test('one that is written about while he is erased stands by a new pseudonym from then on', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { pseudonym } = await subjects.of('user_1')
      // The key is not at hand, as in a process that has just started.
      const fresh = new SubjectKeys(folderOfKeys)
      await Promise.all([fresh.of('user_1'), fresh.erase('user_1'), fresh.of('user_1')])
      expect((await fresh.of('user_1')).pseudonym).not.toBe(pseudonym)
      expect(await fresh.find('user_1')).not.toBeNull()
      await subjects.erase('user_1')
    }
  })
})
