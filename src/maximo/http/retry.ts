import { MaximoFault } from '../fault.ts'

/** Bounds what retries add to the load: 1.1 times the calls at most, however bad it gets. */
export interface RetryBudget {
  called(): void
  /** Takes one retry out of the budget, if there is one. */
  spend(): boolean
}

export const createRetryBudget = (): RetryBudget => {
  let tokens = FIRST
  return {
    called: () => {
      tokens = Math.min(tokens + PER_CALL, MOST)
    },
    spend: () => {
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}

/**
 * How long to wait before asking again, or null: not worth it or not safe. Only for reads, and only for faults that
 * pass by themselves. Full jitter, unless Maximo said when; a wait of more than 10 s is left to the caller.
 */
export const retryDelayMs = (
  error: unknown,
  retriesSoFar: number,
  random: () => number = Math.random,
): number | null => {
  if (retriesSoFar >= MAX_RETRIES || !(error instanceof MaximoFault) || !isPassing(error)) return null
  if (error.retryAfterSeconds !== null) {
    const waitMs = error.retryAfterSeconds * 1000
    return waitMs > LONGEST_WAIT_MS ? null : waitMs + random() * FIRST_WAIT_MS
  }
  return random() * Math.min(LONGEST_BACKOFF_MS, FIRST_WAIT_MS * 2 ** retriesSoFar)
}

const isPassing = ({ kind, detail, httpStatus }: MaximoFault): boolean => {
  switch (kind) {
    case 'rate_limited':
      return detail !== 'queue_full'
    case 'unavailable':
      return httpStatus === 502 || httpStatus === 503 || httpStatus === 504
    case 'unreachable':
      return detail === 'reset' || detail === 'refused' || detail === 'network'
    case 'bad_upstream':
      return detail === 'truncated'
    case 'timeout':
    case 'credentials_rejected':
    case 'not_permitted':
    case 'not_found':
    case 'invalid_query':
    case 'conflict':
    case 'refused':
    case 'too_large':
    case 'maintenance':
    case 'egress_refused':
      return false
  }
}

const MAX_RETRIES = 2
const FIRST_WAIT_MS = 200
const LONGEST_BACKOFF_MS = 2_000
const LONGEST_WAIT_MS = 10_000
/** One retry to start with, so that the very first hiccup is bridged; together below 10 % from 100 calls on. */
const FIRST = 1
const PER_CALL = 0.09
const MOST = 10
