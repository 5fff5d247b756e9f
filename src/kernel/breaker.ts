import type { Clock } from './clock.ts'

export interface BreakerOptions {
  readonly clock: Clock
  /** A failure that took longer than this was our own loop being late, and proves nothing about the store. */
  readonly lateMs: number
  /** Whether a rejection means that the other side is unwell. */
  readonly isFailure?: (error: unknown) => boolean
  readonly onChange?: (state: BreakerState['is']) => void
  /** 0 to 1, for the jitter. */
  readonly random?: () => number
}

export type BreakerState =
  | { readonly is: 'closed' }
  | { readonly is: 'open'; readonly untilMs: number; readonly opened: number }
  | { readonly is: 'half_open'; readonly opened: number }

export interface Breaker {
  state(): BreakerState['is']
  /** @throws StoreUnavailable at once while open, else whatever `call` throws */
  guarded<T>(call: () => Promise<T>): Promise<T>
  /** There is evidence that the other side is back (a connection was made): the next call may probe at once. */
  nudge(): void
}

/** Opens after 5 failures in a row, or half of at least 20 within 10 s; for 2 s doubling to 30 s; one probe. */
export function createBreaker(options: BreakerOptions): Breaker {
  throw new Error(`not yet: ${options.lateMs}`)
}
