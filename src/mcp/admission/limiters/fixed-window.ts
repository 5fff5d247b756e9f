import type { WindowLimit } from '../limits.ts'
import { SLACK_MS, type Look } from './limiter.ts'

/**
 * A counter for each window that the clock begins, aligned to the epoch. Kept as `<beginning> <calls>`. What was counted
 * since this window began counts in it, also where the window was another one before the limit was changed.
 */
export function lookAtWindow(held: string | null, { calls, seconds }: WindowLimit, nowMs: number): Look {
  const windowMs = seconds * 1000
  const start = Math.floor(nowMs / windowMs) * windowMs
  const [, begun, counted] = /^(\d+) (\d+)$/.exec(held ?? '') ?? []
  const isOfThis = begun !== undefined && Number(begun) >= start
  const [from, used] = isOfThis ? [Number(begun), Number(counted)] : [start, 0]
  const resetMs = Math.floor(from / windowMs) * windowMs + windowMs - nowMs
  return {
    waitMs: used >= calls ? resetMs : 0,
    take: () => ({
      text: `${from} ${used + 1}`,
      keepMs: resetMs + SLACK_MS,
      left: { remaining: calls - used - 1, resetMs },
    }),
  }
}
