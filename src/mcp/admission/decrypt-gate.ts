import { LRUCache } from 'lru-cache'
import type { Clock } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'

export interface Job<T> {
  /** Digest of the token: concurrent callers with the same one share the work. */
  readonly digest: string
  /** Proven by the pre-tag, but the rest of the token may be garbage under a header that somebody has seen. */
  readonly tokenId: string
  readonly work: () => Promise<T>
}

interface Waiter {
  readonly start: () => void
  readonly timer: NodeJS.Timeout
}

/**
 * Bounds the private-key work: 2 run (RSA has libuv's threads, which DNS and disk need too), 64 wait for at most a
 * second, one runs per token id and at most 5 in a second. What does not fit is overload (`503`), never a bad token.
 */
export class DecryptGate<T> {
  readonly #clock: Clock
  readonly #shared = new Map<string, Promise<Result<T, 'overloaded'>>>()
  readonly #tokenIdsRunning = new Set<string>()
  readonly #attempts: LRUCache<string, { count: number; readonly endsMs: number }>
  readonly #queue: Waiter[] = []
  #running = 0
  #begun = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#attempts = new LRUCache({ max: MAX_TOKEN_IDS })
  }

  /** Operations with the private key so far. */
  get begun(): number {
    return this.#begun
  }

  run(job: Job<T>): Promise<Result<T, 'overloaded'>> {
    const shared = this.#shared.get(job.digest)
    if (shared !== undefined) return shared
    const mine = this.#runAlone(job).finally(() => this.#shared.delete(job.digest))
    this.#shared.set(job.digest, mine)
    return mine
  }

  async #runAlone({ tokenId, work }: Job<T>): Promise<Result<T, 'overloaded'>> {
    if (this.#tokenIdsRunning.has(tokenId) || !this.#mayTry(tokenId)) return err('overloaded')
    this.#tokenIdsRunning.add(tokenId)
    try {
      if (!(await this.#enter())) return err('overloaded')
      this.#begun += 1
      try {
        return ok(await work())
      } finally {
        this.#leave()
      }
    } finally {
      this.#tokenIdsRunning.delete(tokenId)
    }
  }

  #mayTry(tokenId: string): boolean {
    const nowMs = this.#clock.monotonicMs()
    const known = this.#attempts.get(tokenId)
    const window =
      known !== undefined && known.endsMs > nowMs ? known : { count: 0, endsMs: nowMs + ATTEMPT_WINDOW_MS }
    window.count += 1
    this.#attempts.set(tokenId, window)
    return window.count <= MAX_ATTEMPTS
  }

  /** `false`: too many wait, or the wait was too long. */
  #enter(): Promise<boolean> {
    if (this.#running < MAX_RUNNING) {
      this.#running += 1
      return Promise.resolve(true)
    }
    if (this.#queue.length >= MAX_QUEUED) return Promise.resolve(false)
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1)
        resolve(false)
      }, MAX_WAIT_MS)
      const waiter: Waiter = { timer, start: () => resolve(true) }
      this.#queue.push(waiter)
    })
  }

  /** Hands the place to whoever waits longest. */
  #leave(): void {
    const next = this.#queue.shift()
    if (next === undefined) {
      this.#running -= 1
      return
    }
    clearTimeout(next.timer)
    next.start()
  }
}

const MAX_RUNNING = 2
const MAX_QUEUED = 64
const MAX_WAIT_MS = 1_000
const MAX_ATTEMPTS = 5
const ATTEMPT_WINDOW_MS = 1_000
const MAX_TOKEN_IDS = 20_000
