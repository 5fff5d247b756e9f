import { BrokenChain } from '../../kernel/broken-chain.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { backoffMs } from './backoff.ts'
import { batchOf } from './batcher.ts'
import { type Cursor, readCursor, saveCursor } from './cursor.ts'
import { eventOf, gapEvent, type Origin, type SinkEvent } from './event.ts'
import { ageSeconds, type SinkFigures, type SinkState } from './figures.ts'
import type { LogReader, Position, Read } from './reader.ts'
import type { Batch, DeliveryFailure, Receiver, Undelivered, Wait } from './sink.ts'

export type FeedFailure = DeliveryFailure | 'log_unreadable'

export interface FeedOptions {
  /** As the operator calls it. */
  readonly name: string
  readonly receiver: Receiver
  readonly reader: Pick<LogReader, 'read'>
  readonly origin: Origin
  /** Number of the last durable record. */
  readonly recordsOnDisk: () => number
  readonly cursorPath: string
  /** Where a sink that is new begins: with the oldest record there is, or with the next one. */
  readonly start: 'oldest' | 'now'
  /** From which age of its oldest record on it counts as behind. */
  readonly behindAfterS: number
  readonly figures: SinkFigures
  readonly clock: Clock
  readonly log: Log
  readonly wait: Wait
  readonly random: () => number
}

/** One event on its way, and where the sink stands once it is delivered. */
interface Outgoing {
  readonly event: SinkEvent
  readonly after: Position
}

/**
 * Brings the records of a log to one receiver, in order, each at least once: the log itself is the spool. What is being
 * sent is on disk before it is sent, so that a crash leads to the same batch again and to no other.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #ending = new AbortController()
  readonly #cutting = new AbortController()
  #cursor: Cursor | null = null
  #sending: { readonly batch: Batch; readonly items: readonly Outgoing[] } | null = null
  #maxBytes: number
  #oldestMs: number | null = null
  #failures = 0
  #failure: string | null = null
  #running: Promise<void> | null = null

  constructor(options: FeedOptions) {
    this.#options = options
    this.#maxBytes = options.receiver.maxBytes
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Ends after the batch that is out, or without an answer to it after a moment: it comes again then. */
  async close(): Promise<void> {
    this.#ending.abort()
    const timer = setTimeout(() => this.#cutting.abort(), PATIENCE_MS)
    await this.#running
    clearTimeout(timer)
    await this.#options.receiver.close()
  }

  state(): SinkState {
    const { name, clock, behindAfterS, recordsOnDisk } = this.#options
    const lagSeconds = ageSeconds(clock, this.#oldestMs)
    const lagEvents = this.#cursor === null ? 0 : Math.max(0, recordsOnDisk() - this.#cursor.n)
    return { name, lagEvents, lagSeconds, isBehind: lagSeconds > behindAfterS }
  }

  /** For the operator, while it is behind; else `null`. */
  remark(): string | null {
    const { name, lagEvents, lagSeconds, isBehind } = this.state()
    if (!isBehind) return null
    const why = this.#failure === null ? '' : `: ${this.#failure}`
    return `audit sink ${name} is behind by ${lagEvents} records, the oldest ${Math.round(lagSeconds)} s old${why}`
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      const pauseMs = await this.#turn()
      if (pauseMs > 0) await this.#options.wait(pauseMs, signal)
    }
  }

  /** @returns how long to pause, in milliseconds */
  async #turn(): Promise<number> {
    try {
      this.#cursor ??= await this.#opened()
      const caughtUpWith = this.#options.recordsOnDisk()
      this.#sending ??= await this.#next(this.#cursor, caughtUpWith)
      if (this.#sending === null) return EVERY_MS
      const delivery = await this.#options.receiver.deliver(this.#sending.batch, this.#cutting.signal)
      if (!delivery.ok) return await this.#refused(delivery)
      const { n } = await this.#taken(this.#sending.items)
      return n < caughtUpWith ? 0 : EVERY_MS
    } catch (error) {
      if (this.#cutting.signal.aborted) return 0
      // The path and line of a log that does not hold; of anything else only its kind.
      const detail =
        error instanceof BrokenChain ? error.message : 'the audit log or the cursor cannot be used'
      this.#options.log.error({ event: 'audit.sink_stuck', sink: this.#options.name, err: error })
      this.#oldestMs ??= this.#options.clock.nowMs()
      return this.#failed('log_unreadable', detail, undefined)
    }
  }

  async #opened(): Promise<Cursor> {
    const { cursorPath, log, start, recordsOnDisk } = this.#options
    const saved = await readCursor(cursorPath, log)
    if (saved !== null) return saved
    const first = { n: start === 'oldest' ? 0 : recordsOnDisk(), hash: '', file: '', at: 0, sendingTo: null }
    await saveCursor(cursorPath, first)
    return first
  }

  /** The batch after the cursor: the one that was out when the process ended, or a new one. */
  async #next(cursor: Cursor, onDisk: number): Promise<{ batch: Batch; items: Outgoing[] } | null> {
    const { reader, receiver, cursorPath } = this.#options
    if (onDisk < cursor.n)
      throw new BrokenChain(
        'the audit log',
        onDisk + 1,
        `shorter than the ${cursor.n} records that were sent`,
      )
    if (onDisk === cursor.n) {
      this.#oldestMs = null
      return null
    }
    const read = await reader.read(cursor, { to: onDisk, maxRecords: receiver.maxEvents })
    // A batch that was out cannot come again when its records are gone.
    const isThere = cursor.sendingTo !== null && cursor.sendingTo >= (read.gap?.missing.to ?? 0)
    const sendTo = isThere ? cursor.sendingTo : onDisk
    const outgoing = this.#outgoing(read).filter(({ after }) => after.n <= sendTo)
    const [oldest] = outgoing
    if (oldest === undefined) throw new Error('a record that is on disk stands in no file of the log')
    this.#oldestMs = oldest.event.timeMs
    const batch = batchOf(
      outgoing.map(({ event }) => event),
      receiver,
      this.#maxBytes,
    )
    const items = outgoing.slice(0, batch.events.length)
    const sendingTo = items.at(-1)?.after.n ?? null
    this.#cursor = { ...cursor, sendingTo }
    await saveCursor(cursorPath, this.#cursor)
    return { batch, items }
  }

  #outgoing({ gap, lines }: Read): Outgoing[] {
    const { origin, clock, log, name } = this.#options
    const records = lines.map(({ line, after }) => ({ event: eventOf(line, origin), after }))
    if (gap === null) return records
    log.error({ event: 'audit.sink_gap', sink: name, ...gap.missing })
    const timeMs = records[0]?.event.timeMs ?? clock.nowMs()
    return [{ event: gapEvent(gap.missing, origin, timeMs), after: gap.after }, ...records]
  }

  async #taken(items: readonly Outgoing[]): Promise<Cursor> {
    const { figures, name, log, cursorPath } = this.#options
    const after = items.at(-1)?.after
    if (after === undefined) throw new Error('a batch without events')
    const cursor = { ...after, sendingTo: null }
    // First of all: when the disk fails now, what was taken is not sent again by this process.
    this.#cursor = cursor
    this.#sending = null
    for (const { event } of items) this.#count(event, figures, name)
    await saveCursor(cursorPath, cursor)
    if (this.#failures > 0) log.info({ event: 'audit.sink_recovered', sink: name, failures: this.#failures })
    this.#failures = 0
    this.#failure = null
    return cursor
  }

  #count({ record }: SinkEvent, figures: SinkFigures, name: string): void {
    if (record.eventType === 'audit.gap') figures.lost(name, record.recordCount ?? 0)
    else figures.sent(name, 1)
  }

  async #refused(delivery: Undelivered): Promise<number> {
    const { reason, detail, retryAfterMs } = delivery
    const encoded = this.#sending?.batch.encoded ?? []
    if (reason !== 'too_large' || encoded.length < 2) return this.#failed(reason, detail, retryAfterMs)
    // Nothing of it was taken: it goes out in halves.
    this.#options.figures.failed(this.#options.name, reason)
    this.#maxBytes = Math.ceil(encoded.reduce((bytes, one) => bytes + one.length, 0) / 2)
    this.#sending = null
    if (this.#cursor !== null) {
      this.#cursor = { ...this.#cursor, sendingTo: null }
      await saveCursor(this.#options.cursorPath, this.#cursor)
    }
    return 0
  }

  #failed(reason: FeedFailure, detail: string, retryAfterMs: number | undefined): number {
    const { figures, name, log, random } = this.#options
    this.#failures += 1
    const pauseMs = backoffMs(this.#failures, retryAfterMs, random)
    // The first is worth a line; the figure counts the others.
    if (this.#failures === 1) log.warn({ event: 'audit.sink_failed', sink: name, reason, detail })
    this.#failure = `${reason} (${detail})`
    figures.failed(name, reason)
    return pauseMs
  }
}

/** How often the log is looked at: what came in between goes out together. */
const EVERY_MS = 1_000
/** For the answer to the last batch when the service ends. */
const PATIENCE_MS = 1_000
