import { MaximoFault } from '../fault.ts'
import type { CallEnd, Waiting } from './call-end.ts'

/** Who waits for the answer: a person, a program that works for one, or a report that may come later. */
const URGENCIES = ['person', 'program', 'batch'] as const
export type Urgency = (typeof URGENCIES)[number]

/**
 * Bounds what one environment holds of our sockets and callers. Whoever is more urgent goes first; where the queue is
 * full, he takes the place of the newest among the least urgent. (cockatiel's bulkhead knows no priorities, and forgets
 * to wake the next waiter when one that has given up comes to its turn.)
 */
export class Bulkhead {
  readonly #waiting: Readonly<Record<Urgency, Waiter[]>> = { person: [], program: [], batch: [] }
  #running = 0

  /** @throws MaximoFault rate_limited when there is no place in the queue, or the end's reason as soon as it comes */
  async run<T>(call: () => Promise<T>, end: CallEnd, urgency: Urgency): Promise<T> {
    end.throwIfOver()
    if (this.#running >= CONCURRENT) await this.#turn(end, urgency)
    else this.#running += 1
    try {
      return await call()
    } finally {
      this.#leave()
    }
  }

  /** Resolves once a slot was handed over. */
  #turn(end: CallEnd, urgency: Urgency): Promise<void> {
    if (this.#queued() >= QUEUED && !this.#displace(urgency)) return Promise.reject(queueFull())
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        go: () => {
          end.waited()
          resolve()
        },
        refuse: () => {
          end.waited()
          reject(queueFull())
        },
        over: (reason) => {
          this.#remove(waiter, urgency)
          reject(reason)
        },
      }
      end.wait(waiter)
      this.#waiting[urgency].push(waiter)
    })
  }

  /** A slot that somebody waits for changes hands without ever being free. */
  #leave(): void {
    const next = URGENCIES.map((urgency) => this.#waiting[urgency]).find(({ length }) => length > 0)
    const waiter = next?.shift()
    if (waiter === undefined) this.#running -= 1
    else waiter.go()
  }

  #displace(urgency: Urgency): boolean {
    const lower = URGENCIES.slice(URGENCIES.indexOf(urgency) + 1).reverse()
    const queue = lower.map((each) => this.#waiting[each]).find(({ length }) => length > 0)
    const displaced = queue?.pop()
    displaced?.refuse()
    return displaced !== undefined
  }

  #remove(waiter: Waiter, urgency: Urgency): void {
    const queue = this.#waiting[urgency]
    const at = queue.indexOf(waiter)
    if (at !== -1) queue.splice(at, 1)
  }

  #queued(): number {
    return URGENCIES.reduce((sum, urgency) => sum + this.#waiting[urgency].length, 0)
  }
}

interface Waiter extends Waiting {
  readonly go: () => void
  readonly refuse: () => void
}

const queueFull = (): MaximoFault =>
  new MaximoFault('rate_limited', { detail: 'queue_full', retryAfterSeconds: 1 })

const CONCURRENT = 16
const QUEUED = 32
