import { createHash } from 'node:crypto'
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { skipLine } from '../../../src/kernel/chain-link.ts'
import { carryOut, propose, settleLoose } from '../../../src/kernel/compaction/compactor.ts'
import { type Compaction, JOURNAL_COMPACTED } from '../../../src/kernel/compaction/compactions.ts'
import type { BeginKeeping } from '../../../src/kernel/compaction/keeping.ts'
import type { Disk } from '../../../src/kernel/disk.ts'
import { type Journal, openJournal } from '../../../src/kernel/journal.ts'
import { openCopies } from '../../../src/kernel/peers/open-copies.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'
import { faultyDisk } from '../../support/store/disk.ts'

const clock = manualClock()
/** `dead` is of no consequence; the rest is. */
const keeping: BeginKeeping = () => ({ note: () => undefined, keeps: ({ type }) => type !== 'dead' })
const means = { keeping, clock, isGivenUp: () => false }

let folder: string
let journal: Journal
beforeEach(async () => {
  folder = await scratchFolder()
  journal = await open()
})
afterEach(() => journal.close())

const open = (disk?: Disk, at = folder): Promise<Journal> =>
  openJournal({ folder: at, writer: 'w', clock, ...(disk === undefined ? {} : { disk }) })
const text = (at = folder): Promise<string> => readFile(join(at, 'w.jsonl'), 'utf8')

/** `x`: of no consequence. */
async function write(letters: string, into = journal): Promise<void> {
  await into.append('journal.opened', {})
  await more(letters, into)
}
const more = (letters: string, into = journal): Promise<unknown> =>
  Promise.all(Array.from(letters, (id) => into.append(id === 'x' ? 'dead' : 'live', { id })))

async function compact(one = journal): Promise<Compaction> {
  const compaction = await propose(one, one.lastSeq, means)
  if (compaction === null) throw new Error('there is nothing to compact')
  await one.append(JOURNAL_COMPACTED, compaction)
  await carryOut(one, compaction, means)
  return compaction
}

async function reopen(): Promise<void> {
  await journal.close()
  journal = await open()
}

async function seen(from?: number, of = journal): Promise<string> {
  let letters = ''
  for await (const { data, type } of of.entries(from))
    letters += type === JOURNAL_COMPACTED ? '!' : typeof data['id'] === 'string' ? data['id'] : '-'
  return letters
}

describe('a compacted journal', () => {
  test('holds what is of consequence as it stood, and a skip for each run that is not', async () => {
    await write('axxxxbxc')
    const before = (await text()).split('\n')
    const { tip } = journal
    const compaction = await compact()
    const hashOf = (n: number): string => (before[n - 1] ?? '').slice(-45, -2)
    expect((await text()).split('\n').slice(0, 6)).toEqual([
      `{"n":1,"from":1,"h":"${hashOf(1)}"}`,
      before[1],
      `{"n":6,"from":3,"h":"${hashOf(6)}"}`,
      before[6],
      `{"n":8,"from":8,"h":"${hashOf(8)}"}`,
      before[8],
    ])
    expect(compaction).toMatchObject({ upTo: 8, hash: hashOf(8), seen: 9, atMs: clock.nowMs() })
    expect(tip.n).toBe(9)
    expect([journal.lastSeq, await seen(), await seen(5)]).toEqual([10, 'abc!', 'bc!'])
  })

  test('goes on with numbers and hashes as if nothing had been left out', async () => {
    await write('xxax')
    const twin = await scratchFolder()
    await copyFile(join(folder, 'w.jsonl'), join(twin, 'w.jsonl'))
    const other = await open(undefined, twin)
    const compaction = await compact()
    await other.append(JOURNAL_COMPACTED, compaction)
    expect(journal.tip).toEqual(other.tip)
    await more('bxc')
    await more('bxc', other)
    expect(journal.tip).toEqual(other.tip)
    await reopen()
    expect([journal.tip, journal.compactions.shape, journal.compactions.open]).toEqual([
      other.tip,
      'compacted',
      null,
    ])
    expect(await seen()).toBe('a!bxc')
    await other.close()
  })

  test('is compacted again, the skips of the first time becoming part of the next', async () => {
    await write('xaxxb')
    await compact()
    await more('xxxcxx')
    const second = await compact()
    await reopen()
    expect(await seen()).toBe('abc!')
    expect(journal.compactions.latest).toEqual(second)
    const skips = (await text()).split('\n').filter((line) => line.includes('"from"'))
    expect(skips.map((line) => line.slice(0, line.indexOf(',"h"')))).toEqual([
      '{"n":2,"from":1',
      '{"n":5,"from":4',
      '{"n":10,"from":7',
      '{"n":13,"from":12',
    ])
  })

  test('is never compacted for an earlier time, where the clock was set back', async () => {
    const times: number[] = []
    const asked: BeginKeeping = (atMs) => {
      times.push(atMs)
      return keeping(atMs)
    }
    await write('xx')
    const { atMs } = await compact()
    const earlier = manualClock(atMs - 3_600_000)
    expect(
      (await propose(journal, journal.lastSeq, { ...means, keeping: asked, clock: earlier }))?.atMs,
    ).toBe(atMs)
    expect(times).toEqual([atMs])
  })

  test('is left as it is while less than half of it could go', async () => {
    await write('abcdefx')
    expect(await propose(journal, journal.lastSeq, means)).toBeNull()
    await more('x'.repeat(20))
    expect(await propose(journal, journal.lastSeq, means)).not.toBeNull()
  })

  test('takes records and is read while it is rewritten', async () => {
    await write('x'.repeat(700))
    const compaction = await propose(journal, journal.lastSeq, means)
    if (compaction === null) throw new Error('nothing to compact')
    await journal.append(JOURNAL_COMPACTED, compaction)
    const reader = journal.lines()[Symbol.asyncIterator]()
    expect((await reader.next()).value).toMatchObject({ n: 1 })
    const done = carryOut(journal, compaction, means)
    const appended = []
    for (let at = 0; at < 50; at += 1) appended.push(await journal.append('live', { id: 'a' }))
    await done
    appended.push(await journal.append('live', { id: 'b' }))
    // It began on the file as it was, and ends on it.
    let count = 1
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) count += 1
    expect(count).toBe(702)
    expect(appended.map(({ seq }) => seq)).toEqual(Array.from({ length: 51 }, (_, at) => 703 + at))
    expect(await seen()).toBe(`!${'a'.repeat(50)}b`)
    await reopen()
    expect(await seen()).toBe(`!${'a'.repeat(50)}b`)
    expect(await readdir(folder)).toEqual(['w.jsonl', 'w.jsonl.lock'])
  })
})

describe('a compaction that fails', () => {
  const disk = faultyDisk()
  beforeEach(async () => {
    await journal.close()
    journal = await open(disk)
    await write('axxxxbx')
  })
  afterEach(() => {
    disk.failWith(null)
    disk.failNames(null)
  })

  async function written(): Promise<Compaction> {
    const compaction = await propose(journal, journal.lastSeq, means)
    if (compaction === null) throw new Error('nothing to compact')
    await journal.append(JOURNAL_COMPACTED, compaction)
    return compaction
  }

  test.each<[string, () => void, RegExp]>([
    ['no room for the new file', () => disk.failWith('ENOSPC', 20), /ENOSPC/],
    ['the new file cannot take the place of the old', () => disk.failNames('rename'), /EIO/],
  ])('%s: all is as it was, records go on, and it is carried out later', async (_what, fail, code) => {
    const compaction = await written()
    const before = await text()
    fail()
    await expect(carryOut(journal, compaction, means)).rejects.toThrow(code)
    expect([await text(), await readdir(folder)]).toEqual([before, ['w.jsonl', 'w.jsonl.lock']])
    expect(journal.compactions.open).toEqual(compaction)
    disk.failWith(null)
    disk.failNames(null)
    await more('c')
    expect(await seen()).toBe('-axxxxbx!c')
    await carryOut(journal, compaction, means)
    expect([await seen(), journal.compactions.open]).toEqual(['ab!c', null])
  })

  test('its name is not durable: nothing more is promised until it is, for the old file may come back', async () => {
    const compaction = await written()
    disk.failNames('sync')
    await carryOut(journal, compaction, means)
    await expect(journal.append('live', { id: 'c' })).rejects.toMatchObject({ name: 'DiskUnavailable' })
    disk.failNames(null)
    await more('d')
    expect(await seen()).toBe('ab!d')
    await reopen()
    expect(await seen()).toBe('ab!d')
  })

  test('its process died before the new file had taken the place: what it left means nothing', async () => {
    await written()
    await writeFile(join(folder, 'w.jsonl.draft'), 'half a li')
    await reopen()
    expect([await seen(), journal.compactions.shape]).toEqual(['-axxxxbx!', 'whole'])
    expect(journal.compactions.open).not.toBeNull()
    expect(await readdir(folder)).toEqual(['w.jsonl', 'w.jsonl.lock'])
  })

  test('whoever asked for it does not want it any more: the file stays', async () => {
    await more('x'.repeat(100))
    const compaction = await written()
    const before = await text()
    await expect(carryOut(journal, compaction, { keeping, isGivenUp: () => true })).rejects.toThrow()
    expect([await text(), await readdir(folder)]).toEqual([before, ['w.jsonl', 'w.jsonl.lock']])
  })
})

describe('a copy', () => {
  let copy: Journal
  beforeEach(async () => {
    copy = await open(undefined, join(folder, 'copy'))
  })
  afterEach(() => copy.close())

  const take = async (upTo = Infinity): Promise<void> => {
    const lines: string[] = []
    for await (const line of journal.lines(copy.lastSeq + 1)) if (line.n <= upTo) lines.push(line.text)
    await copy.extend(lines)
  }
  const copied = (): Promise<string> => seen(1, copy)

  test('of the whole journal comes by itself to what the original was compacted to', async () => {
    await write('axxxxbx')
    await take()
    const compaction = await compact()
    await take()
    expect([copy.compactions.shape, await copied()]).toEqual(['whole', '-axxxxbx!'])
    await carryOut(copy, compaction, means)
    expect(await text(join(folder, 'copy'))).toBe(await text())
  })

  test('that begins with a compacted journal is the same as it', async () => {
    await write('axxxxbx')
    await compact()
    await take(3)
    expect([copy.lastSeq, copy.compactions.shape, await copied()]).toEqual([2, 'loose', 'a'])
    await take()
    expect([copy.compactions.shape, copy.compactions.open]).toEqual(['compacted', null])
    expect(await text(join(folder, 'copy'))).toBe(await text())
  })

  test('that was behind keeps what it had, goes on with what is left, and comes to the same', async () => {
    await write('axxxxbxc')
    await take(4)
    const compaction = await compact()
    await take()
    expect([await copied(), copy.tip]).toEqual(['-axxbc!', journal.tip])
    expect([copy.compactions.shape, copy.compactions.open]).toEqual(['loose', compaction])
    await settleLoose(copy, keeping)
    expect(await text(join(folder, 'copy'))).toBe(await text())
  })

  test('whose reasons are others stays whole; one that lacks records, and can be made to nothing that holds, is refused', async () => {
    const other: BeginKeeping = () => ({ note: () => undefined, keeps: () => true })
    await write('axxxxbxc')
    await take(4)
    const compaction = await compact()
    await take()
    await expect(carryOut(copy, compaction, { ...means, keeping: other })).rejects.toMatchObject({
      name: 'OtherHead',
    })
    expect(await copied()).toBe('-axxbc!')
    await expect(settleLoose(copy, other)).rejects.toMatchObject({ name: 'BrokenChain' })
  })

  test('that was not made to its end is put aside where its writer is there to send it again', async () => {
    await write('axxxxbx')
    await compact()
    await take(6)
    await copy.close()
    const at = { folder: join(folder, 'copy'), own: 'me', clock }
    const [departed] = await openCopies({ ...at, servers: [] })
    expect(departed?.lastSeq).toBe(6)
    await departed?.close()
    const [listed] = await openCopies({ ...at, servers: [{ id: 'w' }] })
    expect(listed?.lastSeq).toBe(0)
    await listed?.close()
    expect(await readdir(at.folder)).toContain('w.jsonl.incomplete')
    copy = await open(undefined, at.folder)
    await take()
    expect(await text(at.folder)).toBe(await text())
  })
})

describe('what a compaction cannot hide', () => {
  test.each<[string, (lines: string[]) => string[]]>([
    ['a kept record that was changed', (lines) => forged(lines, 1)],
    ['a kept record that was left out', (lines) => [joined(lines, 0, 2), ...lines.slice(3)]],
    ['everything, for one skip', (lines) => [skipOf(lines, lines.length - 1)]],
    ['the record of the compaction', (lines) => [...lines.slice(0, -2), skipOf(lines, lines.length - 1, 8)]],
  ])('%s', async (_what, bend) => {
    await write('axxxbx')
    await compact()
    await more('c')
    await journal.close()
    const lines = (await text()).trimEnd().split('\n')
    await writeFile(join(folder, 'w.jsonl'), `${bend(lines).join('\n')}\n`)
    journal = await open()
    // The chain holds: it is the compaction that says what has to be there.
    expect(journal.lastSeq).toBe(9)
    await expect(settleLoose(journal, keeping)).rejects.toThrow(/^w\.jsonl:\d: records are missing/)
  })

  const tailOf = (line: string): string => line.slice(-45, -2)
  const numberOf = (line = ''): number => Number(/^\{"n":(\d+)/.exec(line)?.[1])
  const skipOf = (lines: string[], last: number, from = 1): string =>
    skipLine(from, { n: numberOf(lines[last]), hash: tailOf(lines[last] ?? '') }).text
  const joined = (lines: string[], _from: number, to: number): string => skipOf(lines, to)

  /** Another content with a hash that follows from it; behind it comes a skip, which believes it. */
  function forged(lines: string[], at: number): string[] {
    const before = tailOf(lines[at - 1] ?? '')
    const body = (lines[at] ?? '').replace('"id":"a"', '"id":"z"')
    const open_ = body.slice(0, -51)
    const hash = createHash('sha256').update(`${before}${open_}}`).digest('base64url')
    return lines.toSpliced(at, 1, `${open_},"h":"${hash}"}`)
  }
})
