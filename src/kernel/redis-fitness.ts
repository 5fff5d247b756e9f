export interface Fitness {
  /** Why Redis must not be used as it is, in words for the operator; `null` when it may. */
  readonly unfit: string | null
  /** What should be mended although it may. */
  readonly remarks: readonly string[]
}

/**
 * Judges a server by its own `INFO`: role, eviction, persistence and clock.
 *
 * @param nowMs our clock when it was answered, milliseconds since the Unix epoch
 */
export function judgeRedis(info: string, nowMs: number): Fitness {
  const value = (name: string): string => new RegExp(`^${name}:(.*)\r?$`, 'm').exec(info)?.[1]?.trim() ?? ''
  const skewMs = Number(value('server_time_usec')) / 1000 - nowMs
  return {
    unfit: unfitness(value, skewMs),
    remarks: [
      ...(value('aof_enabled') === '0' ? [NOT_PERSISTENT] : []),
      // It tells how many replicas are good only where it asks for some.
      ...(Number(value('connected_slaves')) > 0 && value('min_slaves_good_slaves') === ''
        ? [TAKES_LOST_WRITES]
        : []),
      // Watermarks of several servers are compared with each other: such a one neither attests nor says `enforced`.
      ...(Math.abs(skewMs) > MAX_SKEW_MS
        ? [`Redis’ clock is ${Math.round(skewMs / 1000)} s away from ours`]
        : []),
    ],
  }
}

function unfitness(value: (name: string) => string, skewMs: number): string | null {
  if (value('loading') === '1') return 'Redis is loading its data'
  if (value('redis_mode') === 'sentinel') return 'this is a Sentinel: use redis+sentinel://'
  if (value('role') !== 'master') return NOT_A_MASTER
  if (value('maxmemory_policy') !== 'noeviction')
    return 'Redis may evict keys: set maxmemory-policy noeviction'
  // Limits count by its clock, tokens end by ours.
  if (Math.abs(skewMs) > UNBELIEVABLE_SKEW_MS)
    return 'the clocks of Redis and of this server differ by more than 30 s'
  return null
}

export const NOT_A_MASTER = 'Redis is not a master'
const TAKES_LOST_WRITES =
  'Redis has replicas but no min-replicas-to-write: a master that is cut off takes writes that are lost'
const NOT_PERSISTENT =
  'Redis keeps no append-only file: after a restart limits begin anew and what was under way is lost'
const MAX_SKEW_MS = 2_000
const UNBELIEVABLE_SKEW_MS = 30_000
