import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * How late the event loop was on average over each of the last two seconds, whichever was the better: one long task, of
 * whatever length, says nothing about what comes after it.
 */
export class LoopLag {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #sampling: NodeJS.Timeout
  #lastMs = 0
  #lagMs = 0

  constructor(sampleMs = SAMPLE_MS) {
    this.#delays.enable()
    this.#sampling = setInterval(() => this.#sample(), sampleMs).unref()
  }

  ms(): number {
    return this.#lagMs
  }

  close(): Promise<void> {
    clearInterval(this.#sampling)
    this.#delays.disable()
    return Promise.resolve()
  }

  #sample(): void {
    const { mean } = this.#delays
    // Not a number where nothing was measured: the loop did not turn.
    const nowMs = Number.isNaN(mean) ? this.#lastMs : Math.max(0, mean / 1e6 - RESOLUTION_MS)
    this.#lagMs = Math.min(this.#lastMs, nowMs)
    this.#lastMs = nowMs
    this.#delays.reset()
  }
}

const RESOLUTION_MS = 10
const SAMPLE_MS = 1_000
