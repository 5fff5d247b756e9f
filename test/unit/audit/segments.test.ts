import { readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Audit, AuditOptions } from '../../../src/audit/audit.ts'
import { logTail } from '../../../src/audit/log-tail.ts'
import { recentEvents } from '../../../src/audit/recent-events.ts'
import { searchAudit } from '../../../src/audit/search.ts'
import { verifyAudit } from '../../../src/audit/verify.ts'
import { type Disk, systemDisk } from '../../../src/kernel/disk.ts'
import { aCall, type AuditKit, auditKit } from '../../support/audit.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog } from '../../support/log.ts'
import { faultyDisk } from '../../support/store/disk.ts'

let kit: AuditKit
beforeAll(async () => {
  kit = await auditKit()
})

let folder: string
beforeEach(async () => {
  folder = await scratchFolder()
})

const open = (options: Partial<AuditOptions> = {}): Promise<Audit> =>
  kit.open('mcp', folder, { fileRecords: 5, ...options })
const files = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort()
const rowsOf = async (name: string): Promise<Record<string, unknown>[]> =>
  (await readFile(join(folder, name), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const calls = async (audit: Audit, count: number): Promise<void> => {
  for (let call = 0; call < count; call += 1) {
    await audit.write(aCall({ operation: `call ${call}` }))
    // A file is begun beside the writing: the next record may still go into the one before.
    await new Promise((resolve) => setImmediate(resolve))
  }
}
const verify = () => verifyAudit([folder], kit.verify)

async function severalFiles(count = 3): Promise<string[]> {
  const audit = await open()
  while ((await files()).length < count) await calls(audit, 1)
  await audit.close()
  return files()
}

describe('a log in several files', () => {
  test('of which one was removed since they were listed: what is left is read, and not called the whole', async () => {
    const [first = '', second = '', third = ''] = await severalFiles()
    const whole = await logTail(folder, 'mcp-1', 1_000_000)
    // Listed, and not there: as one that retention removes in between.
    await rm(join(folder, first))
    await symlink(join(folder, 'gone'), join(folder, first))
    const rest = await logTail(folder, 'mcp-1', 1_000_000)
    expect([whole.isWhole, rest.isWhole]).toEqual([true, false])
    let lines = 0
    for await (const line of rest.lines) lines += line.length > 0 ? 1 : 0
    expect(lines).toBe((await rowsOf(second)).length + (await rowsOf(third)).length)
  })

  test('of which one is removed before it is read: what is left is read', async () => {
    const [first = '', second = '', third = ''] = await severalFiles()
    const { lines } = await logTail(folder, 'mcp-1', 1_000_000)
    await rm(join(folder, first))
    let read = 0
    for await (const line of lines) read += line.length > 0 ? 1 : 0
    expect(read).toBe((await rowsOf(second)).length + (await rowsOf(third)).length)
  })

  test('goes on in a new file, which begins with a signed head of the record before', async () => {
    const [first = '', second = '', third = ''] = await severalFiles()
    expect(first).toBe('mcp-1.jsonl')
    const rows = await rowsOf(second)
    expect(second).toBe(`mcp-1@${String(rows[0]?.['n']).padStart(12, '0')}.jsonl`)
    expect(rows[0]).toMatchObject({
      eventType: 'audit.segment',
      resource: 'mcp/mcp-1',
      n: (await rowsOf(first)).length + 1,
    })
    expect(await verify()).toMatchObject({
      ok: true,
      logs: [{ records: (await rowsOf(third)).at(-1)?.['n'] }],
    })
  })

  test('is opened again where it ended, as often as one likes', async () => {
    const [, , third = ''] = await severalFiles()
    await (await open({ fileRecords: 1_000 })).close()
    await (await open({ fileRecords: 1_000 })).close()
    expect(await files()).toHaveLength(3)
    expect((await rowsOf(third)).filter(({ eventType }) => eventType === 'audit.opened')).toHaveLength(2)
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('begins a file with the first record of a day, and none while nothing happens', async () => {
    const clock = manualClock()
    const audit = await open({ clock, fileRecords: 1_000 })
    await calls(audit, 2)
    clock.advance(3 * 86_400_000)
    await audit.head()
    expect(await files()).toHaveLength(1)
    await calls(audit, 1)
    await expect.poll(files).toHaveLength(2)
    await calls(audit, 3)
    await audit.close()
    expect(await files()).toHaveLength(2)
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('loses nothing and repeats nothing when many write while files are begun', async () => {
    const audit = await open({ fileRecords: 20 })
    await Promise.all(
      Array.from({ length: 10 }, async (_, writer) => {
        for (let call = 0; call < 20; call += 1) await audit.write(aCall({ operation: `${writer}/${call}` }))
      }),
    )
    await audit.close()
    expect((await files()).length).toBeGreaterThan(3)
    const written: (string | null)[] = []
    for await (const { record } of searchAudit([folder], { eventType: ['mcp.call'] }, () => undefined))
      written.push(record.operation)
    expect(new Set(written).size).toBe(200)
    expect(written).toHaveLength(200)
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('remembers the heads of others beyond the file in which it accepted them', async () => {
    const portal = await kit.open('portal', await scratchFolder())
    const early = await portal.head()
    await portal.write(aCall())
    const audit = await open()
    await audit.acceptHead(await portal.head())
    await portal.close()
    while ((await files()).length < 3) await calls(audit, 1)
    await audit.close()
    const again = await open()
    expect(await again.acceptHead(early)).toEqual({ ok: false, error: 'went_back' })
    await again.close()
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('remembers the heads of others also where the disk was full when the file was begun', async () => {
    const portal = await kit.open('portal', await scratchFolder())
    const early = await portal.head()
    await portal.write(aCall())
    let isFull = true
    const disk: Disk = {
      ...systemDisk,
      append: (fd, bytes, position) =>
        isFull && bytes.includes('carried_over')
          ? Promise.reject(Object.assign(new Error('the test disk is full'), { code: 'ENOSPC' }))
          : systemDisk.append(fd, bytes, position),
    }
    const { log, events } = captureLog()
    const audit = await open({ disk, log })
    await audit.acceptHead(await portal.head())
    await portal.close()
    await calls(audit, 3)
    await expect.poll(() => events().map(({ event }) => event)).toContain('audit.file_not_begun')
    isFull = false
    await calls(audit, 1)
    await expect.poll(files).toHaveLength(2)
    await audit.close()
    const again = await open()
    expect(await again.acceptHead(early)).toEqual({ ok: false, error: 'went_back' })
    await again.close()
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('stays in the old file while the disk takes no new one, and tries again', async () => {
    const disk = faultyDisk()
    const { log, events } = captureLog()
    const audit = await open({ disk, log })
    await calls(audit, 3)
    const last = audit.write(aCall({ operation: 'the last of the file' }))
    await last.then(() => disk.failWith('ENOSPC'))
    await expect.poll(() => events().map(({ event }) => event)).toContain('audit.file_not_begun')
    disk.failWith(null)
    expect(await files()).toEqual(['mcp-1.jsonl'])
    await calls(audit, 1)
    await expect.poll(files).toHaveLength(2)
    await audit.close()
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('a file whose beginning failed half way is not in the way: of this process, nor of the next', async () => {
    const disk = faultyDisk()
    const { log, events } = captureLog()
    const audit = await open({ disk, log })
    await calls(audit, 3)
    disk.failNames('sync')
    await calls(audit, 1)
    await expect.poll(() => events().map(({ event }) => event)).toContain('audit.file_not_begun')
    expect(await files()).toEqual(['mcp-1.jsonl'])
    disk.failNames(null)
    await calls(audit, 1)
    await expect.poll(files).toHaveLength(2)
    await audit.close()
    await (await open()).close()
    expect(await verify()).toMatchObject({ ok: true })
  })

  test.each([
    ['the newest', 1_000, 1],
    ['one before the newest', 5, 2],
  ])(
    'an empty file beside which the log went on is taken away at the start: %s',
    async (_where, fileRecords, count) => {
      const audit = await open({ fileRecords })
      await calls(audit, 3)
      while ((await files()).length < count) await calls(audit, 1)
      await audit.close()
      const abandoned = `mcp-1@${'3'.padStart(12, '0')}.jsonl`
      await writeFile(join(folder, abandoned), '')
      await (await open({ fileRecords: 1_000 })).close()
      expect(await files()).toHaveLength(count)
      expect(await files()).not.toContain(abandoned)
      expect(await verify()).toMatchObject({ ok: true })
    },
  )

  test.each([
    ['an empty first line', (text: string) => `\n${text}`],
    ['a first line that is longer than any record', (text: string) => 'x'.repeat(2_000_000) + text],
    ['more in it than a file that was not begun can have', () => 'x'.repeat(5_000)],
  ])('a full file with %s is no empty one: it stays, and does not hold', async (_what, damage) => {
    const [, second = ''] = await severalFiles(4)
    const path = join(folder, second)
    const damaged = damage(await readFile(path, 'utf8'))
    await writeFile(path, damaged)
    await (await open({ fileRecords: 1_000 })).close()
    expect(await readFile(path, 'utf8')).toBe(damaged)
    expect(await verify()).toMatchObject({ ok: false, bad: { file: path } })
  })

  test('an empty file in the place of one whose records are gone stays, and stops the start', async () => {
    const [, second = '', third = ''] = await severalFiles()
    await writeFile(join(folder, second), '')
    await expect(open()).rejects.toMatchObject({ name: 'BrokenChain' })
    expect(await files()).toContain(second)
    await rm(join(folder, third))
    await expect(open()).rejects.toMatchObject({ name: 'BrokenChain' })
    expect(await files()).toContain(second)
  })

  test.each([
    ['nothing', ''],
    ['half a line', '{"timestamp":"2026-'],
    ['the zeros of a disk that lost its power', '\0'.repeat(5_000)],
  ])(
    'a process that died with %s in a new file goes on in the one before, and forgets no head',
    async (_what, text) => {
      const portal = await kit.open('portal', await scratchFolder())
      const early = await portal.head()
      await portal.write(aCall())
      const audit = await open({ fileRecords: 1_000 })
      await audit.acceptHead(await portal.head())
      await portal.close()
      await audit.close()
      const next = (await rowsOf('mcp-1.jsonl')).length + 1
      await writeFile(join(folder, `mcp-1@${String(next).padStart(12, '0')}.jsonl`), text)
      const again = await open({ fileRecords: 1_000 })
      expect(await again.acceptHead(early)).toEqual({ ok: false, error: 'went_back' })
      await again.close()
      expect(await files()).toEqual(['mcp-1.jsonl'])
      expect((await rowsOf('mcp-1.jsonl'))[next - 1]).toMatchObject({ n: next, eventType: 'audit.opened' })
      expect(await verify()).toMatchObject({ ok: true })
    },
  )

  test('belongs to one process, also while files change', async () => {
    const audit = await open()
    while ((await files()).length < 2) await calls(audit, 1)
    await expect(open()).rejects.toMatchObject({ name: 'FileInUse' })
    await audit.close()
  })

  test('a person’s newest events are found across files, and said to be not all where more were asked', async () => {
    await severalFiles()
    const place = { folder, instance: 'mcp-1' }
    const all = await recentEvents(place, 'user_1', { matches: () => true, atMost: 100 })
    expect(all.isWhole).toBe(true)
    expect(all.events.at(-1)?.operation).toBe('call 0')
    expect(all.events.length).toBeGreaterThan(5)
    const some = await recentEvents(place, 'user_1', { matches: () => true, atMost: 6 })
    expect(some).toEqual({ events: all.events.slice(0, 6), isWhole: false })
    expect(
      await recentEvents({ folder: join(folder, 'none'), instance: 'x' }, 'u', {
        matches: () => true,
        atMost: 1,
      }),
    ).toEqual({ events: [], isWhole: true })
  })
})

describe('what is wrong between files is found', () => {
  test('a file that is gone', async () => {
    const [first = '', second = '', third = ''] = await severalFiles()
    const missing = (await rowsOf(first)).length + 1
    await rename(join(folder, second), join(folder, 'aside'))
    expect(await verify()).toMatchObject({
      ok: false,
      bad: {
        file: join(folder, third),
        line: 1,
        what: expect.stringContaining(`the records from ${missing} to`),
      },
    })
    await rename(join(folder, 'aside'), join(folder, second))
    await rm(join(folder, third))
    expect(await verify()).toMatchObject({
      ok: false,
      bad: { file: join(folder, second), what: expect.stringMatching(/^cut/) },
    })
    await expect(open()).rejects.toMatchObject({ name: 'BrokenChain' })
  })

  test('a record in a file that is long full', async () => {
    const [first = ''] = await severalFiles()
    const text = await readFile(join(folder, first), 'utf8')
    await writeFile(join(folder, first), text.replace('call 0', 'call 9'))
    expect(await verify()).toMatchObject({ ok: false, bad: { file: join(folder, first), line: 2 } })
  })

  test('a last record cut off a file that is full: the next one does not follow', async () => {
    const [first = ''] = await severalFiles()
    const lines = (await readFile(join(folder, first), 'utf8')).trimEnd().split('\n')
    await writeFile(join(folder, first), `${lines.slice(0, -1).join('\n')}\n`)
    expect(await verify()).toMatchObject({ ok: false, bad: { what: expect.stringMatching(/are not here$/) } })
  })
})
