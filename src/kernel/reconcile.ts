import type { JournalEntry, JournalReader } from './journal.ts'
import { randomId } from './random.ts'
import { type Projected, type Store, StoreUnavailable, type Write } from './store/contract.ts'
import { EPOCH_KEY, markKey, tipKey } from './store/keys.ts'

export interface Projection {
  readonly journal: JournalReader
  readonly store: Store
  readonly writesOf: (entry: JournalEntry) => readonly Write[]
}

export interface Primed {
  /** The store's mark now: every record of the journal up to it is projected. */
  readonly mark: number
  readonly replayed: number
}

/** Records that are sent to the store at once. */
export const CHUNK_RECORDS = 128

/** The same in a replay, when nobody waits for an answer about one of them. */
const REPLAYED_RECORDS = 512

/**
 * Projects records that follow each other in one step, together with the hash of the last.
 *
 * @param entries at least one
 */
export async function project(
  { store, writesOf }: Projection,
  entries: readonly JournalEntry[],
): Promise<Projected> {
  const [first, last] = [entries[0], entries.at(-1)]
  if (first === undefined || last === undefined || last.seq - first.seq + 1 !== entries.length)
    throw new Error('records of a journal are projected without a gap')
  const tip = { key: tipKey(last.writer), value: last.hash }
  return store.project(last.writer, last.seq, [...entries.flatMap(writesOf), tip], first.seq)
}

/**
 * Brings a store up to date with a journal: replays what lies above its mark. When the store has lost something it
 * held (its mark is below `floor`), its epoch changes first, so that single-use records it forgot cannot be used again.
 *
 * @param options `isCopy`: another server's journal, of which the store may know more than the copy
 * @returns `journal_lacks` when the store's mark is not a record of this journal: nothing may then be believed;
 *   `nothing_known` when copy and store are both empty
 * @throws StoreUnavailable
 */
export async function reconcile(
  options: Projection & { readonly floor: number; readonly isCopy: boolean },
): Promise<Primed | 'journal_lacks' | 'nothing_known'> {
  const { journal, store, isCopy } = options
  const { mark, tip, epoch } = await lookAt(store, journal.writer)
  if (isCopy && mark === 0 && journal.lastSeq === 0) return 'nothing_known'
  const isBehind = isCopy && mark > journal.lastSeq
  if (!isBehind && !(await holds(journal, mark, tip))) return 'journal_lacks'
  await keepEpoch(store, mark < options.floor ? epoch : null)
  if (isBehind) return { mark: journal.lastSeq, replayed: 0 }
  const replayed = await replay(options, mark)
  return { mark: mark + replayed, replayed }
}

async function lookAt(
  store: Store,
  writer: string,
): Promise<{ readonly mark: number; readonly tip: string | null; readonly epoch: string | null }> {
  const [mark, tip = null, epoch = null] = await store.getMany([markKey(writer), tipKey(writer), EPOCH_KEY])
  return { mark: Number(mark ?? 0), tip, epoch }
}

/** @param lost the epoch of a store that has lost something since; null: it has not, or has no epoch */
const keepEpoch = async (store: Store, lost: string | null): Promise<unknown> =>
  lost === null
    ? store.putOnce(EPOCH_KEY, randomId(), FOR_GOOD_MS)
    : store.put(EPOCH_KEY, randomId(), FOR_GOOD_MS)

/** Whether record `mark` of the journal is the one the store has seen. */
async function holds(journal: JournalReader, mark: number, tip: string | null): Promise<boolean> {
  if (mark === 0) return true
  for await (const entry of journal.entries(mark)) return entry.hash === tip
  return false
}

async function replay(projection: Projection, mark: number): Promise<number> {
  let chunk: JournalEntry[] = []
  let replayed = 0
  for await (const entry of projection.journal.entries(mark + 1)) {
    chunk.push(entry)
    if (chunk.length < REPLAYED_RECORDS) continue
    replayed += await projectAll(projection, chunk)
    chunk = []
  }
  return chunk.length === 0 ? replayed : replayed + (await projectAll(projection, chunk))
}

async function projectAll(projection: Projection, chunk: readonly JournalEntry[]): Promise<number> {
  const { state } = await project(projection, chunk)
  // Lost during the replay, or another server replays the same journal: either way it is looked at again.
  if (state === 'behind') throw new StoreUnavailable('the store is not where the replay left it')
  return chunk.length
}

/** Ten years, in milliseconds. */
const FOR_GOOD_MS = 315_360_000_000
