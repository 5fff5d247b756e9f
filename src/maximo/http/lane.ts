import type { Pool } from 'undici'
import type { Breaker } from '../../kernel/breaker.ts'
import { createBreaker } from '../../kernel/breaker.ts'
import type { CallSignal } from '../../kernel/call-signal.ts'
import type { Clock } from '../../kernel/clock.ts'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { MaximoFault, type MaximoFaultKind } from '../fault.ts'
import { AnswerLost } from './answer-lost.ts'
import { faultIn, jsonOf } from './answer.ts'
import { Bulkhead, type Urgency } from './bulkhead.ts'
import { CallEnd } from './call-end.ts'
import { download, type FileAnswer } from './download.ts'
import type { Answer, Sent } from './exchange.ts'
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
  /** Told which cookies an answer sets. */
  readonly heard?: (setCookie: readonly string[]) => void
}

export interface Download extends Ask {
  /** What the file is, as its metadata says. */
  readonly mediaType: string | null
}

export interface Write extends Omit<Ask, 'objectStructure' | 'heard'> {
  readonly sent: Sent
}

/** The way to one Maximo, with the kindness of reliability rules M4, M5 and M13. */
export interface Lane {
  /** The JSON Maximo answers. @throws MaximoFault, or the signal's reason once it aborts */
  ask(question: Ask): Promise<unknown>
  /**
   * Sends a write once, whatever happens; refusals are answers. Counts in bulkhead and breaker like a read, and has the
   * whole call's time for its first byte.
   * @throws AnswerLost when it may have been carried out, else as `ask`: then nothing of it has left
   */
  write(write: Write): Promise<Answer>
  /** A file, in the call's time. It keeps its place until the last byte was taken. @throws as `ask`; nothing is retried */
  download(question: Download): Promise<FileAnswer>
  circuit(): ReturnType<Breaker['state']>
  close(): Promise<void>
}

/** Milliseconds. */
export interface Deadlines {
  readonly connectMs: number
  /** From the request to the status line, connecting included. */
  readonly firstByteMs: number
  /** From the status line to the last byte; a file has the whole call's time instead. */
  readonly bodyMs: number
  /** The whole call with queueing and retries. */
  readonly wholeMs: number
}

export interface LaneOptions {
  readonly pool: Pool
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Hears of every exchange: how it ended, and after how many milliseconds. */
  readonly onExchange?: OnExchange | undefined
  /** Hears when Maximo is left alone, and when it is believed again; a probe that fails is no news. */
  readonly onCircuit?: ((state: 'open' | 'closed') => void) | undefined
}

/** Else the kind of the fault. `kept_back`: the breaker let nothing through. `given_up`: the caller did not wait. */
export type OnExchange = (
  outcome: 'answered' | 'kept_back' | 'given_up' | MaximoFaultKind,
  tookMs: number,
) => void

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
    const { clock, onCircuit } = options
    const onChange = newsOnly(onCircuit)
    this.#breaker = createBreaker({ clock, lateMs: Infinity, isFailure: isTrouble, onChange })
  }

  ask(question: Ask): Promise<unknown> {
    return this.#inTime(question.signal, (end) => this.#askWithRetries(question, end))
  }

  write(write: Write): Promise<Answer> {
    return this.#inTime(write.signal, async (end) => {
      try {
        this.#rest.throwIfResting()
        const once = (): Promise<Answer> => this.#guarded(() => this.#writeOnce(write, end))
        return await this.#bulkhead.run(once, end, write.urgency)
      } catch (error) {
        this.#rest.learn(error instanceof AnswerLost ? error.cause : error)
        throw error
      }
    })
  }

  download({ path, headers, mediaType, ...question }: Download): Promise<FileAnswer> {
    const { pool, clock, deadlines } = this.#options
    const { firstByteMs } = deadlines
    const context = { objectStructure: question.objectStructure, nowMs: clock.nowMs() }
    return new Promise((resolve, reject) => {
      this.#inTime(question.signal, async (end) => {
        this.#rest.throwIfResting()
        const options = { dispatcher: pool, path, headers, end, context, mediaType, firstByteMs }
        const once = (): Promise<void> => this.#guarded(() => download(options, resolve))
        await this.#bulkhead.run(once, end, question.urgency)
      }).catch((error: unknown) => {
        this.#rest.learn(error)
        reject(error instanceof Error ? error : new Error('no answer', { cause: error }))
      })
    })
  }

  circuit(): ReturnType<Breaker['state']> {
    return this.#breaker.state()
  }

  async close(): Promise<void> {
    await this.#options.pool.close()
  }

  async #inTime<T>(signal: CallSignal, run: (end: CallEnd) => Promise<T>): Promise<T> {
    const end = new CallEnd()
    const onAbort = (): void => end.end(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    const whole = setTimeout(
      () => end.end(new MaximoFault('timeout', { detail: 'whole' })),
      this.#options.deadlines.wholeMs,
    )
    try {
      return await run(end)
    } finally {
      clearTimeout(whole)
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #askWithRetries(question: Ask, end: CallEnd): Promise<unknown> {
    this.#budget.called()
    for (let retries = 0; ; retries++) {
      try {
        this.#rest.throwIfResting()
        const once = (): Promise<unknown> => this.#guarded(() => this.#askOnce(question, end))
        return await this.#bulkhead.run(once, end, question.urgency)
      } catch (error) {
        this.#rest.learn(error)
        const delayMs = retryDelayMs(error, retries)
        if (delayMs === null || end.reason !== null || !this.#budget.spend()) throw error
        await pause(delayMs, end)
      }
    }
  }

  async #guarded<T>(once: () => Promise<T>): Promise<T> {
    const { clock, onExchange } = this.#options
    const startedMs = clock.monotonicMs()
    try {
      const answer = await this.#breaker.guarded(once)
      onExchange?.('answered', clock.monotonicMs() - startedMs)
      return answer
    } catch (cause) {
      onExchange?.(outcomeOf(cause), clock.monotonicMs() - startedMs)
      if (cause instanceof StoreUnavailable)
        throw new MaximoFault('unavailable', { detail: 'breaker_open', retryAfterSeconds: 2, cause })
      throw cause
    }
  }

  async #askOnce({ path, headers, objectStructure, heard }: Ask, end: CallEnd): Promise<unknown> {
    const { pool, clock, deadlines } = this.#options
    const answer = await exchange({
      dispatcher: pool,
      path,
      headers,
      end,
      firstByteMs: deadlines.firstByteMs,
      bodyMs: deadlines.bodyMs,
    })
    heard?.(answer.setCookie)
    return jsonOf(answer, { objectStructure, nowMs: clock.nowMs() })
  }

  /** A gateway's 502 to 504 says nothing about what happened behind it; its 429 says that nothing did. */
  async #writeOnce({ path, headers, sent }: Write, end: CallEnd): Promise<Answer> {
    const { pool, clock, deadlines } = this.#options
    const answer = await exchange({
      dispatcher: pool,
      ...{ path, headers, end, sent },
      firstByteMs: deadlines.wholeMs,
      bodyMs: deadlines.bodyMs,
    })
    if (answer.status !== 429 && (answer.status < 500 || answer.isJson)) return answer
    const fault =
      faultIn(null, answer, { objectStructure: null, nowMs: clock.nowMs() }) ?? new MaximoFault('unavailable')
    throw answer.status === 429 ? fault : new AnswerLost(fault)
  }
}

function outcomeOf(error: unknown): Parameters<OnExchange>[0] {
  if (error instanceof StoreUnavailable) return 'kept_back'
  if (error instanceof AnswerLost) return outcomeOf(error.cause)
  return error instanceof MaximoFault ? error.kind : 'given_up'
}

/** What a breaker says, without its probes. */
function newsOnly(tell: LaneOptions['onCircuit']): (state: ReturnType<Breaker['state']>) => void {
  let told: ReturnType<Breaker['state']> = 'closed'
  return (state) => {
    if (state === 'half_open' || state === told) return
    told = state
    tell?.(state)
  }
}

/** What shows that Maximo itself is unwell; refusals and nonsense of one caller's making do not. */
const isTrouble = (error: unknown): boolean => {
  if (error instanceof AnswerLost) return isTrouble(error.cause)
  if (!(error instanceof MaximoFault)) return false
  if (error.kind === 'unavailable') return error.code === null
  return error.kind === 'timeout' || error.kind === 'unreachable' || error.detail === 'truncated'
}

const pause = (delayMs: number, end: CallEnd): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end.waited()
      resolve()
    }, delayMs)
    end.wait({
      over: (reason) => {
        clearTimeout(timer)
        reject(reason)
      },
    })
  })
