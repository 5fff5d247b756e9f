import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { carryOut, propose } from '../../../src/kernel/compaction/compactor.ts'
import { JOURNAL_COMPACTED } from '../../../src/kernel/compaction/compactions.ts'
import type { BeginKeeping } from '../../../src/kernel/compaction/keeping.ts'
import { passes } from '../../../src/kernel/journal-tips.ts'
import { type Journal, type JournalEntry, openJournal } from '../../../src/kernel/journal.ts'
import { reconcile } from '../../../src/kernel/reconcile.ts'
import { StoreUnavailable, type Write } from '../../../src/kernel/store/contract.ts'
import { EPOCH_KEY, markKey, tipKey } from '../../../src/kernel/store/keys.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'
import { FaultyStore } from '../../support/store/faulty-store.ts'

const clock = manualClock()
/** `x` is of no consequence; the rest is. */
const keeping: BeginKeeping = () => ({ note: () => undefined, keeps: ({ type }) => type !== 'x' })
const MARK = markKey('w')

let journal: Journal
let store: FaultyStore
beforeEach(async () => {
  journal = await openJournal({ folder: await scratchFolder(), writer: 'w', clock })
  store = new FaultyStore(clock)
})
afterEach(() => journal.close())

const write = (letters: string, into = journal): Promise<JournalEntry[]> =>
  Promise.all(Array.from(letters, (letter) => into.append(letter, {})))

async function compact(): Promise<void> {
  const compaction = await propose(journal, journal.lastSeq, { keeping, clock, isGivenUp: () => false })
  if (compaction === null) throw new Error('there is nothing to compact')
  await journal.append(JOURNAL_COMPACTED, compaction)
  await carryOut(journal, compaction, { keeping, isGivenUp: () => false })
}

const writesOf = ({ seq, type }: JournalEntry): readonly Write[] => [{ key: `said:${seq}`, value: type }]
const bringUpToDate = (bend: Partial<Parameters<typeof reconcile>[0]> = {}): ReturnType<typeof reconcile> =>
  reconcile({ journal, store, writesOf, floor: 0, isCopy: false, ...bend })
const said = (upTo: number): string =>
  Array.from({ length: upTo }, (_, index) => store.peek(`said:${index + 1}`) ?? '-').join('')

describe('whether a journal holds a record', () => {
  test('is known of each that is there, of its beginning, and of what lies behind its end', async () => {
    const [first, second, third] = await write('abc')
    for (const entry of [first, second, third])
      expect(await passes(journal, { n: entry?.seq ?? 0, hash: entry?.hash ?? '' })).toBe('yes')
    expect(await passes(journal, { n: 0, hash: 'w' })).toBe('yes')
    expect(await passes(journal, { n: 0, hash: 'v' })).toBe('no')
    expect(await passes(journal, { n: 2, hash: third?.hash ?? '' })).toBe('no')
    expect(await passes(journal, { n: 3, hash: second?.hash ?? '' })).toBe('no')
    expect(await passes(journal, { n: 4, hash: third?.hash ?? '' })).toBe('no')
  })

  test('is not known of one that was left out, unless it is the last of those', async () => {
    const [, first, last, kept] = await write('axxb')
    await compact()
    expect(await passes(journal, { n: 2, hash: first?.hash ?? '' })).toBe('unknown')
    expect(await passes(journal, { n: 3, hash: last?.hash ?? '' })).toBe('yes')
    expect(await passes(journal, { n: 3, hash: first?.hash ?? '' })).toBe('no')
    expect(await passes(journal, { n: 4, hash: kept?.hash ?? '' })).toBe('yes')
  })
})

describe('a store is brought up to date', () => {
  test('from its mark on, and nothing is said twice', async () => {
    const [, second] = await write('abcd')
    for (const [key, value] of [
      [MARK, '2'],
      [tipKey('w'), second?.hash ?? ''],
    ] as const)
      store.poke(key, value)
    expect(await bringUpToDate()).toEqual({ mark: 4, replayed: 2 })
    expect(said(4)).toBe('--cd')
    expect([store.peek(MARK), store.peek(tipKey('w'))]).toEqual(['4', journal.tip.hash])
    expect(await bringUpToDate()).toEqual({ mark: 4, replayed: 0 })
  })

  test.each<[count: number, steps: (readonly [from: number, to: number])[]]>([
    [0, []],
    [511, [[1, 511]]],
    [512, [[1, 512]]],
    [
      1_025,
      [
        [1, 512],
        [513, 1_024],
        [1_025, 1_025],
      ],
    ],
  ])('with %i records, in steps of 512', async (count, steps) => {
    await write('a'.repeat(count))
    const calls = vi.spyOn(store, 'project')
    expect(await bringUpToDate()).toEqual({ mark: count, replayed: count })
    expect(calls.mock.calls.map(([, to, , from]) => [from, to])).toEqual(steps)
    expect(said(count)).toBe('a'.repeat(count))
  })

  test('also past records that were left out at the end of a copy', async () => {
    await write('axxb')
    await compact()
    const copy = await openJournal({ folder: await scratchFolder(), writer: 'w', clock })
    const lines: string[] = []
    for await (const line of journal.lines()) if (line.n <= 3) lines.push(line.text)
    await copy.extend(lines)
    expect(await bringUpToDate({ journal: copy, isCopy: true })).toEqual({ mark: 3, replayed: 1 })
    expect([store.peek(MARK), store.peek(tipKey('w'))]).toEqual(['3', copy.tip.hash])
    await copy.close()
  })

  test('from the beginning, when the record at its mark was left out since', async () => {
    const [, left] = await write('axxb')
    store.poke(MARK, '2')
    store.poke(tipKey('w'), left?.hash ?? '')
    await compact()
    expect(await bringUpToDate()).toEqual({ mark: 5, replayed: 3 })
    expect(said(4)).toBe('a--b')
    expect(store.peek(MARK)).toBe('5')
  })

  test('not beside one that loses it again meanwhile; with one that had it from another server', async () => {
    await write('a'.repeat(600))
    const inTheMiddle = (happens: () => void) => (entry: JournalEntry) => {
      if (entry.seq === 600) happens()
      return writesOf(entry)
    }
    await expect(bringUpToDate({ writesOf: inTheMiddle(() => store.flush()) })).rejects.toEqual(
      new StoreUnavailable('the store is not where the replay left it'),
    )
    store.flush()
    const elsewhere = inTheMiddle(() => store.poke(MARK, '600'))
    expect(await bringUpToDate({ writesOf: elsewhere })).toEqual({ mark: 600, replayed: 600 })
  })
})

describe('a store and a journal that do not belong together', () => {
  test.each<[string, string, string | null]>([
    ['another record stands at the mark', '2', 'h'.repeat(43)],
    ['nothing says what stands there', '2', null],
    ['the mark lies behind the end', '9', 'h'.repeat(43)],
  ])('%s: nothing is believed, and nothing changed', async (_what, mark, tip) => {
    await write('abc')
    store.poke(MARK, mark)
    store.poke(EPOCH_KEY, 'before')
    if (tip !== null) store.poke(tipKey('w'), tip)
    expect(await bringUpToDate({ floor: 100 })).toBe('journal_lacks')
    expect([store.peek(MARK), store.peek(EPOCH_KEY), said(3)]).toEqual([mark, 'before', '---'])
  })

  test('a copy may lie behind the store; one of which nobody knows anything is told apart', async () => {
    expect(await bringUpToDate({ isCopy: true })).toBe('nothing_known')
    expect(store.peek(EPOCH_KEY)).toBeNull()
    expect(await bringUpToDate()).toEqual({ mark: 0, replayed: 0 })
    store.poke(MARK, '9')
    expect(await bringUpToDate({ isCopy: true })).toEqual({ mark: 0, replayed: 0 })
    await write('abc')
    expect(await bringUpToDate({ isCopy: true })).toEqual({ mark: 3, replayed: 0 })
    expect([store.peek(MARK), said(3)]).toEqual(['9', '---'])
    store.flush()
    expect(await bringUpToDate({ isCopy: true })).toEqual({ mark: 3, replayed: 3 })
  })

  test('of a copy as long as the store says, the last record is compared', async () => {
    await write('abc')
    store.poke(MARK, '3')
    store.poke(tipKey('w'), 'h'.repeat(43))
    expect(await bringUpToDate({ isCopy: true })).toBe('journal_lacks')
  })
})

describe('the epoch of a store', () => {
  const epochAfter = async (floor: number, isCopy = false): Promise<string | null> => {
    await bringUpToDate({ floor, isCopy })
    return store.peek(EPOCH_KEY)
  }

  test('is made where there is none, and stays while the store has lost nothing', async () => {
    await write('ab')
    const made = await epochAfter(0)
    expect(made).toMatch(/^[\w-]{22}$/)
    await write('c')
    expect([await epochAfter(2), await epochAfter(3)]).toEqual([made, made])
  })

  test('is another one when the store says less than it did, also where the copy is behind it', async () => {
    await write('abc')
    const made = await epochAfter(0)
    const next = await epochAfter(4)
    expect(next).toMatch(/^[\w-]{22}$/)
    expect(next).not.toBe(made)
    store.poke(MARK, '5')
    expect(await epochAfter(5, true)).toBe(next)
    expect(await epochAfter(6, true)).not.toBe(next)
  })
})
