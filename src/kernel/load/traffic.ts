import { wholeNumber } from '../env-fields.ts'
import type { Leaving } from './leaving.ts'
import type { Load } from './load.ts'
import type { LoadLimits } from './shedding.ts'

/** What the listeners of one process share. */
export interface Traffic {
  readonly load: Load
  readonly leaving: Leaving
  /** Open connections of each listener. */
  readonly maxConnections: number
}

export interface TrafficConfig {
  readonly limits: LoadLimits
  readonly maxConnections: number
  /** How long a process that is told to stop goes on serving. */
  readonly drainMs: number
}

/** Variables that both services read. */
export const trafficVariables = {
  MAX_IN_FLIGHT: wholeNumber.min(4).max(10_000).default(256),
  MAX_LOOP_LAG_MS: wholeNumber.min(10).max(60_000).default(500),
  MAX_CONNECTIONS: wholeNumber.min(16).max(1_000_000).default(4_096),
  DRAIN_S: wholeNumber.min(0).max(600).optional(),
}

/** Where nothing balances, nobody waits for a balancer: a developer's Ctrl-C ends at once. */
export const trafficConfig = (env: {
  readonly NODE_ENV?: string | undefined
  readonly MAX_IN_FLIGHT: number
  readonly MAX_LOOP_LAG_MS: number
  readonly MAX_CONNECTIONS: number
  readonly DRAIN_S?: number | undefined
}): TrafficConfig => ({
  limits: { maxInFlight: env.MAX_IN_FLIGHT, maxLagMs: env.MAX_LOOP_LAG_MS },
  maxConnections: env.MAX_CONNECTIONS,
  drainMs: 1000 * (env.DRAIN_S ?? (env.NODE_ENV === 'production' ? PRODUCTION_DRAIN_S : 0)),
})

const PRODUCTION_DRAIN_S = 10
