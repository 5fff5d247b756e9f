import type { TokenBucketLimit } from '../limits.ts'
import { SLACK_MS, type Look } from './limiter.ts'

/**
 * A token bucket in whole numbers, so that the Lua twin computes the very same: one call costs 60,000 units and a
 * bucket of n calls per minute gains n units in a millisecond. Kept as `<level> <milliseconds>`; absent: full. A clock that
 * stepped back refills nothing.
 */
export function lookAtBucket(held: string | null, limit: TokenBucketLimit, nowMs: number): Look {
  const level = levelAt(held, limit, nowMs)
  return {
    waitMs: Math.max(0, Math.ceil((UNITS_PER_CALL - level) / limit.perMinute)),
    take: () => {
      const rest = level - UNITS_PER_CALL
      const remaining = Math.floor(rest / UNITS_PER_CALL)
      return {
        text: `${rest} ${nowMs}`,
        keepMs: Math.ceil((limit.burst * UNITS_PER_CALL) / limit.perMinute) + SLACK_MS,
        left: {
          remaining,
          resetMs: Math.ceil(((remaining + 1) * UNITS_PER_CALL - rest) / limit.perMinute),
        },
      }
    },
  }
}

function levelAt(held: string | null, limit: TokenBucketLimit, nowMs: number): number {
  const full = limit.burst * UNITS_PER_CALL
  const [, level, atMs] = /^(-?\d+) (\d+)$/.exec(held ?? '') ?? []
  if (level === undefined) return full
  const elapsedMs = Math.max(0, nowMs - Number(atMs))
  return Math.min(full, Number(level) + elapsedMs * limit.perMinute)
}

const UNITS_PER_CALL = 60_000
