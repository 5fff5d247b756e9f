import type { Clock } from './clock.ts'
import { JOURNAL_COMPACTED } from './compaction/compactions.ts'
import type { JournalEntry, JournalReader } from './journal.ts'
import type { Log } from './log.ts'
import { CHUNK_RECORDS, project, reconcile, stretchOf, type Primed } from './reconcile.ts'
import { type Store, StoreUnavailable, type Write } from './store/contract.ts'
import { EPOCH_KEY, markKey } from './store/keys.ts'

/** Why the store may not be believed yet, in words for `/readyz`; `null` when it may. */
export type Unprimed =
  | 'the store does not answer'
  | 'the store lacks records of the journal: replaying'
  | 'the store holds records that this journal lacks: restore the journal, or empty the store'
  | 'the store holds another history than the copy of this journal'
  | 'no record of this journal has arrived yet, and the store knows none'

export interface ProjectorOptions {
  readonly journal: JournalReader
  /** The journal of another server, of which the store may know more than this copy. */
  readonly isCopy?: boolean
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** What an entry means in the store. Called again at every replay: give what is left of a time to live. */
  readonly writesOf: (entry: JournalEntry) => readonly Write[]
}

/** First entry of every journal. */
export const JOURNAL_OPENED = 'journal.opened'

/** Of a type that belongs to the journal itself and means nothing to its domain. */
export const isOfJournal = ({ type }: Pick<JournalEntry, 'type'>): boolean =>
  type === JOURNAL_OPENED || type === JOURNAL_COMPACTED

/** Keeps the store up to date with one journal, in strict order, for ever. */
export class Projector {
  readonly #options: ProjectorOptions
  readonly #isCopy: boolean
  readonly #listeners = new Set<() => void>()
  readonly #waiters = new Map<number, (projected: boolean) => void>()
  #fresh: JournalEntry[] = []
  /** Highest sequence known to be in the store; before the first look, what a crash may not have lost. */
  #mark: number
  #reason: Unprimed | null = STORE_LACKS
  #working: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ProjectorOptions) {
    const writesOf = (entry: JournalEntry): readonly Write[] =>
      isOfJournal(entry) ? [] : options.writesOf(entry)
    this.#options = { ...options, writesOf }
    this.#isCopy = options.isCopy === true
    this.#mark = options.journal.lastSeq
  }

  get writer(): string {
    return this.#options.journal.writer
  }

  /** Every record up to here has been projected, or has to be replayed before the store is believed. */
  get mark(): number {
    return this.#reason === null ? this.#mark : this.#options.journal.lastSeq
  }

  /** Takes new entries of the journal, in order. Resolves with whether the store has them, after a second at the latest. */
  async follow(entries: readonly JournalEntry[]): Promise<boolean> {
    const last = entries.at(-1)
    if (last === undefined || last.seq <= this.#mark) return this.#reason === null
    this.#fresh.push(...entries)
    const projected = this.#awaitProjection(last.seq)
    void this.#work()
    return projected
  }

  /** Whether the store was seen to hold everything this journal has projected. */
  primed(): boolean {
    return this.#reason === null
  }

  unprimedReason(): Unprimed | null {
    return this.#reason
  }

  /**
   * The store's mark of this writer must be present and at least this, or the store lost something: `503`. Infinite
   * when no mark will do.
   */
  requiredMark(): number {
    if (this.#reason === null) return this.#mark
    return NO_MARK_WILL_DO.has(this.#reason) ? Number.POSITIVE_INFINITY : this.#options.journal.lastSeq
  }

  /** Somebody read a mark that is missing or too low. */
  doubt(): void {
    if (this.#reason === null) this.#unprime(STORE_LACKS)
    void this.#work()
  }

  /** Looks now, and brings the store up to date if it can. Never rejects for a store that is down. */
  async prime(): Promise<void> {
    if (this.#reason === null) await this.#look()
    await this.#work()
  }

  /** Calls back each time it becomes primed. Returns the way to stop. */
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
    try {
      const [mark, epoch] = await this.#options.store.getMany([markKey(this.writer), EPOCH_KEY])
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
        if (this.#reason !== null && NO_MARK_WILL_DO.has(this.#reason)) break
      }
    } catch (error) {
      this.#fail(error)
    }
    if (this.#reason !== null) this.#settle(Number.POSITIVE_INFINITY, false)
    this.#working = null
  }

  async #primeOnce(): Promise<void> {
    const { clock } = this.#options
    const startMs = clock.monotonicMs()
    const outcome = await reconcile({ ...this.#options, isCopy: this.#isCopy, floor: this.#mark })
    switch (outcome) {
      case 'journal_lacks':
        this.#unprime(this.#isCopy ? OTHER_HISTORY : JOURNAL_LACKS)
        return
      case 'nothing_known':
        this.#unprime(NOTHING_KNOWN)
        return
      default:
        this.#becomePrimed(outcome, Math.round(clock.monotonicMs() - startMs))
    }
  }

  #becomePrimed({ mark, replayed }: Primed, tookMs: number): void {
    this.#options.log.info({ event: 'store.primed', writer: this.writer, mark, replayed, tookMs })
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
    if (!(await this.#isProjected(entries, last.seq))) {
      this.#unprime(STORE_LACKS)
      return
    }
    this.#mark = last.seq
    this.#settle(this.#mark, true)
  }

  /** A writer projects its records before it sends them: of a copy there is nothing to write as long as all is well. */
  async #isProjected(entries: readonly JournalEntry[], seq: number): Promise<boolean> {
    if (this.#isCopy) return ((await this.#options.store.mark(this.writer)) ?? 0) >= seq
    return (await project(this.#options, stretchOf(entries))).state === 'applied'
  }

  #fail(error: unknown): void {
    if (!(error instanceof StoreUnavailable))
      this.#options.log.error({ event: 'store.projection_failed', err: error })
    this.#unprime(error instanceof StoreUnavailable ? STORE_SILENT : STORE_LACKS)
  }

  #unprime(reason: Unprimed): void {
    const wasPrimed = this.#reason === null
    if (this.#reason !== reason)
      this.#options.log.warn({ event: 'store.unprimed', writer: this.writer, reason })
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

  /** Those who wait stand in the order of the journal. */
  #settle(upTo: number, projected: boolean): void {
    for (const [seq, settle] of this.#waiters) {
      if (seq > upTo) return
      settle(projected)
    }
  }
}

const STORE_SILENT: Unprimed = 'the store does not answer'
const STORE_LACKS: Unprimed = 'the store lacks records of the journal: replaying'
const JOURNAL_LACKS: Unprimed =
  'the store holds records that this journal lacks: restore the journal, or empty the store'
const OTHER_HISTORY: Unprimed = 'the store holds another history than the copy of this journal'
const NOTHING_KNOWN: Unprimed = 'no record of this journal has arrived yet, and the store knows none'
const NO_MARK_WILL_DO: ReadonlySet<Unprimed> = new Set([JOURNAL_LACKS, OTHER_HISTORY, NOTHING_KNOWN])
const UNPRIMED_EVERY_MS = 100
const PRIMED_EVERY_MS = 1_000
/** A caller is told `recorded` rather than kept waiting for a long replay. */
const PROJECTION_WAIT_MS = 1_000
