import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { type ChainedLine, type ChainTip, nextLine, skipLine } from '../../../src/kernel/chain-link.ts'
import {
  type Compaction,
  Compactions,
  HeadDigest,
  JOURNAL_COMPACTED,
} from '../../../src/kernel/compaction/compactions.ts'
import { Latest } from '../../../src/kernel/compaction/latest.ts'

const HASH = 'h'.repeat(43)

let compactions: Compactions
let tip: ChainTip
/** Whatever was taken, as a file would hold it. */
let taken: string[]
beforeEach(() => {
  compactions = new Compactions()
  tip = { n: 0, hash: 'w' }
  taken = []
})

function take(line: ChainedLine): void {
  compactions.take(line)
  taken.push(line.text)
  tip = line
}
const record = (type: string, data: object = {}): void =>
  take(nextLine(tip, JSON.stringify({ w: 'w', t: 1, e: type, d: data })))
const skip = (count: number): void => take(skipLine(tip.n + 1, { n: tip.n + count, hash: HASH }))
const digestOf = (lines: readonly string[]): string =>
  createHash('sha256')
    .update(lines.map((line) => `${line}\n`).join(''))
    .digest('base64url')

/** One of what was taken so far, unless told otherwise. */
const compaction = (bend: Partial<Compaction> = {}): Compaction => ({
  ...{ upTo: tip.n, hash: HASH, seen: tip.n, atMs: 1, digest: digestOf(taken), ...bend },
})
const looksLike = (): unknown => [compactions.shape, compactions.latest, compactions.open]

describe('what the lines of a journal say of its compactions', () => {
  test('of none: it is whole', () => {
    expect(looksLike()).toEqual(['whole', null, null])
    record('live')
    expect(looksLike()).toEqual(['whole', null, null])
  })

  test('of one that was written down and not carried out: it is open, and the later one of two counts', () => {
    record('live')
    const [first, second] = [compaction(), compaction({ digest: HASH })]
    // As it stands in journals that exist.
    record('journal.compacted', first)
    expect(looksLike()).toEqual(['whole', first, first])
    record(JOURNAL_COMPACTED, second)
    expect(looksLike()).toEqual(['whole', second, second])
  })

  test('of one that was carried out: what is left of the head is what it says', () => {
    skip(2)
    record('live')
    skip(1)
    const described = compaction()
    record('live')
    expect(looksLike()).toEqual(['loose', null, null])
    record(JOURNAL_COMPACTED, described)
    expect(looksLike()).toEqual(['compacted', described, null])
    record('live')
    const next = compaction()
    record(JOURNAL_COMPACTED, next)
    expect(looksLike()).toEqual(['compacted', next, next])
  })

  test('of records that are missing behind it: it is no longer what its compaction says', () => {
    skip(2)
    record(JOURNAL_COMPACTED, compaction())
    skip(1)
    expect(looksLike()).toMatchObject(['loose', { upTo: 2 }, null])
  })

  test.each<[what: string, bend: Partial<Compaction>]>([
    ['other lines', { digest: HASH }],
    ['more than is missing', { upTo: 3 }],
  ])('of one of %s: records are missing, and it is to be carried out first', (_what, bend) => {
    skip(2)
    const other = compaction(bend)
    record('live')
    record(JOURNAL_COMPACTED, other)
    expect(looksLike()).toEqual(['loose', other, other])
  })

  test('of one of less than is missing: nothing says what is', () => {
    skip(2)
    const other = compaction({ upTo: 1 })
    record(JOURNAL_COMPACTED, other)
    expect(looksLike()).toEqual(['loose', other, null])
  })

  test('of a copy that was behind: its head is not the one that was described, whatever it holds', () => {
    record('live')
    skip(2)
    const described = compaction()
    record(JOURNAL_COMPACTED, described)
    expect(looksLike()).toEqual(['loose', described, described])
  })

  test('once the file was rewritten it is as that compaction says, and open is only another one', () => {
    for (const type of ['dead', 'dead', 'live']) record(type)
    const done = compaction({ upTo: 2 })
    record(JOURNAL_COMPACTED, done)
    compactions.carriedOut(done)
    expect(looksLike()).toEqual(['compacted', done, null])
    record(JOURNAL_COMPACTED, { ...done, atMs: 2 })
    expect(looksLike()).toEqual(['compacted', { ...done, atMs: 2 }, null])
    const next = compaction({ upTo: 3 })
    record(JOURNAL_COMPACTED, next)
    expect(looksLike()).toEqual(['compacted', next, next])
    const earlier = compaction({ upTo: 1 })
    record(JOURNAL_COMPACTED, earlier)
    expect(looksLike()).toEqual(['compacted', earlier, null])
  })

  test('a file that was rewritten from a compacted head has no head of which more is missing', () => {
    skip(2)
    const done = compaction()
    compactions.carriedOut(done)
    skip(1)
    record(JOURNAL_COMPACTED, compaction())
    expect(compactions.shape).toBe('loose')
  })
})

describe('what is no record of a compaction', () => {
  test.each<[string, Record<string, unknown>]>([
    ['up to no record', { upTo: 0 }],
    ['up to half a record', { upTo: 1.5 }],
    ['that looked at none', { seen: 0 }],
    ['of no time', { atMs: 0 }],
    ['with a hash too short', { hash: HASH.slice(1) }],
    ['with a hash too long', { hash: `${HASH}h` }],
    ['with a hash of other letters', { hash: `${HASH.slice(1)}=` }],
    ['with a digest too short', { digest: HASH.slice(1) }],
    ['with a digest too long', { digest: `${HASH}h` }],
    ['with a digest of other letters', { digest: `=${HASH.slice(1)}` }],
    ['that says more', { more: 1 }],
  ])('one %s', (_what, bend) => {
    record('live')
    const whole = compaction()
    record(JOURNAL_COMPACTED, { ...whole, ...bend })
    expect(compactions.latest).toBeNull()
    record(JOURNAL_COMPACTED, whole)
    expect(compactions.latest).toEqual(whole)
  })

  test('another record that holds what one says', () => {
    record('live')
    record('live', { e: JOURNAL_COMPACTED, d: compaction() })
    expect(compactions.latest).toBeNull()
  })
})

test('the digest of a head is that of its lines, each with its newline, as far as it was told', () => {
  const digest = new HeadDigest()
  digest.add('one')
  const copy = digest.copy()
  digest.add('two')
  expect([digest.soFar(), digest.soFar(), copy.soFar()]).toEqual([
    ...[digestOf(['one', 'two']), digestOf(['one', 'two']), digestOf(['one'])],
  ])
})

describe('of several records of one key', () => {
  const entry = (seq: number) => ({ seq, writer: 'w', atMs: 1, type: 't', data: {}, hash: '' })
  const kept = (...noted: [seq: number, weight?: number][]): number[] => {
    const latest = new Latest()
    for (const [seq, weight] of noted) latest.note('key', entry(seq), weight)
    return noted.map(([seq]) => seq).filter((seq) => latest.keeps('key', entry(seq)))
  }

  test('the later one counts, and each that says more than all behind it', () => {
    expect(kept([1], [2], [3])).toEqual([3])
    expect(kept([1, 5], [2, 9], [3, 7], [4, 7])).toEqual([2, 4])
    expect(kept([1, 5], [2, 4], [3])).toEqual([1, 2, 3])
  })

  test('those of another key count for themselves, and of a key without one there is none', () => {
    const latest = new Latest()
    latest.note('key', entry(1))
    latest.note('other', entry(2))
    expect([latest.keeps('key', entry(1)), latest.keeps('other', entry(2))]).toEqual([true, true])
    expect([latest.keeps('other', entry(1)), latest.keeps('none', entry(1))]).toEqual([false, false])
  })
})
