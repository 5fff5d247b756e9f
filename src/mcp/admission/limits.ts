import { z } from 'zod'
import type { RateProfile } from '../../crypto/restrictions.ts'

/** Refilled evenly, holds at most `burst` calls. What is meant where no algorithm is named. */
export interface TokenBucketLimit {
  readonly algorithm?: 'token_bucket' | undefined
  readonly perMinute: number
  readonly burst: number
}

/**
 * At most `calls` in `seconds`. `sliding_window`: in every stretch of that length, wherever it begins. `fixed_window`: in
 * each that the clock begins (every full minute, where it is 60), so that twice as many may meet at its edge.
 */
export interface WindowLimit {
  readonly algorithm: 'sliding_window' | 'fixed_window'
  readonly calls: number
  readonly seconds: number
}

export type RateLimit = TokenBucketLimit | WindowLimit

/** Every number that limits a call, in one table (design §6). */
export interface LimitPolicy {
  /** Per user and environment, by the profile that the grant fixed. */
  readonly profile: Readonly<Record<RateProfile, RateLimit>>
  /** Per token and tool. */
  readonly tool: Readonly<Record<'read' | 'write', RateLimit>>
  /** Calls of one grant that may run at the same time. */
  readonly concurrent: Readonly<Record<RateProfile, number>>
}

const bucket = z.strictObject({
  algorithm: z.literal('token_bucket').optional(),
  perMinute: z.int().min(1).max(10_000_000),
  burst: z.int().min(1).max(1_000_000),
})
const seconds = z.int().min(1).max(86_400)
/** Each call of a sliding window is kept for as long as it counts, hence fewer of them. */
const sliding = z.strictObject({
  algorithm: z.literal('sliding_window'),
  calls: z.int().min(1).max(10_000),
  seconds,
})
const fixed = z.strictObject({
  algorithm: z.literal('fixed_window'),
  calls: z.int().min(1).max(10_000_000),
  seconds,
})
const rate = z.discriminatedUnion('algorithm', [bucket, sliding, fixed])
const concurrent = z.int().min(1).max(100_000)
const byProfile = <T extends z.ZodType>(value: T): z.ZodObject<Record<RateProfile, T>> =>
  z.strictObject({ interactive: value, sync: value, reporting: value, batch: value, webhook: value })

/** What an operator's file may change; what it leaves out keeps its default. */
export const limitsFile = z.strictObject({
  profile: byProfile(rate).partial().optional(),
  tool: z.strictObject({ read: rate, write: rate }).partial().optional(),
  concurrent: byProfile(concurrent).partial().optional(),
})

export const DEFAULT_LIMITS: LimitPolicy = {
  profile: {
    interactive: { perMinute: 200, burst: 50 },
    sync: { perMinute: 60, burst: 20 },
    reporting: { perMinute: 30, burst: 10 },
    batch: { perMinute: 10, burst: 5 },
    webhook: { perMinute: 500, burst: 100 },
  },
  tool: {
    read: { perMinute: 100, burst: 20 },
    write: { perMinute: 30, burst: 5 },
  },
  concurrent: { interactive: 16, sync: 8, reporting: 4, batch: 4, webhook: 32 },
}

export function mergeLimits(changes: z.infer<typeof limitsFile>): LimitPolicy {
  // A partial schema types absent members as possibly undefined; zod leaves them out, so defaults stay.
  return {
    profile: { ...DEFAULT_LIMITS.profile, ...present(changes.profile) },
    tool: { ...DEFAULT_LIMITS.tool, ...present(changes.tool) },
    concurrent: { ...DEFAULT_LIMITS.concurrent, ...present(changes.concurrent) },
  }
}

function present<T extends object>(changes: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
