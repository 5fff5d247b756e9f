import type { Clock } from './clock.ts'
import type { Journal, JournalData, JournalEntry } from './journal.ts'
import type { Log } from './log.ts'
import { isOfJournal, JOURNAL_OPENED, Projector, type Unprimed } from './projector.ts'
import { type Store, StoreUnavailable, type Write } from './store/contract.ts'
import { EPOCH_KEY } from './store/keys.ts'

export interface RecorderOptions {
  readonly journal: Journal
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** What an entry means in the store. Called again at every replay: give what is left of a time to live. */
  readonly writesOf: (entry: JournalEntry) => readonly Write[]
  /** Takes an entry into process state. Called once per entry, in order, at open and after each append. */
  readonly fold: (entry: JournalEntry) => void
}

export interface Recorded {
  readonly entry: JournalEntry
  /** The store has it too (`enforced`); otherwise it is durable and will be projected (`recorded`). */
  readonly projected: boolean
}

/** Couples a journal with its projection in the store, in strict order, for ever. */
export interface Recorder {
  /**
   * Journals (durable), folds, projects. A store that fails does not fail the record.
   *
   * @throws DiskUnavailable when it could not be journaled: nothing happened
   */
  record(type: string, data: JournalData): Promise<Recorded>
  /** Whether the store was seen to hold everything this journal has projected. */
  primed(): boolean
  unprimedReason(): Unprimed | null
  /**
   * The store's mark of this writer must be present and at least this, or the store lost something: `503`. Infinite
   * when no mark will do.
   */
  requiredMark(): number
  /** Up to which record other servers may have it: what the store has, or all where the store has to be given it again. */
  sendable(): number
  /** Somebody read a mark that is missing or too low. */
  doubt(): void
  /** Looks now, and brings the store up to date if it can. Never rejects for a store that is down. */
  prime(): Promise<void>
  /** Calls back each time the recorder becomes primed. Returns the way to stop. */
  onPrimed(listener: () => void): () => void
  /** Stops looking after the store. Journal and store stay open: they are the caller's. */
  close(): Promise<void>
}

/**
 * Primes the store once; resolves also when the store is down. What the journal holds has been folded already, together
 * with the journals of others.
 *
 * @throws DiskUnavailable when a new journal cannot be written
 */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  // A mark must exist before anything was decided: its absence is how a flushed store is told from a new one.
  if (options.journal.lastSeq === 0) await options.journal.append(JOURNAL_OPENED, {})
  const projector = new Projector(options)
  await projector.prime()
  projector.watch()
  return recorderOver(projector, options)
}

function recorderOver(projector: Projector, { journal, fold }: RecorderOptions): Recorder {
  return {
    record: async (type, data) => {
      const entry = await journal.append(type, data)
      if (!isOfJournal(entry)) fold(entry)
      return { entry, projected: await projector.follow([entry]) }
    },
    primed: () => projector.primed(),
    unprimedReason: () => projector.unprimedReason(),
    requiredMark: () => projector.requiredMark(),
    sendable: () => projector.mark,
    doubt: () => projector.doubt(),
    prime: () => projector.prime(),
    onPrimed: (listener) => projector.onPrimed(listener),
    close: () => projector.close(),
  }
}

/**
 * The store's epoch: a random id that changes whenever the store has lost something (FLUSHALL, restored backup). What
 * is single use only by the store's memory (authorization codes) carries it and dies with it.
 *
 * @throws StoreUnavailable also while the store has no epoch (not primed yet)
 */
export async function readEpoch(store: Store): Promise<string> {
  const epoch = await store.get(EPOCH_KEY)
  if (epoch === null) throw new StoreUnavailable('the store has no epoch yet')
  return epoch
}
