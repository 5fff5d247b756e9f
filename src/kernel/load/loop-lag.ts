import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * How late the event loop was on average over the last half second. One long task is a single late turn among many; only
 * what goes on for a while counts.
 */
export class LoopLag {
  readonly #delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #sampling: NodeJS.Timeout
  #lagMs = 0

  constructor() {
    this.#delays.enable()
    this.#sampling = setInterval(() => this.#sample(), SAMPLE_MS).unref()
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
    // Not a number while nothing was measured.
    this.#lagMs = Number.isNaN(mean) ? 0 : Math.max(0, mean / 1e6 - RESOLUTION_MS)
    this.#delays.reset()
  }
}

const RESOLUTION_MS = 10
const SAMPLE_MS = 500
