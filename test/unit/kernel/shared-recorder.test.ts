import { copyFile, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openJournal } from '../../../src/kernel/journal.ts'
import { linesAfter } from '../../../src/kernel/peers/copying.ts'
import { mergedEntries } from '../../../src/kernel/peers/merged-entries.ts'
import { JournalLost } from '../../../src/kernel/peers/restore-journal.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { EPOCH_KEY } from '../../../src/kernel/store/keys.ts'
import { manualClock } from '../../support/clock.ts'
import { FaultyStore } from '../../support/store/faulty-store.ts'
import { scratchFolder } from '../../support/folder.ts'
import { surviveLosses } from '../../support/store/loss-model.ts'
import { Circle, type Member } from '../../support/store/recorder-circle.ts'

const SOON = { interval: 5, timeout: 15_000 }
let circle: Circle
let one: Member
let two: Member

async function aCircle(ids?: string[]): Promise<void> {
  circle = new Circle(await scratchFolder(), new FaultyStore(manualClock()), ids)
  ;[one, two] = circle.members as [Member, Member]
}
beforeEach(() => aCircle())
afterEach(() => circle.stop())

const file = (at: Member, writer: string): string => join(at.folder, `${writer}.jsonl`)
const text = (at: Member, writer: string): Promise<string> => readFile(file(at, writer), 'utf8')
const primed = (member: Member): Promise<void> =>
  expect.poll(() => member.recorder?.unprimedReasons(), SOON).toEqual([])
const ALL = { have: 2, of: 2 }

/** Every server is up, and has heard of every other. */
async function together(): Promise<void> {
  await circle.start()
  for (const member of circle.members) {
    await primed(member)
    const of = circle.members.length
    await expect
      .poll(async () => (await member.record('greeting', '')).servers, SOON)
      .toEqual({ have: of, of })
  }
}
const revoked = (member: Member, writer: string): unknown[] =>
  member.folded
    .filter((entry) => entry.type === 'revoked' && entry.writer === writer)
    .map(({ data }) => data['id'])

describe('servers that copy each other’s journals', () => {
  test('a record is on every disk and in every state before it is called so', async () => {
    await together()
    expect(await one.revoke('a')).toMatchObject({ projected: true, servers: ALL })
    expect(await text(two, 'one')).toBe(await text(one, 'one'))
    expect(revoked(two, 'one')).toEqual(['a'])
    expect(await Promise.all([one.isRevoked('a'), two.isRevoked('a'), two.isRevoked('b')])).toEqual([
      true,
      true,
      false,
    ])
  })

  test('until each listed server has been up once, nobody decides', async () => {
    await one.start()
    const none = 'two: no record of this journal has arrived yet, and the store knows none'
    expect(one.recorder?.unprimedReasons()).toEqual([none])
    expect(await one.isRevoked('a')).toBeNull()
    expect(one.recorder?.requiredMarks()).toEqual([
      { writer: 'one', atLeast: 1 },
      { writer: 'two', atLeast: Infinity },
    ])
    await two.start()
    await Promise.all([primed(one), primed(two)])
    expect(await one.isRevoked('a')).toBe(false)
  })

  test('one that is away is not waited for, and catches up when it is back', async () => {
    await together()
    await two.stop()
    for (const id of ['a', 'b', 'c'])
      expect(await one.revoke(id)).toMatchObject({ projected: true, servers: { have: 1, of: 2 } })
    await two.start()
    await expect.poll(async () => (await one.revoke('d')).servers, SOON).toEqual(ALL)
    expect(await text(two, 'one')).toBe(await text(one, 'one'))
    expect(revoked(two, 'one').slice(0, 4)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('what the store lost, whoever has a copy gives it back, under another epoch', async () => {
    await together()
    const before = circle.store.snapshot()
    await one.revoke('a')
    const epoch = await circle.store.get(EPOCH_KEY)
    await one.stop()
    circle.store.restore(before)
    expect(await two.isRevoked('a')).toBeNull()
    await primed(two)
    expect(await two.isRevoked('a')).toBe(true)
    expect(await circle.store.get(EPOCH_KEY)).not.toBe(epoch)
    circle.store.flush()
    await expect(two.recorder?.readProjected([])).rejects.toBeInstanceOf(StoreUnavailable)
    await primed(two)
    expect(await two.isRevoked('a')).toBe(true)
  })

  test('a silent store keeps no copy from being made; both ask for it afterwards', async () => {
    await together()
    circle.store.mood = 'down'
    expect(await one.revoke('a')).toMatchObject({ projected: false, servers: ALL })
    expect([await one.isRevoked('a'), await two.isRevoked('a')]).toEqual([null, null])
    circle.store.mood = 'well'
    await Promise.all([primed(one), primed(two)])
    expect([await one.isRevoked('a'), await two.isRevoked('a')]).toEqual([true, true])
  })

  test('a store that knows more than the copy is believed, and what is not here is not called unknown', async () => {
    await together()
    expect(await two.recorder?.isWhole()).toBe(true)
    circle.cut.add('one-two')
    await one.revoke('a')
    expect(await two.isRevoked('a')).toBe(true)
    expect(await two.recorder?.isWhole()).toBe(false)
    circle.cut.clear()
    await expect.poll(() => two.recorder?.isWhole(), SOON).toBe(true)
  })

  test('three of them: a record counts where it is', async () => {
    await circle.stop()
    await aCircle(['one', 'two', 'three'])
    await together()
    circle.cut.add('one-three')
    await expect.poll(async () => (await one.revoke('a')).servers, SOON).toEqual({ have: 2, of: 3 })
    expect((await two.revoke('b')).servers).toEqual({ have: 3, of: 3 })
  })
})

describe('a journal that is compacted', () => {
  const isCompacted = (member: Member, writer = 'one'): Promise<void> =>
    expect.poll(() => text(member, writer), SOON).toMatch(/^\{"n":\d+,"from":1,"h":/)
  const greetings = async (member: Member, writer = 'one'): Promise<number> =>
    (await text(member, writer)).match(/"greeting"/g)?.length ?? 0
  const greet = async (member: Member, times: number): Promise<void> => {
    for (let at = 0; at < times; at += 1) await member.record('greeting', '')
  }

  beforeEach(async () => {
    circle.compaction = { minBytes: 1, everyMs: 2 }
    await together()
    for (const id of ['a', 'b']) await one.revoke(id)
    await greet(one, 12)
  })

  test('is compacted at every server, which hold the same of it', async () => {
    await isCompacted(one)
    // Both are read anew each time: what is compacted goes on being compacted.
    await expect.poll(async () => (await text(two, 'one')) === (await text(one, 'one')), SOON).toBe(true)
    await circle.stop()
    await circle.start()
    await Promise.all([primed(one), primed(two)])
    expect([revoked(one, 'one'), revoked(two, 'one')]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    circle.store.flush()
    await expect.poll(() => two.isRevoked('b'), SOON).toBe(true)
  })

  test('not before every listed server has what is left out', async () => {
    await isCompacted(one)
    circle.cut.add('one-two')
    await greet(one, 40)
    await greet(two, 40)
    // The other one's own is compacted meanwhile.
    await expect.poll(() => greetings(two, 'two'), SOON).toBeLessThan(20)
    expect(await greetings(one)).toBeGreaterThanOrEqual(40)
    circle.cut.clear()
    await expect.poll(() => greetings(one), SOON).toBeLessThan(20)
  })

  test('is fetched as it is by a server that lost its disk, and copied to one that lost its copy', async () => {
    await isCompacted(one)
    await isCompacted(two)
    await one.stop()
    await rm(file(one, 'one'))
    await one.start()
    await primed(one)
    expect(revoked(one, 'one')).toEqual(['a', 'b'])
    await two.stop()
    await rm(file(two, 'one'))
    await two.start()
    await isCompacted(two)
    await expect.poll(() => revoked(two, 'one'), SOON).toEqual(['a', 'b'])
  })

  test('a store that was rolled back to a record that was left out since is given all again', async () => {
    circle.compaction = { minBytes: Infinity, everyMs: 1 }
    await circle.stop()
    await circle.start()
    await Promise.all([primed(one), primed(two)])
    await greet(one, 2)
    const before = circle.store.snapshot()
    await greet(one, 20)
    await one.revoke('c')
    await greet(one, 20)
    circle.compaction = { minBytes: 1, everyMs: 2 }
    await circle.stop()
    await circle.start()
    await expect.poll(() => greetings(one), SOON).toBeLessThan(20)
    circle.store.restore(before)
    await circle.store.remove('revoked:a')
    await expect.poll(() => one.isRevoked('c'), SOON).toBe(true)
    expect([await one.isRevoked('a'), await two.isRevoked('a')]).toEqual([true, true])
  })
})

describe('a journal that was lost or changed', () => {
  beforeEach(async () => {
    await together()
    for (const id of ['a', 'b', 'c']) await one.revoke(id)
    await one.stop()
  })

  test.each(['lost', 'an older one'])('%s: it is fetched before anything is written', async (how) => {
    const before = await text(one, 'one')
    await rm(file(one, 'one'))
    if (how !== 'lost') {
      const older = await openJournal({ folder: one.folder, writer: 'one', clock: manualClock() })
      await older.extend(before.split('\n').slice(0, 2))
      await older.close()
    }
    await one.start()
    expect(await text(one, 'one')).toBe(before)
    expect(revoked(one, 'one')).toEqual(['a', 'b', 'c'])
    await primed(one)
    await expect.poll(async () => (await one.revoke('d')).servers, SOON).toEqual(ALL)
  })

  test('lost, and nobody there who keeps it: it is not begun anew over a store that knows of it', async () => {
    await two.stop()
    await rm(file(one, 'one'))
    await expect(one.start()).rejects.toBeInstanceOf(JournalLost)
    circle.store.mood = 'down'
    // Nobody knows; what it writes now nobody takes over.
    await one.start()
    circle.store.mood = 'well'
    const why = 'the store holds records that this journal lacks: restore the journal, or empty the store'
    await expect.poll(() => one.recorder?.unprimedReasons(), SOON).toEqual([why])
    await two.start()
    const disputed = /^two keeps (another history|records) of this journal/
    await expect.poll(() => one.recorder?.unprimedReasons().at(-1), SOON).toMatch(disputed)
    expect(one.recorder?.requiredMarks()[0]).toEqual({ writer: 'one', atLeast: Infinity })
    expect((await one.revoke('e')).servers).toEqual({ have: 1, of: 2 })
    expect(await two.isRevoked('c')).toBe(true)
  })

  test('an older one that went on by itself: its server does not start beside one that knows better', async () => {
    const before = await text(one, 'one')
    await rm(file(one, 'one'))
    const older = await openJournal({ folder: one.folder, writer: 'one', clock: manualClock() })
    await older.extend(before.split('\n').slice(0, 2))
    await older.append('revoked', { id: 'z' })
    await older.close()
    await expect(one.start()).rejects.toThrow('two keeps another history of this journal')
    expect(await text(two, 'one')).toBe(before)
  })

  test('a copy that was lost is made again', async () => {
    await two.stop()
    await rm(file(two, 'one'))
    await circle.start()
    await expect.poll(async () => (await text(two, 'one')) === (await text(one, 'one')), SOON).toBe(true)
  })

  test('a record of a version that a peer does not know is not kept there, and told here', async () => {
    await one.start()
    await one.record('unheard', 'x')
    await expect
      .poll(() => one.recorder?.notes(), SOON)
      .toEqual(['two cannot read this journal: is it an older version?'])
    expect(two.recorder?.notes()).toEqual(['refused: one sends records that this version does not know'])
    expect((await one.revoke('d')).servers).toEqual({ have: 1, of: 2 })
    // It is nobody's fault here, so both go on.
    expect([await one.isRevoked('d'), await two.isRevoked('d')]).toEqual([true, true])
    await two.stop()
    await two.start()
  })
})

test('any interleaving of restarts, losses of the store and cut lines: enforced stays enforced', async () => {
  expect(await surviveLosses({ runs: 12, steps: 30 })).toBeGreaterThan(12)
}, 120_000)

test('the same while all journals are compacted whenever that can be', async () => {
  expect(await surviveLosses({ runs: 8, steps: 30, isCompacting: true })).toBeGreaterThan(8)
}, 120_000)

describe('copying', () => {
  test('goes in parts that fit a message, one record at least', async () => {
    const journal = await openJournal({ folder: circle.folder, writer: 'w', clock: manualClock() })
    const big = 'x'.repeat(100_000)
    for (const id of [big, big, big]) await journal.append('a', { id })
    for (let at = 0; at < 300; at += 1) await journal.append('a', { at })
    const sizes: number[] = []
    for (let seq = 0; seq < journal.lastSeq; seq += sizes.at(-1) ?? 0)
      sizes.push((await linesAfter(journal, seq)).length)
    expect(sizes).toEqual([1, 1, 247, 54].map((_, at) => sizes[at]))
    expect(sizes.every((size) => size >= 1 && size <= 256)).toBe(true)
    expect(sizes.slice(0, 2)).toEqual([1, 1])
    expect(await linesAfter(journal, 0, 0)).toEqual([])
    await journal.close()
  })

  test('nothing is taken over of lines that break the chain, name another writer, or are two in one', async () => {
    const source = await openJournal({ folder: join(circle.folder, 'a'), writer: 'w', clock: manualClock() })
    for (const id of [1, 2, 3]) await source.append('a', { id })
    await source.close()
    const lines = (await readFile(join(circle.folder, 'a', 'w.jsonl'), 'utf8')).split('\n').slice(0, 3)
    const copy = await openJournal({ folder: join(circle.folder, 'b'), writer: 'w', clock: manualClock() })
    const [first = '', second = '', third = ''] = lines
    for (const wrong of [
      [second],
      [first, third],
      [first, second.replace('"id":2', '"id":9')],
      [first.replace('"w":"w"', '"w":"v"')],
      [`${first}\n${second}`],
      ['{}'],
      ['not json'],
    ])
      await expect(copy.extend(wrong)).rejects.toThrow()
    expect(copy.lastSeq).toBe(0)
    expect((await copy.extend(lines)).map(({ data }) => data)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    await copy.close()
    await copyFile(join(circle.folder, 'b', 'w.jsonl'), join(circle.folder, 'copied'))
    expect(await readFile(join(circle.folder, 'copied'), 'utf8')).toBe(`${lines.join('\n')}\n`)
  })

  test('several journals are read in the order of writing, each in its own', async () => {
    const journals = await Promise.all(
      [[10, 30, 20], [15, 25], []].map(async (times, at) => {
        const clock = manualClock()
        const journal = await openJournal({ folder: circle.folder, writer: `w${at}`, clock })
        for (const atMs of times) {
          clock.setWall(atMs)
          await journal.append('a', {})
        }
        return journal
      }),
    )
    const seen: number[] = []
    for await (const { atMs } of mergedEntries(journals)) seen.push(atMs)
    expect(seen).toEqual([10, 15, 25, 30, 20])
    for (const journal of journals) await journal.close()
  })
})
