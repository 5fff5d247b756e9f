import { BrokenChain } from '../broken-chain.ts'
import type { Journal, JournalEntry } from '../journal.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/contract.ts'
import { StoreUnavailable } from '../store/contract.ts'
import type { Peer } from './copying.ts'

export interface RestoreOptions {
  readonly journal: Journal
  readonly peers: readonly Peer[]
  readonly store: Pick<Store, 'mark'>
  readonly check: (entry: JournalEntry) => void
  readonly log: Log
}

/**
 * Before anything is written to it: fetches from the other servers what our own journal had and has no more, as after a
 * lost disk or a restored backup. A server that is away is not waited for.
 *
 * @throws BrokenChain when another server keeps another history of it; JournalLost
 */
export async function restoreJournal({ journal, peers, store, check, log }: RestoreOptions): Promise<void> {
  for (const peer of peers) {
    const before = journal.lastSeq
    for (let more = true; more; more = await fetchSome(journal, peer, check));
    const fetched = journal.lastSeq - before
    if (fetched > 0) log.warn({ event: 'journal.restored', peer: peer.id, from: before + 1, fetched })
  }
  if (journal.lastSeq > 0) return
  const mark = await markOf(store, journal.writer)
  if (mark > 0) throw new JournalLost(journal.writer, mark)
}

/** Whether there is more. */
async function fetchSome(
  journal: Journal,
  peer: Peer,
  check: (entry: JournalEntry) => void,
): Promise<boolean> {
  const answer = await peer.fetch({ writer: journal.writer, after: journal.tip })
  if (answer === null) return false
  if (answer.state === 'forked')
    throw new BrokenChain(journal.writer, journal.lastSeq, `${peer.id} keeps another history of this journal`)
  await journal.extend(answer.lines, check)
  return answer.more && answer.lines.length > 0
}

async function markOf(store: Pick<Store, 'mark'>, writer: string): Promise<number> {
  try {
    return (await store.mark(writer)) ?? 0
  } catch (error) {
    // It is found out by the projection as soon as the store answers.
    if (error instanceof StoreUnavailable) return 0
    throw error
  }
}

/** A journal is empty that was not. To begin it anew would be to forget what it said. */
export class JournalLost extends Error {
  override readonly name = 'JournalLost'

  constructor(writer: string, mark: number) {
    super(
      `The journal of ${writer} is empty, but the store knows ${mark} records of it, and no other server that answers ` +
        'keeps a copy. Restore the file, or start a server that keeps one.',
    )
  }
}
