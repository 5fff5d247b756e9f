import type { Clock } from './clock.ts'
import { type Link, LinkedList } from './linked-list.ts'

export interface AnswerDeadlineOptions {
  readonly clock: Clock
  /** How long an answer may take. */
  readonly afterMs: number
  /** What a call is rejected with. */
  readonly error: () => Error
  /** Nothing was heard for {@link SILENT_TIMES} times as long. */
  readonly onSilence: () => void
}

/** Several deadlines after the first unanswered call the other side counts as gone. */
export const SILENT_TIMES = 4

interface Waiting {
  readonly heardMs: number
  readonly startMs: number
  readonly giveUp: () => void
}

/**
 * A deadline for answers that counts only time in which this process was able to hear them. While the event loop is
 * blocked no answer is read, and timers run before the sockets: by the wall clock, all that was asked before a block
 * of one deadline would look like an outage of the other side. By the wall a call is given up after
 * {@link SILENT_TIMES} deadlines, once there was some time to hear an answer; that proves nothing about the other side.
 */
export class AnswerDeadline {
  readonly #options: AnswerDeadlineOptions
  /** In the order of their deadlines, since all wait equally long. */
  readonly #waiting = new LinkedList<Waiting>()
  #ticker: NodeJS.Timeout | undefined
  #tickedMs = 0
  /** Time that the loop was seen to be free. */
  #heardMs = 0
  /** Since when somebody waits and nothing is heard. */
  #silentSinceMs: number | undefined

  constructor(options: AnswerDeadlineOptions) {
    this.#options = options
  }

  /**
   * @param doubt what makes an answer none, once it is there
   * @throws what the call rejects with, the error of the options, or the doubt
   */
  hold<T>(call: Promise<T>, doubt: () => Error | null = NO_DOUBT): Promise<T> {
    this.#start()
    // No more promises than it takes: every request waits here.
    return new Promise<T>((resolve, reject) => {
      const startMs = this.#options.clock.monotonicMs()
      const waiting = { heardMs: this.#heardMs, startMs, giveUp: () => reject(this.#options.error()) }
      const link = this.#waiting.add(waiting)
      this.#silentSinceMs ??= waiting.heardMs
      const heard = (): void => this.#heard(link)
      call.then(heard, heard)
      call.then((value) => {
        const why = doubt()
        if (why === null) resolve(value)
        else reject(why)
      }, reject)
    })
  }

  #heard(link: Link<Waiting>): void {
    this.#waiting.remove(link)
    this.#silentSinceMs = this.#waiting.size > 0 ? this.#heardMs : undefined
  }

  close(): void {
    clearInterval(this.#ticker)
    this.#ticker = undefined
  }

  #start(): void {
    if (this.#ticker !== undefined) return
    this.#tickedMs = this.#options.clock.monotonicMs()
    // What the sockets hold is read between a timer and an immediate.
    this.#ticker = setInterval(() => setImmediate(() => this.#tick()), TICK_MS)
    this.#ticker.unref()
  }

  #tick(): void {
    if (this.#ticker === undefined) return
    const nowMs = this.#options.clock.monotonicMs()
    this.#heardMs += Math.min(nowMs - this.#tickedMs, LONGEST_TICK_MS)
    this.#tickedMs = nowMs
    const { afterMs } = this.#options
    for (const link of this.#waiting) {
      const waiting = link.item
      const freeMs = this.#heardMs - waiting.heardMs
      const isLongGone = nowMs - waiting.startMs >= afterMs * SILENT_TIMES && freeMs >= afterMs / SILENT_TIMES
      if (freeMs < afterMs && !isLongGone) break
      this.#waiting.remove(link)
      waiting.giveUp()
    }
    this.#mindSilence()
  }

  #mindSilence(): void {
    if (this.#silentSinceMs === undefined) {
      if (this.#waiting.size === 0) this.close()
    } else if (this.#heardMs - this.#silentSinceMs >= this.#options.afterMs * SILENT_TIMES) {
      this.#silentSinceMs = undefined
      this.#options.onSilence()
    }
  }
}

const NO_DOUBT = (): null => null
const TICK_MS = 10
const LONGEST_TICK_MS = 20
