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

/** Milliseconds of an ISO 8601 time with its zone, to the second or finer; null for anything else. */
export function readIsoTime(text: string): number | null {
  const ms = ISO_TIME.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(ms) ? null : ms
}
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

/** ISO 8601 in UTC with milliseconds, e.g. `2026-11-22T08:00:00.000Z`. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()

/** Milliseconds since the Unix epoch of an HTTP date (IMF-fixdate, RFC 9110 §5.6.7); `null` for anything else. */
export function httpDateMs(text: string): number | null {
  const ms = FIXDATE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? null : ms
}

const FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3]\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} [0-2]\d:[0-5]\d:[0-6]\d GMT$/
