import type { Clock } from '../../kernel/clock.ts'

/** How a router in front of Maximo limits callers: Maximo itself publishes no limit (maximo-api §7.4). */
export interface ThrottleRule {
  readonly perMinute: number
  readonly status: 429 | 503
  /** `seconds` and `date` are the two forms of Retry-After; `none` leaves it out. */
  readonly retryAfter: 'seconds' | 'date' | 'none'
}

export interface Throttle {
  /** Null lifts the limit. */
  set(rule: ThrottleRule | null): void
  /** Counts a request. @returns null when it passes, else how it is refused. */
  take(): { readonly status: number; readonly retryAfter: string | null } | null
}

const MINUTE_MS = 60_000

/** One window a minute, for all callers together. */
export function createThrottle(clock: Clock): Throttle {
  let current: ThrottleRule | null = null
  let window = { startMs: 0, count: 0 }
  return {
    set: (rule) => {
      current = rule
      window = { startMs: clock.nowMs(), count: 0 }
    },
    take: () => {
      if (current === null) return null
      const nowMs = clock.nowMs()
      if (nowMs - window.startMs >= MINUTE_MS) window = { startMs: nowMs, count: 0 }
      window.count += 1
      if (window.count <= current.perMinute) return null
      return { status: current.status, retryAfter: retryAfter(current, window.startMs + MINUTE_MS, nowMs) }
    },
  }
}

function retryAfter(rule: ThrottleRule, endMs: number, nowMs: number): string | null {
  if (rule.retryAfter === 'none') return null
  return rule.retryAfter === 'date'
    ? new Date(endMs).toUTCString()
    : String(Math.max(1, Math.ceil((endMs - nowMs) / 1000)))
}
