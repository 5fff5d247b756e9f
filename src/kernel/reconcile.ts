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

/** Projects one record, together with its hash. */
export const project = ({ store, writesOf }: Projection, entry: JournalEntry): Promise<Projected> =>
  store.project(entry.writer, entry.seq, [
    ...writesOf(entry),
    { key: tipKey(entry.writer), value: entry.hash },
  ])

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

/** In chunks: the adapters send in the order of the calls, and a gap only costs another try. */
async function replay(projection: Projection, mark: number): Promise<number> {
  let chunk: JournalEntry[] = []
  let replayed = 0
  for await (const entry of projection.journal.entries(mark + 1)) {
    chunk.push(entry)
    if (chunk.length < CHUNK_RECORDS) continue
    replayed += await projectAll(projection, chunk)
    chunk = []
  }
  return replayed + (await projectAll(projection, chunk))
}

async function projectAll(projection: Projection, chunk: readonly JournalEntry[]): Promise<number> {
  const outcomes = await Promise.allSettled(chunk.map((entry) => project(projection, entry)))
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') throw outcome.reason
    if (outcome.value.state === 'behind')
      throw new StoreUnavailable('the store lost records during the replay')
  }
  return chunk.length
}

/** Ten years, in milliseconds. */
const FOR_GOOD_MS = 315_360_000_000
