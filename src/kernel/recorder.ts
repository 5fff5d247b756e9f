import type { Clock } from './clock.ts'
import type { Journal, JournalData, JournalEntry } from './journal.ts'
import type { Log } from './log.ts'
import type { Store, Write } from './store/contract.ts'

export interface RecorderOptions {
  readonly journal: Journal
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** What an entry means in the store. Called again at every replay: give what is left of a time to live. */
  readonly writesOf: (entry: JournalEntry) => readonly Write[]
  /** Takes an entry into process state. Called once per entry, in order, at open and after each append. */
  readonly fold?: (entry: JournalEntry) => void
}

/** Why the store may not be believed yet, in words for `/readyz`; `null` when it may. */
export type Unprimed =
  | 'the store does not answer'
  | 'the store lacks records of the journal: replaying'
  | 'the store holds records that this journal lacks: restore the journal, or empty the store'

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
  /** The store's mark of this writer must be present and at least this, or the store lost something: `503`. */
  requiredMark(): number
  /**
   * Reads projected keys together with the mark, in one step: an answer of `null` really means absent.
   *
   * @throws StoreUnavailable also when the mark is missing or too low (flushed, rolled back, not yet replayed)
   */
  readProjected(keys: readonly string[]): Promise<(string | null)[]>
  /** Tries once now to bring the store up to date. Never rejects for a store that is down. */
  prime(): Promise<void>
  /** Calls back each time the recorder becomes primed. Returns the way to stop. */
  onPrimed(listener: () => void): () => void
  /** Stops the priming loop. Journal and store stay open: they are the caller's. */
  close(): Promise<void>
}

/**
 * Folds the whole journal, then primes the store once; resolves also when the store is down.
 *
 * @throws whatever `fold` throws on a bad entry
 */
export function openRecorder(options: RecorderOptions): Promise<Recorder> {
  return Promise.reject(new Error(`not yet: ${options.journal.writer}`))
}

/**
 * The store's epoch: a random id that changes whenever the store has lost something (FLUSHALL, restored backup). What
 * is single use only by the store's memory (authorization codes) carries it and dies with it.
 *
 * @throws StoreUnavailable also while the store has no epoch (not primed yet)
 */
export function readEpoch(store: Store): Promise<string> {
  return Promise.reject(new Error(`not yet: ${store.kind}`))
}
