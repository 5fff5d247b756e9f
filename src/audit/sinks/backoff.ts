/**
 * How long to wait after so many failures in a row, in milliseconds: twice as long each time up to a minute, and between half
 * and all of it by chance, so that servers that lost one receiver together do not come back together. A receiver that says
 * when to come again is believed, for an hour at most.
 *
 * @param random from 0 (included) to 1
 */
export function backoffMs(failures: number, retryAfterMs: number | undefined, random: () => number): number {
  const ceiling = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures - 1, MAX_DOUBLINGS))
  const own = ceiling * (0.5 + random() / 2)
  return Math.max(own, Math.min(retryAfterMs ?? 0, MAX_ASKED_MS))
}

const FIRST_MS = 1_000
const MAX_MS = 60_000
const MAX_DOUBLINGS = 16
const MAX_ASKED_MS = 3_600_000
