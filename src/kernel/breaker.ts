import type { Clock } from './clock.ts'
import { StoreUnavailable } from './store/contract.ts'

export interface BreakerOptions {
  readonly clock: Clock
  /** A failure that took longer than this was our own loop being late, and proves nothing about the other side. */
  readonly lateMs: number
  /** Whether a rejection means that the other side is unwell; all do without it. */
  readonly isFailure?: (error: unknown) => boolean
  readonly onChange?: (state: BreakerState['is']) => void
  /** 0 to 1, for the jitter. */
  readonly random?: () => number
}

export type BreakerState =
  | { readonly is: 'closed' }
  /** `opened` counts the openings in a row. Until then every call is refused. */
  | { readonly is: 'open'; readonly untilMs: number; readonly opened: number }
  /** The one probe is under way. */
  | { readonly is: 'half_open'; readonly opened: number }

export interface Breaker {
  state(): BreakerState['is']
  /** @throws StoreUnavailable at once while open, else whatever `call` throws */
  guarded<T>(call: () => Promise<T>): Promise<T>
  /** The other side was seen to work by other means (a new connection answered): closes at once. */
  reset(): void
}

/** Opens after 5 failures in a row, or half of at least 20 within 10 s; for 2 s doubling to 30 s; one probe. */
export const createBreaker = (options: BreakerOptions): Breaker => new CircuitBreaker(options)

class CircuitBreaker implements Breaker {
  readonly #options: BreakerOptions
  #state: BreakerState = { is: 'closed' }
  #inARow = 0
  #seconds: Second[] = []

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  state(): BreakerState['is'] {
    return this.#state.is
  }

  async guarded<T>(call: () => Promise<T>): Promise<T> {
    const isProbe = this.#enter()
    const startMs = this.#options.clock.monotonicMs()
    try {
      const value = await call()
      this.#succeeded(isProbe)
      return value
    } catch (error) {
      if (this.#options.isFailure?.(error) === false) this.#succeeded(isProbe)
      else this.#failed(isProbe, this.#options.clock.monotonicMs() - startMs)
      throw error
    }
  }

  reset(): void {
    this.#inARow = 0
    this.#seconds = []
    this.#become({ is: 'closed' })
  }

  /** Whether the call is the probe. */
  #enter(): boolean {
    const state = this.#state
    if (state.is === 'closed') return false
    if (state.is === 'open' && this.#options.clock.monotonicMs() < state.untilMs) {
      throw new StoreUnavailable('the store has failed repeatedly and is left alone for a moment')
    }
    if (state.is === 'half_open') {
      throw new StoreUnavailable('the store has failed repeatedly and is being probed')
    }
    this.#become({ is: 'half_open', opened: state.opened })
    return true
  }

  #succeeded(isProbe: boolean): void {
    if (isProbe) this.reset()
    else if (this.#state.is === 'closed') {
      this.#inARow = 0
      this.#thisSecond().succeeded += 1
    }
  }

  #failed(isProbe: boolean, tookMs: number): void {
    if (isProbe) this.#open()
    else if (this.#state.is === 'closed' && tookMs <= this.#options.lateMs) {
      this.#inARow += 1
      this.#thisSecond().failed += 1
      if (this.#inARow >= FAILURES_IN_A_ROW || this.#isFailingOften()) this.#open()
    }
  }

  #isFailingOften(): boolean {
    const failed = this.#seconds.reduce((sum, second) => sum + second.failed, 0)
    const all = this.#seconds.reduce((sum, second) => sum + second.succeeded, failed)
    return all >= LEAST_CALLS && failed * 2 >= all
  }

  #thisSecond(): Second {
    const at = Math.floor(this.#options.clock.monotonicMs() / 1000)
    const newest = this.#seconds.at(-1)
    if (newest?.at === at) return newest
    const second = { at, succeeded: 0, failed: 0 }
    this.#seconds = [...this.#seconds.filter((old) => old.at > at - WINDOW_SECONDS), second]
    return second
  }

  #open(): void {
    const opened = this.#state.is === 'half_open' ? this.#state.opened + 1 : 1
    const { clock, random = Math.random } = this.#options
    const lengthMs = Math.min(FIRST_OPEN_MS * 2 ** (opened - 1), LONGEST_OPEN_MS)
    // Shorter by up to a fifth, so that processes do not probe together.
    const untilMs = clock.monotonicMs() + lengthMs * (1 - random() / 5)
    this.#become({ is: 'open', untilMs, opened })
  }

  #become(state: BreakerState): void {
    const isNews = state.is !== this.#state.is
    this.#state = state
    if (isNews) this.#options.onChange?.(state.is)
  }
}

interface Second {
  readonly at: number
  succeeded: number
  failed: number
}

const FAILURES_IN_A_ROW = 5
const LEAST_CALLS = 20
const WINDOW_SECONDS = 10
const FIRST_OPEN_MS = 2_000
const LONGEST_OPEN_MS = 30_000
