import type { Clock } from './clock.ts'
import type { Journal, JournalData, JournalEntry } from './journal.ts'
import type { Log } from './log.ts'
import { CHUNK_RECORDS, project, reconcile } from './reconcile.ts'
import { type Store, StoreUnavailable, type Write } from './store/contract.ts'
import { EPOCH_KEY, markKey } from './store/keys.ts'

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
  /**
   * The store's mark of this writer must be present and at least this, or the store lost something: `503`. Infinite
   * when no mark will do.
   */
  requiredMark(): number
  /**
   * Reads projected keys together with the mark, in one step: an answer of `null` really means absent.
   *
   * @throws StoreUnavailable also when the mark is missing or too low (flushed, rolled back, not yet replayed)
   */
  readProjected(keys: readonly string[]): Promise<(string | null)[]>
  /** Looks now, and brings the store up to date if it can. Never rejects for a store that is down. */
  prime(): Promise<void>
  /** Calls back each time the recorder becomes primed. Returns the way to stop. */
  onPrimed(listener: () => void): () => void
  /** Stops looking after the store. Journal and store stay open: they are the caller's. */
  close(): Promise<void>
}

/** First entry of every journal. It belongs to the recorder and means nothing to its domain. */
export const JOURNAL_OPENED = 'journal.opened'

/**
 * Folds the whole journal, then primes the store once; resolves also when the store is down.
 *
 * @throws whatever `fold` throws on a bad entry; DiskUnavailable when a new journal cannot be written
 */
export async function openRecorder(options: RecorderOptions): Promise<Recorder> {
  const { journal, fold } = options
  // A mark must exist before anything was decided: its absence is how a flushed store is told from a new one.
  if (journal.lastSeq === 0) await journal.append(JOURNAL_OPENED, {})
  for await (const entry of journal.entries()) if (entry.type !== JOURNAL_OPENED) fold?.(entry)
  const recorder = new ProjectingRecorder(options)
  await recorder.prime()
  recorder.watch()
  return recorder
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

class ProjectingRecorder implements Recorder {
  readonly #options: RecorderOptions
  readonly #listeners = new Set<() => void>()
  readonly #waiters = new Map<number, (projected: boolean) => void>()
  #fresh: JournalEntry[] = []
  /** Highest sequence known to be in the store; before the first look, what a crash may not have lost. */
  #mark: number
  #reason: Unprimed | null = 'the store lacks records of the journal: replaying'
  #working: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: RecorderOptions) {
    const writesOf = (entry: JournalEntry): readonly Write[] =>
      entry.type === JOURNAL_OPENED ? [] : options.writesOf(entry)
    this.#options = { ...options, writesOf }
    this.#mark = options.journal.lastSeq
  }

  async record(type: string, data: JournalData): Promise<Recorded> {
    const entry = await this.#options.journal.append(type, data)
    this.#options.fold?.(entry)
    if (entry.seq <= this.#mark) return { entry, projected: true }
    this.#fresh.push(entry)
    const projected = this.#awaitProjection(entry.seq)
    void this.#work()
    return { entry, projected: await projected }
  }

  primed(): boolean {
    return this.#reason === null
  }

  unprimedReason(): Unprimed | null {
    return this.#reason
  }

  requiredMark(): number {
    if (this.#reason === null) return this.#mark
    return this.#reason === JOURNAL_LACKS ? Number.POSITIVE_INFINITY : this.#options.journal.lastSeq
  }

  async readProjected(keys: readonly string[]): Promise<(string | null)[]> {
    const required = this.requiredMark()
    const { store, journal } = this.#options
    const [mark, ...values] = await store.getMany([markKey(journal.writer), ...keys])
    if (typeof mark === 'string' && Number(mark) >= required) return values
    if (this.#reason === null) this.#unprime(STORE_LACKS)
    void this.#work()
    throw new StoreUnavailable('the store lacks records of the journal')
  }

  async prime(): Promise<void> {
    if (this.#reason === null) await this.#look()
    await this.#work()
  }

  onPrimed(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#working
  }

  /** Looks after the store until closed: often while it is not primed, else once a second. */
  watch(): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    const everyMs = this.#reason === null ? PRIMED_EVERY_MS : UNPRIMED_EVERY_MS
    const jitteredMs = everyMs * (0.75 + Math.random() / 2)
    this.#timer = setTimeout(() => void this.prime().then(() => this.watch()), jitteredMs)
    this.#timer.unref()
  }

  /** Has the store lost something since? */
  async #look(): Promise<void> {
    const required = this.#mark
    const { store, journal } = this.#options
    try {
      const [mark, epoch] = await store.getMany([markKey(journal.writer), EPOCH_KEY])
      const isWhole = typeof mark === 'string' && Number(mark) >= required && typeof epoch === 'string'
      if (!isWhole) this.#unprime(STORE_LACKS)
    } catch (error) {
      this.#fail(error)
    }
  }

  #work(): Promise<void> {
    this.#working ??= this.#workOff()
    return this.#working
  }

  /** The only place that writes to the store, hence the order. Never rejects. */
  async #workOff(): Promise<void> {
    // So that `#working` is set before this can end.
    await Promise.resolve()
    try {
      while (this.#reason !== null || this.#fresh.length > 0) {
        if (this.#reason !== null) await this.#primeOnce()
        else await this.#projectFresh()
        if (this.#reason === JOURNAL_LACKS) break
      }
    } catch (error) {
      this.#fail(error)
    }
    if (this.#reason !== null) this.#settle(Number.POSITIVE_INFINITY, false)
    this.#working = null
  }

  async #primeOnce(): Promise<void> {
    const { clock, log } = this.#options
    const startMs = clock.monotonicMs()
    const outcome = await reconcile({ ...this.#options, floor: this.#mark })
    if (outcome === 'journal_lacks') {
      this.#unprime(JOURNAL_LACKS)
    } else {
      log.info({ event: 'store.primed', ...outcome, tookMs: Math.round(clock.monotonicMs() - startMs) })
      this.#becomePrimed(outcome.mark)
    }
  }

  #becomePrimed(mark: number): void {
    this.#reason = null
    this.#mark = mark
    this.#settle(mark, true)
    for (const listener of this.#listeners) listener()
  }

  /** What has gathered goes in one step: under load a call of the store costs more than what it writes. */
  async #projectFresh(): Promise<void> {
    const entries = this.#fresh.splice(0, CHUNK_RECORDS).filter(({ seq }) => seq > this.#mark)
    const last = entries.at(-1)
    if (last === undefined) return
    const { state } = await project(this.#options, entries)
    if (state !== 'applied') {
      this.#unprime(STORE_LACKS)
      return
    }
    this.#mark = last.seq
    this.#settle(this.#mark, true)
  }

  #fail(error: unknown): void {
    if (!(error instanceof StoreUnavailable))
      this.#options.log.error({ event: 'store.projection_failed', err: error })
    this.#unprime(error instanceof StoreUnavailable ? STORE_SILENT : STORE_LACKS)
  }

  #unprime(reason: Unprimed): void {
    const wasPrimed = this.#reason === null
    if (this.#reason !== reason) this.#options.log.warn({ event: 'store.unprimed', reason })
    this.#reason = reason
    // From here on the journal itself is replayed.
    this.#fresh = []
    if (wasPrimed) this.watch()
  }

  #awaitProjection(seq: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(false), PROJECTION_WAIT_MS)
      const settle = (projected: boolean): void => {
        clearTimeout(timer)
        this.#waiters.delete(seq)
        resolve(projected)
      }
      this.#waiters.set(seq, settle)
    })
  }

  #settle(upTo: number, projected: boolean): void {
    for (const [seq, settle] of this.#waiters) if (seq <= upTo) settle(projected)
  }
}

const STORE_SILENT: Unprimed = 'the store does not answer'
const STORE_LACKS: Unprimed = 'the store lacks records of the journal: replaying'
const JOURNAL_LACKS: Unprimed =
  'the store holds records that this journal lacks: restore the journal, or empty the store'
const UNPRIMED_EVERY_MS = 100
const PRIMED_EVERY_MS = 1_000
/** A caller is told `recorded` rather than kept waiting for a long replay. */
const PROJECTION_WAIT_MS = 1_000
