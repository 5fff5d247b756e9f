/**
 * The end of one call, whoever brings it about: the caller's signal or our deadline. An AbortSignal would do the
 * same, but two of them per read cost more than compiling the query.
 */
export class CallEnd {
  #reason: Error | null = null
  readonly #listeners = new Set<() => void>()

  /** Null while the call may go on. */
  get reason(): Error | null {
    return this.#reason
  }

  /** The first reason counts. */
  end(reason: unknown): void {
    if (this.#reason !== null) return
    this.#reason = reason instanceof Error ? reason : new Error('aborted', { cause: reason })
    for (const listener of [...this.#listeners]) listener()
  }

  /** `listener` is called once, and not at all when the end has already come: look at `reason` first. */
  add(listener: () => void): void {
    this.#listeners.add(listener)
  }

  remove(listener: () => void): void {
    this.#listeners.delete(listener)
  }

  throwIfOver(): void {
    if (this.#reason !== null) throw this.#reason
  }
}
