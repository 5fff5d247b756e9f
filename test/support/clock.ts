import type { Clock } from '../../src/kernel/clock.ts'

export interface ManualClock extends Clock {
  advance(ms: number): void
  /** Sets the wall clock alone, as an operator would. */
  setWall(ms: number): void
}

/** A clock that stands still until it is moved. Starts at 2026-11-22T00:00:00Z unless told otherwise. */
export function manualClock(startMs = 1_795_305_600_000): ManualClock {
  let wallMs = startMs
  let monotonicMs = 0
  return {
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    advance: (ms) => {
      wallMs += ms
      monotonicMs += ms
    },
    setWall: (ms) => {
      wallMs = ms
    },
  }
}
