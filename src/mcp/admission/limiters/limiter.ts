import type { RateLimit } from '../limits.ts'
import { lookAtWindow } from './fixed-window.ts'
import { lookAtLog } from './sliding-window.ts'
import { lookAtBucket } from './token-bucket.ts'

/** What a limiter says of one call more. */
export interface Look {
  /** Milliseconds until it fits; 0: now. */
  readonly waitMs: number
  /** What is kept once it was let through; of no meaning while it does not fit. */
  readonly take: () => Taken
}

export interface Taken {
  readonly text: string
  /** After so many milliseconds it says nothing any more. */
  readonly keepMs: number
  readonly left: Left
}

/** What is left of a limit. */
export interface Left {
  /** Calls, or units of a quota, that would pass now. */
  readonly remaining: number
  /** Milliseconds until there is more. */
  readonly resetMs: number
}

/** One letter per algorithm, part of every key: what one of them kept means nothing to another. */
export const letterOf = (limit: RateLimit): 'b' | 's' | 'f' => {
  switch (limit.algorithm) {
    case 'sliding_window':
      return 's'
    case 'fixed_window':
      return 'f'
    case 'token_bucket':
    case undefined:
      return 'b'
  }
}

/** The limiters as pure functions of what was kept, the limit and the store's time. `limiters-lua.ts` is their twin. */
export function look(held: string | null, limit: RateLimit, nowMs: number): Look {
  switch (limit.algorithm) {
    case 'sliding_window':
      return lookAtLog(held, limit, nowMs)
    case 'fixed_window':
      return lookAtWindow(held, limit, nowMs)
    case 'token_bucket':
    case undefined:
      return lookAtBucket(held, limit, nowMs)
  }
}

/** What is kept a little longer than it counts does no harm; what is forgotten earlier would. */
export const SLACK_MS = 60_000
