import { BrokenChain } from '../broken-chain.ts'
import type { Clock } from '../clock.ts'
import { DiskUnavailable } from '../disk.ts'
import type { Journal } from '../journal.ts'
import type { Log } from '../log.ts'
import { describedHead, digestOf, GivenUp, headLines, OtherHead, weigh } from './compacted-head.ts'
import { type Compaction, JOURNAL_COMPACTED } from './compactions.ts'
import type { BeginKeeping } from './keeping.ts'

export interface CompactorOptions {
  /** Our own. */
  readonly journal: Journal
  readonly copies: readonly Journal[]
  readonly keeping: BeginKeeping
  /** Up to which own record the store has it and every listed server keeps it; 0: not known now. */
  readonly settledSeq: () => number
  readonly record: (type: string, data: Compaction) => Promise<unknown>
  readonly clock: Clock
  readonly log: Log
  readonly limits?: CompactionLimits
}

export interface CompactionLimits {
  /** A smaller journal is left as it is. */
  readonly minBytes: number
  /** How often it is looked whether one is to be compacted. */
  readonly everyMs: number
}

/**
 * Keeps journals from growing for ever: one at a time, by and by. Our own when it has doubled since, or a day has passed,
 * and half of it is of no consequence any more; a copy when its writer has compacted the original.
 */
export class Compactor {
  readonly #options: CompactorOptions
  readonly #limits: CompactionLimits
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isClosed = false
  /** When the journal was last weighed, up to which record, and about how long that much of it was. */
  #weighed: { readonly seen: number; readonly bytes: number; readonly monotonicMs: number } | null = null
  /** Compactions of others that come to something else here: told once. */
  readonly #refused = new Set<Compaction>()

  constructor(options: CompactorOptions) {
    this.#options = options
    this.#limits = options.limits ?? LIMITS
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#run().finally(() => {
        if (!this.#isClosed) this.#schedule()
      })
    }, this.#limits.everyMs)
    this.#timer.unref()
  }

  /** Never rejects: a journal that cannot be compacted goes on as it is. */
  async #run(): Promise<void> {
    const { journal, copies, log } = this.#options
    for (const one of [journal, ...copies]) {
      try {
        await this.#carryOutOpen(one)
        if (one === journal) await this.#consider()
      } catch (error) {
        if (error instanceof GivenUp) return
        const isDisk = error instanceof DiskUnavailable
        log[isDisk ? 'warn' : 'error']({ event: 'journal.not_compacted', writer: one.writer, err: error })
      }
    }
  }

  async #carryOutOpen(journal: Journal): Promise<void> {
    const { log, clock } = this.#options
    const { open } = journal.compactions
    if (open === null || this.#refused.has(open)) return
    const [before, startMs] = [journal.sizeBytes, clock.monotonicMs()]
    try {
      await carryOut(journal, open, { ...this.#options, isGivenUp: () => this.#isClosed })
    } catch (error) {
      if (!(error instanceof OtherHead)) throw error
      this.#refused.add(open)
      // A whole copy stays whole, as beside a version with other reasons; one that lacks records is not believed again.
      const isWhole = journal.compactions.shape !== 'loose'
      log[isWhole ? 'warn' : 'error']({
        event: 'journal.other_head',
        writer: journal.writer,
        upTo: open.upTo,
      })
      return
    }
    const tookMs = Math.round(clock.monotonicMs() - startMs)
    log.info({ event: 'journal.compacted', writer: journal.writer, before, after: journal.sizeBytes, tookMs })
  }

  async #consider(): Promise<void> {
    const { journal, settledSeq, record } = this.#options
    const seen = settledSeq()
    if (seen <= (journal.compactions.latest?.seen ?? 0) || !this.#isDue(seen)) return
    const bytes = Math.floor((journal.sizeBytes * seen) / Math.max(seen, journal.lastSeq))
    const unseenBytes = journal.sizeBytes - bytes
    this.#weighed = { seen, bytes, monotonicMs: this.#options.clock.monotonicMs() }
    const compaction = await propose(journal, seen, { ...this.#options, isGivenUp: () => this.#isClosed })
    if (compaction === null) return
    await record(JOURNAL_COMPACTED, compaction)
    await this.#carryOutOpen(journal)
    this.#weighed = { ...this.#weighed, bytes: Math.max(0, journal.sizeBytes - unseenBytes) }
  }

  /** What could not be looked at, because not every server had it, is no reason to wait until the rest has doubled. */
  #isDue(seen: number): boolean {
    const { journal, clock } = this.#options
    if (journal.sizeBytes < this.#limits.minBytes) return false
    if (this.#weighed === null) return true
    if (clock.monotonicMs() - this.#weighed.monotonicMs >= WEIGHED_EVERY_MS) return true
    return seen > this.#weighed.seen && journal.sizeBytes >= 2 * this.#weighed.bytes
  }
}

interface Means {
  readonly keeping: BeginKeeping
  readonly clock: Clock
  /** Asked now and then: by whoever has to end. */
  readonly isGivenUp: () => boolean
}

/** What a journal would be compacted to; `null`: less than half of it is of no consequence. @throws GivenUp */
export async function propose(journal: Journal, seen: number, means: Means): Promise<Compaction | null> {
  const { keeping: begin, clock, isGivenUp } = means
  // What was of no consequence at the last compaction is of none at this one, also where the clock was set back.
  const atMs = Math.max(clock.nowMs(), journal.compactions.latest?.atMs ?? 0)
  const keeping = begin(atMs)
  const { lastDead, bytes, deadBytes } = await weigh(journal, { seen, keeping, isGivenUp })
  if (lastDead === null || deadBytes < DEAD_SHARE * bytes) return null
  const digest = await digestOf(headLines(journal, { upTo: lastDead.n, keeping, isGivenUp }))
  return { upTo: lastDead.n, hash: lastDead.hash, seen, atMs, digest }
}

/** @throws OtherHead when what is left here is not what the compaction says; GivenUp, DiskUnavailable */
export const carryOut = (
  journal: Journal,
  compaction: Compaction,
  means: Omit<Means, 'clock'>,
): Promise<void> => journal.compact(compaction, describedHead(journal, compaction, means))

/** Whether a journal lacks records, and nothing in it says which: it was not copied to the end. */
export const isIncomplete = ({ compactions: { shape, open } }: Journal): boolean =>
  shape === 'loose' && open === null

/**
 * A journal that lacks records has to show that none of consequence is among them, before it is believed.
 *
 * @throws BrokenChain when it cannot
 */
export async function settleLoose(journal: Journal, keeping: BeginKeeping): Promise<void> {
  const { shape, open } = journal.compactions
  if (shape !== 'loose') return
  try {
    if (open === null) throw new OtherHead()
    await carryOut(journal, open, { keeping, isGivenUp: () => false })
  } catch (error) {
    if (!(error instanceof OtherHead)) throw error
    const what =
      'records are missing that no compaction left out; move it away, and it is fetched from another server'
    throw new BrokenChain(`${journal.writer}.jsonl`, open?.upTo ?? 1, what)
  }
}

const LIMITS: CompactionLimits = { minBytes: 4 * 1024 * 1024, everyMs: 10_000 }
const DEAD_SHARE = 0.5
const WEIGHED_EVERY_MS = 86_400_000
