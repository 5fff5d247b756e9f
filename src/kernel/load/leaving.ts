import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A process that is about to go, and still serves: `/readyz` says so at once, and balancers have the time to notice before
 * a listener closes.
 */
export class Leaving {
  readonly #drainMs: number
  #isLeaving = false

  constructor(drainMs: number) {
    this.#drainMs = drainMs
  }

  get isLeaving(): boolean {
    return this.#isLeaving
  }

  /** Resolves when nobody should send anything more. */
  async begin(): Promise<void> {
    this.#isLeaving = true
    await sleep(this.#drainMs)
  }
}
