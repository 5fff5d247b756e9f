import type { RequestCounter, SeenRequest } from '../contract.ts'

const KEPT = 1000

/** Counts what reaches `/maximo`, and keeps the last of it. */
export interface CountingTap extends RequestCounter {
  note(request: SeenRequest): void
}

export function createRequestCounter(): CountingTap {
  let count = 0
  let seen: SeenRequest[] = []
  const counter = (): number => count
  return Object.assign(counter, {
    seen: () => seen.slice(-KEPT),
    reset: () => {
      count = 0
      seen = []
    },
    note: (request: SeenRequest) => {
      count += 1
      seen.push(request)
      if (seen.length > 2 * KEPT) seen = seen.slice(-KEPT)
    },
  })
}
