/** What a call waits for at the moment: told at once when the call is over. */
export interface Waiting {
  over(reason: Error): void
}

/**
 * The end of one call, whoever brings it about: the caller's signal or our deadline. An AbortSignal would do the
 * same, but two of them per read cost more than compiling the query.
 */
export class CallEnd {
  #reason: Error | null = null
  #waiting: Waiting | null = null

  /** Null while the call may go on. */
  get reason(): Error | null {
    return this.#reason
  }

  /** The first reason counts. */
  end(reason: unknown): void {
    if (this.#reason !== null) return
    this.#reason = reason instanceof Error ? reason : new Error('aborted', { cause: reason })
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.over(this.#reason)
  }

  /**
   * A call waits for one thing at a time. It is told once, and not at all when the end has already come: look at
   * `reason` first.
   */
  wait(waiting: Waiting): void {
    this.#waiting = waiting
  }

  waited(): void {
    this.#waiting = null
  }

  throwIfOver(): void {
    if (this.#reason !== null) throw this.#reason
  }
}
