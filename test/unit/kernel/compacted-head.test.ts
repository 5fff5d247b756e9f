import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nextLine, skipLine } from '../../../src/kernel/chain-link.ts'
import {
  describedHead,
  digestOf,
  GivenUp,
  headLines,
  OtherHead,
  weigh,
  type Weighed,
} from '../../../src/kernel/compaction/compacted-head.ts'
import { carryOut, propose } from '../../../src/kernel/compaction/compactor.ts'
import { HeadDigest, JOURNAL_COMPACTED } from '../../../src/kernel/compaction/compactions.ts'
import type { BeginKeeping, Keeping } from '../../../src/kernel/compaction/keeping.ts'
import { type Journal, type JournalEntry, openJournal } from '../../../src/kernel/journal.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'

const clock = manualClock()
const isGivenUp = (): boolean => false

let folder: string
let journal: Journal
let noted: string[]
let keeping: Keeping
beforeEach(async () => {
  folder = await scratchFolder()
  journal = await openJournal({ folder, writer: 'w', clock })
  noted = []
  // `x` is of no consequence, nor is what was not noted.
  keeping = {
    note: ({ type }) => void noted.push(type),
    keeps: ({ type }) => type !== 'x' && noted.includes(type),
  }
})
afterEach(() => journal.close())

const write = (letters: string): Promise<JournalEntry[]> =>
  Promise.all(Array.from(letters, (letter) => journal.append(letter, {})))
async function texts(): Promise<string[]> {
  const found: string[] = []
  for await (const { text } of journal.lines()) found.push(text)
  return found
}
async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const text of lines) found.push(text)
  return found
}
const lengthOf = (lines: readonly string[]): number => lines.join('').length

async function compact(): Promise<void> {
  const begin: BeginKeeping = () => ({ note: () => undefined, keeps: ({ type }) => type !== 'x' })
  const compaction = await propose(journal, journal.lastSeq, { keeping: begin, clock, isGivenUp })
  if (compaction === null) throw new Error('there is nothing to compact')
  await journal.append(JOURNAL_COMPACTED, compaction)
  await carryOut(journal, compaction, { keeping: begin, isGivenUp })
}

describe('what a compaction would leave out', () => {
  test('is weighed up to the last record that is looked at, and nothing behind it', async () => {
    const entries = await write('axbxcx')
    const lines = await texts()
    const dead = { n: 4, hash: entries[3]?.hash }
    for (const seen of [4, 5])
      expect(await weigh(journal, { seen, keeping, isGivenUp })).toEqual({
        ...{ lastDead: dead, bytes: lengthOf(lines.slice(0, seen)) },
        deadBytes: lengthOf([lines[1] ?? '', lines[3] ?? '']),
      })
    expect(noted.join('')).toBe('axbxaxbxc')
  })

  test('may be nothing', async () => {
    await write('abc')
    const bytes = lengthOf(await texts())
    expect(await weigh(journal, { seen: 3, keeping, isGivenUp })).toEqual({
      ...{ lastDead: null, bytes, deadBytes: 0 },
    })
  })

  test('is noted whole before any of it is asked about', async () => {
    await write('abx')
    const asked: string[] = []
    await weigh(journal, {
      ...{ seen: 3, isGivenUp },
      keeping: {
        note: (entry) => keeping.note(entry),
        keeps: ({ type }) => asked.push(`${type} after ${noted.length}`) > 0,
      },
    })
    expect(asked).toEqual(['a after 3', 'b after 3', 'x after 3'])
  })

  test('holds what was left out before, which weighs nothing, and what belongs to the journal itself', async () => {
    await write('axxb')
    await compact()
    await write('c')
    const lines = await texts()
    const weighed = await weigh(journal, { seen: journal.lastSeq, keeping, isGivenUp })
    expect(noted.join('')).toBe('abc')
    expect(weighed).toMatchObject({ bytes: lengthOf(lines), deadBytes: lengthOf([lines[3] ?? '']) })
    expect(weighed.lastDead?.n).toBe(5)
    expect(await weigh(journal, { seen: 4, keeping, isGivenUp })).toMatchObject({
      ...{ lastDead: { n: 3 }, deadBytes: 0 },
    })
  })
})

describe('the head of a compacted journal', () => {
  const head = (upTo: number): Promise<string[]> => all(headLines(journal, { upTo, keeping, isGivenUp }))
  beforeEach(() => void noted.push('a', 'b'))

  test('has one skip for each run that is left out, also at its end', async () => {
    const hashes = (await write('xaxxxbx')).map(({ hash }) => hash)
    const lines = await texts()
    const skips = [
      [1, 1],
      [3, 5],
      [7, 7],
    ].map(([from = 0, n = 0]) => skipLine(from, { n, hash: hashes[n - 1] ?? '' }).text)
    expect(await head(7)).toEqual([skips[0], lines[1], skips[1], lines[5], skips[2]])
    expect(await head(6)).toEqual([skips[0], lines[1], skips[1], lines[5]])
    expect(await head(4)).toEqual([
      ...[skips[0], lines[1], skipLine(3, { n: 4, hash: hashes[3] ?? '' }).text],
    ])
  })

  test('joins what was left out before to what is now', async () => {
    await write('axxbx')
    await compact()
    noted.splice(0, noted.length, 'a')
    const lines = await texts()
    // The record of the former compaction is said again by this one.
    expect(await head(journal.lastSeq)).toEqual([lines[0], skipLine(2, journal.tip).text])
  })

  test('is the one that was described, or else the last word is that it is not', async () => {
    await write('xab')
    const times: number[] = []
    const begin = (atMs: number): Keeping => {
      times.push(atMs)
      return keeping
    }
    const digest = new HeadDigest()
    for (const text of await head(2)) digest.add(text)
    const described = { upTo: 2, seen: 2, hash: '', atMs: 7, digest: digest.soFar() }
    const of = (bend: object): Promise<string[]> =>
      all(describedHead(journal, { ...described, ...bend }, { keeping: begin, isGivenUp }))
    expect(await digestOf(headLines(journal, { upTo: 2, keeping, isGivenUp }))).toBe(digest.soFar())
    noted.splice(0)
    expect(await of({})).toHaveLength(2)
    expect([times, noted]).toEqual([[7], ['x', 'a']])
    const other = await of({ digest: 'other' }).catch((error: unknown) => error)
    expect(other).toBeInstanceOf(OtherHead)
    expect(other).toMatchObject({ name: 'OtherHead' })
  })
})

describe('whoever has to end', () => {
  test('is asked every 32 lines, and then it is given up', async () => {
    await write('a'.repeat(31))
    const weighing = (given: () => boolean): Promise<Weighed> =>
      weigh(journal, { seen: journal.lastSeq, keeping, isGivenUp: given })
    await expect(weighing(() => true)).resolves.toMatchObject({ lastDead: null })
    await write('a')
    const error = await weighing(() => true).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(GivenUp)
    expect(error).toMatchObject({ name: 'GivenUp' })
    await write('a'.repeat(68))
    let asked = 0
    await weighing(() => {
      asked += 1
      return false
    })
    // Once to note them, and once to weigh them.
    expect(asked).toBe(6)
  })
})

test('a line that is no record of a journal is left out of none', async () => {
  await journal.close()
  const path = join(folder, 'w.jsonl')
  await writeFile(path, `${nextLine({ n: 0, hash: 'w' }, '{"w":"w"}').text}\n`)
  journal = await openJournal({ folder, writer: 'w', clock })
  await expect(weigh(journal, { seen: 1, keeping, isGivenUp })).rejects.toThrow(
    'a journal that was open holds a line that is no record',
  )
})
