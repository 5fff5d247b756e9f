import type { JournalEntry } from '../journal.ts'

/**
 * Which records of one journal are still of consequence at a time. It knows nothing but them: another server's journal may
 * say more of the same thing, and does so in any case. What is left out must make no difference then or at any later time,
 * whatever is recorded afterwards; what is kept may be of no use.
 */
export interface Keeping {
  /** Told every record first, in order. */
  note(entry: JournalEntry): void
  keeps(entry: JournalEntry): boolean
}

/** @param atMs milliseconds since the Unix epoch; never less than at the compaction before */
export type BeginKeeping = (atMs: number) => Keeping
