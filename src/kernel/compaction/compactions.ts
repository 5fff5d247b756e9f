import { createHash, type Hash } from 'node:crypto'
import { z } from 'zod'
import type { ChainedLine } from '../chain-link.ts'

/** Type of the record by which a journal says how it was compacted. It belongs to the journal and means nothing to its domain. */
export const JOURNAL_COMPACTED = 'journal.compacted'

/**
 * A compaction, written down before it is carried out: which records were looked at, by what time, and what was left of
 * them. Whoever holds all of them comes to the same, so a copy is compacted where it lies; and since the record is a part
 * of the chain, what was left cannot be changed unseen.
 */
const compactionRecord = z.strictObject({
  /** Number and hash of the last record that is left out: behind it the journal is whole. */
  upTo: z.int().positive(),
  hash: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  /** Last record that was looked at: one may be without consequence because of a later one. */
  seen: z.int().positive(),
  /** The time for which it was decided what is of consequence, in milliseconds. */
  atMs: z.int().positive(),
  /** base64url(SHA-256) of the lines up to `upTo` as they stand in the compacted file, each with its newline. */
  digest: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
})
export type Compaction = z.infer<typeof compactionRecord>

/** Digest of the lines at the head of a compacted file. */
export class HeadDigest {
  readonly #hash: Hash

  constructor(hash: Hash = createHash('sha256')) {
    this.#hash = hash
  }

  add(text: string): void {
    this.#hash.update(text).update('\n')
  }

  /** Of what was added so far. */
  soFar(): string {
    return this.#hash.copy().digest('base64url')
  }

  copy(): HeadDigest {
    return new HeadDigest(this.#hash.copy())
  }
}

/**
 * `whole`: every record is there. `compacted`: what is left is what a record in it says was left. `loose`: it lacks records
 * by no such record, as a copy that was behind and went on with what a compacted journal still had.
 */
export type Shape = 'whole' | 'compacted' | 'loose'

/** What a journal's lines say of its compactions: told each of them, in order. */
export class Compactions {
  /** Only a compacted file begins with a skip. */
  #head: HeadDigest | null | undefined
  #lastSkip: { readonly n: number; readonly head: HeadDigest | null } | null = null
  #carriedOut: Compaction | null = null
  #latest: Compaction | null = null

  get shape(): Shape {
    if (this.#lastSkip === null) return 'whole'
    return this.#carriedOut === null ? 'loose' : 'compacted'
  }

  get latest(): Compaction | null {
    return this.#latest
  }

  /** Written down, and not carried out here: its process died over it, or this is a copy. */
  get open(): Compaction | null {
    if (this.#latest === null || this.#latest.digest === this.#carriedOut?.digest) return null
    return this.#latest.upTo >= (this.#lastSkip?.n ?? 0) ? this.#latest : null
  }

  take(line: ChainedLine): void {
    if (this.#head === undefined) this.#head = line.skipsFrom === undefined ? null : new HeadDigest()
    this.#head?.add(line.text)
    if (line.skipsFrom !== undefined) {
      this.#lastSkip = { n: line.n, head: this.#head?.copy() ?? null }
      this.#carriedOut = null
    } else if (line.text.includes(MARK)) {
      this.#note(line.text)
    }
  }

  /** The file was rewritten by it. */
  carriedOut(compaction: Compaction): void {
    this.#lastSkip = { n: compaction.upTo, head: null }
    this.#carriedOut = compaction
    // What follows is behind the head.
    this.#head = null
  }

  #note(text: string): void {
    const found = lineOfCompaction.safeParse(JSON.parse(text))
    if (!found.success) return
    this.#latest = found.data.d
    const { upTo, digest } = this.#latest
    if (this.#lastSkip?.n === upTo && this.#lastSkip.head?.soFar() === digest) this.#carriedOut = this.#latest
  }
}

const MARK = `"e":"${JOURNAL_COMPACTED}"`
const lineOfCompaction = z.object({ e: z.literal(JOURNAL_COMPACTED), d: compactionRecord })
