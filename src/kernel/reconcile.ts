import type { ChainTip } from './chain-link.ts'
import type { JournalEntry, JournalReader } from './journal.ts'
import { passes } from './journal-tips.ts'
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

/** Records to project: `entries` is all that is of consequence from `from` up to `to`. */
export interface Stretch {
  readonly from: number
  readonly to: ChainTip
  readonly entries: readonly JournalEntry[]
}

/**
 * Records as they were written one after the other.
 *
 * @param entries at least one
 */
export function stretchOf(entries: readonly JournalEntry[]): Stretch {
  const [first, last] = [entries[0], entries.at(-1)]
  if (first === undefined || last === undefined || last.seq - first.seq + 1 !== entries.length)
    throw new Error('records of a journal are projected without a gap')
  return { from: first.seq, to: { n: last.seq, hash: last.hash }, entries }
}

/** Projects a stretch in one step, together with the hash of its last record. */
export async function project(
  { store, writesOf, journal: { writer } }: Projection,
  { from, to, entries }: Stretch,
): Promise<Projected> {
  const tip = { key: tipKey(writer), value: to.hash }
  return store.project(writer, to.n, [...entries.flatMap(writesOf), tip], from)
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
  const held = isBehind ? 'yes' : await holds(journal, mark, tip)
  if (held === 'no') return 'journal_lacks'
  await keepEpoch(store, mark < options.floor ? epoch : null)
  if (isBehind) return { mark: journal.lastSeq, replayed: 0 }
  if (held === 'yes') return replay(options, mark)
  // What the store has seen was left out since. Nobody is served until it has all again.
  await store.remove(markKey(journal.writer))
  return replay(options, 0)
}

/** Whether record `mark` of the journal is the one the store has seen. */
const holds = async (
  journal: JournalReader,
  mark: number,
  tip: string | null,
): Promise<'yes' | 'no' | 'unknown'> => (mark === 0 ? 'yes' : passes(journal, { n: mark, hash: tip ?? '' }))

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

async function replay(projection: Projection, mark: number): Promise<Primed> {
  let [from, to, replayed] = [mark + 1, { n: mark, hash: '' }, 0]
  let entries: JournalEntry[] = []
  for await (const passage of projection.journal.passages(mark + 1)) {
    ;({ to } = passage)
    if (passage.entry !== null) entries.push(passage.entry)
    if (entries.length < REPLAYED_RECORDS) continue
    await projectAll(projection, { from, to, entries })
    replayed += entries.length
    ;[from, entries] = [to.n + 1, []]
  }
  if (to.n >= from) await projectAll(projection, { from, to, entries })
  return { mark: to.n, replayed: replayed + entries.length }
}

async function projectAll(projection: Projection, stretch: Stretch): Promise<void> {
  const { state } = await project(projection, stretch)
  // Lost during the replay, or another server replays the same journal: either way it is looked at again.
  if (state === 'behind') throw new StoreUnavailable('the store is not where the replay left it')
}

/** Ten years, in milliseconds. */
const FOR_GOOD_MS = 315_360_000_000
