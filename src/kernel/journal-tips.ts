import type { ChainTip } from './chain-link.ts'
import type { JournalReader } from './journal.ts'

/**
 * Whether a journal holds exactly this record. `unknown`: it holds what came of it, but a compaction left the record
 * itself out, so that nobody can tell any more.
 */
export async function passes(
  journal: Pick<JournalReader, 'writer' | 'lastSeq' | 'tip' | 'lines'>,
  { n, hash }: ChainTip,
): Promise<'yes' | 'no' | 'unknown'> {
  const at = n === journal.lastSeq ? journal.tip : await tipAt(journal, n)
  if (at === null) return 'no'
  if (at.n !== n) return 'unknown'
  return at.hash === hash ? 'yes' : 'no'
}

/** Where a journal stood after record `n`, or the next record of which that is known; `null`: it does not reach so far. */
async function tipAt(journal: Pick<JournalReader, 'writer' | 'lines'>, n: number): Promise<ChainTip | null> {
  if (n === 0) return { n, hash: journal.writer }
  for await (const line of journal.lines(n)) return { n: line.n, hash: line.hash }
  return null
}
