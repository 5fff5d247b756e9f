import type { BulkheadPolicy } from 'cockatiel'
import { bulkhead, BulkheadRejectedError } from 'cockatiel'
import { MaximoFault } from '../fault.ts'
import type { CallEnd } from './call-end.ts'

export interface Bulkhead {
  /** @throws MaximoFault rate_limited when the queue is full, or the end's reason as soon as it comes */
  run<T>(call: () => Promise<T>, end: CallEnd): Promise<T>
}

/** So that one slow environment holds a bounded number of our sockets and callers. */
export const createBulkhead = (): Bulkhead => {
  const policy = bulkhead(CONCURRENT, QUEUED)
  return {
    run: async (call, end) => {
      end.throwIfOver()
      try {
        return await (policy.executionSlots > 0 ? policy.execute(call) : queued(policy, call, end))
      } catch (error) {
        if (error instanceof BulkheadRejectedError)
          throw new MaximoFault('rate_limited', { detail: 'queue_full', retryAfterSeconds: 1, cause: error })
        throw error
      }
    },
  }
}

/**
 * Waits for a slot, but not longer than the caller does. No signal for cockatiel: version 3 forgets
 * to wake the next waiter when one that has aborted comes up, so an aborted waiter takes its slot for a moment.
 */
const queued = <T>(policy: BulkheadPolicy, call: () => Promise<T>, end: CallEnd): Promise<T> =>
  new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(end.reason ?? new Error('ended'))
    }
    end.add(giveUp)
    policy
      .execute(() => {
        end.remove(giveUp)
        return end.reason === null ? call() : Promise.reject(end.reason)
      })
      .then(resolve, reject)
  })

const CONCURRENT = 16
const QUEUED = 32
