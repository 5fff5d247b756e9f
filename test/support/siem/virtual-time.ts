import type { Wait } from '../../../src/audit/sinks/sink.ts'
import { type ManualClock, manualClock } from '../clock.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/**
 * Time that passes only when a test says so, and only while everybody who works waits: hours go by in no time, and what is
 * really on its way over a socket is waited for.
 */
export class VirtualTime {
  readonly clock: ManualClock = manualClock()
  readonly #sleepers: Sleeper[] = []
  #arrived: (() => void) | null = null

  readonly wait: Wait = (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve()
        return
      }
      const leave = (): void => this.#wake(sleeper)
      const wake = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const sleeper = { atMs: this.clock.monotonicMs() + ms, wake }
      this.#sleepers.push(sleeper)
      signal.addEventListener('abort', leave)
      this.#arrived?.()
    })

  /** Lets so much time pass for one worker, turn by turn, and returns when he waits again. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.monotonicMs() + ms
    for (;;) {
      const next = await this.#nextSleeper()
      if (next.atMs > until) break
      this.clock.advance(Math.max(0, next.atMs - this.clock.monotonicMs()))
      this.#wake(next)
    }
    this.clock.advance(until - this.clock.monotonicMs())
  }

  async #nextSleeper(): Promise<Sleeper> {
    while (this.#sleepers.length === 0)
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    this.#arrived = null
    return this.#sleepers.reduce((soonest, one) => (one.atMs < soonest.atMs ? one : soonest))
  }

  #wake(sleeper: Sleeper): void {
    const at = this.#sleepers.indexOf(sleeper)
    if (at !== -1) this.#sleepers.splice(at, 1)
    sleeper.wake()
  }
}
