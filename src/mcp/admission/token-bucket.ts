import type { RateLimit } from './limits.ts'

/**
 * A token bucket in whole numbers, so that the Lua twin computes the very same: one call costs 60,000 units and a
 * bucket of n calls per minute gains n units in a millisecond.
 */
export interface Bucket {
  readonly level: number
  readonly atMs: number
}

const UNITS_PER_CALL = 60_000

/** The bucket as it stands now. Absent: full. A clock that stepped back refills nothing. */
export function refill(bucket: Bucket | null, limit: RateLimit, nowMs: number): Bucket {
  const full = limit.burst * UNITS_PER_CALL
  if (bucket === null) return { level: full, atMs: nowMs }
  const elapsedMs = Math.max(0, nowMs - bucket.atMs)
  return { level: Math.min(full, bucket.level + elapsedMs * limit.perMinute), atMs: nowMs }
}

/** Milliseconds until one call fits; 0 when it fits now. */
export const waitMs = (bucket: Bucket, limit: RateLimit): number =>
  Math.max(0, Math.ceil((UNITS_PER_CALL - bucket.level) / limit.perMinute))

export const takeOne = (bucket: Bucket): Bucket => ({ ...bucket, level: bucket.level - UNITS_PER_CALL })

/** After so long an untouched bucket is full again, and need not be kept. */
export const fullAfterMs = (limit: RateLimit): number =>
  Math.ceil((limit.burst * UNITS_PER_CALL) / limit.perMinute) + 1_000

export const writeBucket = (bucket: Bucket): string => `${bucket.level} ${bucket.atMs}`

export function readBucket(text: string | null): Bucket | null {
  const [level, atMs] = (text ?? '').split(' ').map(Number)
  return level === undefined || atMs === undefined ? null : { level, atMs }
}
