import type { WindowLimit } from '../limits.ts'
import { SLACK_MS, type Look } from './limiter.ts'

/**
 * A sliding window that keeps the time of every call: of no stretch of `seconds`, wherever it begins, more than `calls` are
 * let through. A call counts from its own millisecond on and no more when the window is over. Kept as those times in their
 * order, which a clock that stepped back does not break: a call is then written down at the time of the last one.
 */
export function lookAtLog(held: string | null, { calls, seconds }: WindowLimit, nowMs: number): Look {
  const windowMs = seconds * 1000
  const edge = nowMs - windowMs
  const times = (held ?? '').split(' ').filter((time) => time !== '' && Number(time) > edge)
  // Of more than are allowed, as after a limit was lowered, all but the last have to go first.
  const oldest = Number(times[times.length - calls] ?? edge)
  return {
    waitMs: oldest - edge,
    take: () => {
      const atMs = Math.max(nowMs, Number(times.at(-1) ?? nowMs))
      return {
        text: [...times, atMs].join(' '),
        keepMs: atMs - edge + SLACK_MS,
        left: {
          remaining: calls - times.length - 1,
          resetMs: Number(times[0] ?? atMs) - edge,
        },
      }
    },
  }
}
