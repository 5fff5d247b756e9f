import type { Clock } from '../../kernel/clock.ts'
import { MaximoFault } from '../fault.ts'

/**
 * What one caller was told holds for all: an environment that said when to come back (`Retry-After` on 429 or 503) is
 * left alone until then, for ten seconds at most, so that one bad header does not shut it.
 */
export class Rest {
  readonly #clock: Clock
  #untilMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @throws MaximoFault rate_limited while it lasts */
  throwIfResting(): void {
    const leftMs = this.#untilMs - this.#clock.monotonicMs()
    if (leftMs <= 0) return
    throw new MaximoFault('rate_limited', { detail: 'resting', retryAfterSeconds: Math.ceil(leftMs / 1000) })
  }

  /** Learns from what Maximo said. */
  learn(error: unknown): void {
    if (!(error instanceof MaximoFault) || error.retryAfterSeconds === null) return
    if (error.httpStatus !== 429 && error.httpStatus !== 503) return
    const restMs = Math.min(error.retryAfterSeconds * 1000, LONGEST_MS)
    this.#untilMs = Math.max(this.#untilMs, this.#clock.monotonicMs() + restMs)
  }
}

const LONGEST_MS = 10_000
