import type { Journal, JournalEntry } from './journal.ts'
import { randomId } from './random.ts'
import { type Projected, type Store, StoreUnavailable, type Write } from './store/contract.ts'
import { EPOCH_KEY, markKey, tipKey } from './store/keys.ts'

export interface Projection {
  readonly journal: Journal
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
 * @returns `journal_lacks` when the store's mark is not a record of this journal: nothing may then be believed
 * @throws StoreUnavailable
 */
export async function reconcile(
  options: Projection & { readonly floor: number },
): Promise<Primed | 'journal_lacks'> {
  const { journal, store } = options
  const [markText, tip, epoch] = await store.getMany([
    markKey(journal.writer),
    tipKey(journal.writer),
    EPOCH_KEY,
  ])
  const mark = typeof markText === 'string' ? Number(markText) : 0
  if (!(await holds(journal, mark, tip ?? null))) return 'journal_lacks'
  if (mark < options.floor && typeof epoch === 'string') await store.put(EPOCH_KEY, randomId(), FOR_GOOD_MS)
  else await store.putOnce(EPOCH_KEY, randomId(), FOR_GOOD_MS)
  const replayed = await replay(options, mark)
  return { mark: mark + replayed, replayed }
}

/** Whether record `mark` of the journal is the one the store has seen. */
async function holds(journal: Journal, mark: number, tip: string | null): Promise<boolean> {
  if (mark === 0) return true
  for await (const entry of journal.entries(mark)) return entry.hash === tip
  return false
}

async function replay(projection: Projection, mark: number): Promise<number> {
  let chunk: JournalEntry[] = []
  let replayed = 0
  for await (const entry of projection.journal.entries(mark + 1)) {
    chunk.push(entry)
    if (chunk.length < CHUNK_RECORDS) continue
    replayed += await projectAll(projection, chunk)
    chunk = []
  }
  return chunk.length === 0 ? replayed : replayed + (await projectAll(projection, chunk))
}

async function projectAll(projection: Projection, chunk: readonly JournalEntry[]): Promise<number> {
  const { state } = await project(projection, chunk)
  if (state === 'behind') throw new StoreUnavailable('the store lost records during the replay')
  return chunk.length
}

/** Ten years, in milliseconds. */
const FOR_GOOD_MS = 315_360_000_000
