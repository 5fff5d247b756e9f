/** What a call needs of an `AbortSignal`; every `AbortSignal` is one. */
export interface CallSignal {
  readonly aborted: boolean
  /** Why; undefined until it is aborted. */
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/**
 * Ends one call. An `AbortController` does the same and more, but an `EventTarget` for each call costs as much as all
 * checks of its token.
 */
export class CallController implements CallSignal {
  #aborted = false
  #reason: unknown
  readonly #listeners = new Set<() => void>()

  get aborted(): boolean {
    return this.#aborted
  }

  get reason(): unknown {
    return this.#reason
  }

  /** The first reason counts. Each listener is called once. */
  abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    const listeners = [...this.#listeners]
    this.#listeners.clear()
    for (const listener of listeners) listener()
  }

  /** As with an `AbortSignal`: too late is never. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#aborted) this.#listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener)
  }
}

/** For what insists on a real one (`fetch`, `Request`). */
export function abortSignalOf(signal: CallSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return controller.signal
}

/** Waits for a promise that others wait for too, but no longer than the call lasts: then it rejects with its reason. */
export const orAborted = <T>(promise: Promise<T>, signal: CallSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => {
      const reason = signal.reason as Error
      reject(reason)
    }
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
