/** Time, injected everywhere so that a test can hold it. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. Compare with times from outside (`exp`, `iat`). */
  nowMs(): number
  /** Milliseconds from an arbitrary start, never stepping back. Use for durations and timeouts. */
  monotonicMs(): number
}

/** The only place that reads the machine's clocks. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** NumericDate of RFC 7519 §2: whole seconds since the Unix epoch. */
export const nowSeconds = (clock: Clock): number => Math.floor(clock.nowMs() / 1000)

/** ISO 8601 in UTC with milliseconds, e.g. `2026-11-22T08:00:00.000Z`. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()
