import type { Pool } from 'undici'
import type { Breaker } from '../../kernel/breaker.ts'
import { createBreaker } from '../../kernel/breaker.ts'
import type { CallSignal } from '../../kernel/call-signal.ts'
import type { Clock } from '../../kernel/clock.ts'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { MaximoFault } from '../fault.ts'
import { jsonOf } from './answer.ts'
import { Bulkhead, type Urgency } from './bulkhead.ts'
import { CallEnd } from './call-end.ts'
import { exchange } from './exchange.ts'
import { Rest } from './rest.ts'
import type { RetryBudget } from './retry.ts'
import { createRetryBudget, retryDelayMs } from './retry.ts'

export interface Ask {
  /** With the query string. */
  readonly path: string
  readonly headers: readonly string[]
  readonly objectStructure: string | null
  readonly signal: CallSignal
  readonly urgency: Urgency
}

/** The way to one Maximo: reads only, with the kindness of reliability rules M4, M5 and M13. */
export interface Lane {
  /** The JSON Maximo answers. @throws MaximoFault, or the signal's reason once it aborts */
  ask(question: Ask): Promise<unknown>
  close(): Promise<void>
}

/** Milliseconds; each counts from the start of the call. */
export interface Deadlines {
  readonly connectMs: number
  readonly firstByteMs: number
  /** The whole call with queueing and retries. */
  readonly wholeMs: number
}

export interface LaneOptions {
  readonly pool: Pool
  readonly clock: Clock
  readonly deadlines: Deadlines
}

export const openLane = (options: LaneOptions): Lane => new KindLane(options)

class KindLane implements Lane {
  readonly #options: LaneOptions
  readonly #bulkhead = new Bulkhead()
  readonly #rest: Rest
  readonly #budget: RetryBudget = createRetryBudget()
  readonly #breaker: Breaker

  constructor(options: LaneOptions) {
    this.#options = options
    this.#rest = new Rest(options.clock)
    this.#breaker = createBreaker({ clock: options.clock, lateMs: Infinity, isFailure: isTrouble })
  }

  async ask(question: Ask): Promise<unknown> {
    const end = new CallEnd()
    const { signal } = question
    const onAbort = (): void => end.end(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    const whole = setTimeout(
      () => end.end(new MaximoFault('timeout', { detail: 'whole' })),
      this.#options.deadlines.wholeMs,
    )
    try {
      return await this.#askWithRetries(question, end)
    } finally {
      clearTimeout(whole)
      signal.removeEventListener('abort', onAbort)
    }
  }

  async close(): Promise<void> {
    await this.#options.pool.close()
  }

  async #askWithRetries(question: Ask, end: CallEnd): Promise<unknown> {
    this.#budget.called()
    for (let retries = 0; ; retries++) {
      try {
        this.#rest.throwIfResting()
        return await this.#bulkhead.run(() => this.#guarded(question, end), end, question.urgency)
      } catch (error) {
        this.#rest.learn(error)
        const delayMs = retryDelayMs(error, retries)
        if (delayMs === null || end.reason !== null || !this.#budget.spend()) throw error
        await pause(delayMs, end)
      }
    }
  }

  async #guarded(question: Ask, end: CallEnd): Promise<unknown> {
    try {
      return await this.#breaker.guarded(() => this.#askOnce(question, end))
    } catch (cause) {
      if (cause instanceof StoreUnavailable)
        throw new MaximoFault('unavailable', { detail: 'breaker_open', retryAfterSeconds: 2, cause })
      throw cause
    }
  }

  async #askOnce({ path, headers, objectStructure }: Ask, end: CallEnd): Promise<unknown> {
    const { pool, clock, deadlines } = this.#options
    const answer = await exchange({
      dispatcher: pool,
      path,
      headers,
      end,
      firstByteMs: deadlines.firstByteMs,
    })
    return jsonOf(answer, { objectStructure, nowMs: clock.nowMs() })
  }
}

/** What shows that Maximo itself is unwell; refusals and nonsense of one caller's making do not. */
const isTrouble = (error: unknown): boolean => {
  if (!(error instanceof MaximoFault)) return false
  if (error.kind === 'unavailable') return error.code === null
  return error.kind === 'timeout' || error.kind === 'unreachable' || error.detail === 'truncated'
}

const pause = (delayMs: number, end: CallEnd): Promise<void> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => {
      clearTimeout(timer)
      reject(end.reason ?? new Error('ended'))
    }
    const timer = setTimeout(() => {
      end.remove(giveUp)
      resolve()
    }, delayMs)
    end.add(giveUp)
  })
