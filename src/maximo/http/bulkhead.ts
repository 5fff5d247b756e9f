import type { BulkheadPolicy } from 'cockatiel'
import { bulkhead, BulkheadRejectedError } from 'cockatiel'
import { MaximoFault } from '../fault.ts'

export interface Bulkhead {
  /** @throws MaximoFault rate_limited when the queue is full, or the signal's reason as soon as it aborts */
  run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/** So that one slow environment holds a bounded number of our sockets and callers. */
export const createBulkhead = (): Bulkhead => {
  const policy = bulkhead(CONCURRENT, QUEUED)
  return {
    run: async (call, signal) => {
      signal.throwIfAborted()
      try {
        return await (policy.executionSlots > 0 ? policy.execute(call) : queued(policy, call, signal))
      } catch (error) {
        if (error instanceof BulkheadRejectedError)
          throw new MaximoFault('rate_limited', { detail: 'queue_full', retryAfterSeconds: 1, cause: error })
        throw error
      }
    },
  }
}

/**
 * Waits for a slot, but not longer than the caller does. The signal is not cockatiel's to know: version 3 forgets
 * to wake the next waiter when one that has aborted comes up, so an aborted waiter takes its slot for a moment.
 */
const queued = <T>(policy: BulkheadPolicy, call: () => Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    policy
      .execute(() => {
        signal.removeEventListener('abort', giveUp)
        return signal.aborted ? Promise.reject(signal.reason as Error) : call()
      })
      .then(resolve, reject)
  })

const CONCURRENT = 16
const QUEUED = 32
