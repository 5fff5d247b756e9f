import type { LookupFunction } from 'node:net'
import { LRUCache } from 'lru-cache'
import { Pool } from 'undici'
import type { Clock } from '../../kernel/clock.ts'
import { addressPolicy, type AddressPolicy } from '../../kernel/egress/address.ts'
import { defaultLookup, guardedConnector } from '../../kernel/egress/connector.ts'
import { MaximoFault } from '../fault.ts'
import { openLane } from '../http/lane.ts'
import type { Deadlines, Lane } from '../http/lane.ts'
import type { BaseUrl, EgressRules } from './rules.ts'
import { checkBaseUrl } from './rules.ts'

export interface EgressOptions extends EgressRules {
  readonly clock: Clock
  /** PEM certificates to trust besides the system's. */
  readonly ca?: readonly string[]
  /** Shorter in tests. */
  readonly deadlines?: Partial<Deadlines>
  /** Name resolution; the system's by default. */
  readonly lookup?: LookupFunction
}

/** The only way out to Maximo: connection pools, bulkheads and breakers per environment. One per process. */
export interface Egress {
  readonly rules: EgressRules
  /** Applies the rules to a stored address. @throws MaximoFault egress_refused */
  check(baseUrl: string): BaseUrl
  /** The way to one origin, shared by all who use it. */
  lane(base: BaseUrl): Lane
  close(): Promise<void>
}

/** @throws RangeError when a range of the rules is none */
export const openEgress = (options: EgressOptions): Egress => {
  const policy = addressPolicy({
    allowCidrs: options.allowCidrs,
    allowLoopback: options.allowLoopbackHttp,
  })
  const lanes = new LRUCache<string, Lane>({ max: MAX_LANES, dispose: (lane) => void lane.close() })
  return {
    rules: options,
    check: (baseUrl) => {
      const checked = checkBaseUrl(baseUrl, options)
      if (!checked.ok) throw new MaximoFault('egress_refused', { detail: checked.error.reason })
      return checked.value
    },
    lane: ({ origin }) => {
      const known = lanes.get(origin)
      if (known !== undefined) return known
      const lane = laneTo(origin, policy, options)
      lanes.set(origin, lane)
      return lane
    },
    close: async () => {
      await Promise.all([...lanes.values()].map((lane) => lane.close()))
    },
  }
}

const laneTo = (origin: string, policy: AddressPolicy, options: EgressOptions): Lane => {
  const deadlines = { ...DEADLINES, ...options.deadlines }
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    connect: guardedConnector({
      policy,
      connectMs: deadlines.connectMs,
      ca: options.ca ?? [],
      lookup: options.lookup ?? defaultLookup,
    }),
    keepAliveTimeout: 15_000,
    // Our own timers count from the start of the call; undici's restart with every chunk.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16_384,
  })
  return openLane({ pool, clock: options.clock, deadlines })
}

const DEADLINES: Deadlines = { connectMs: 3_000, firstByteMs: 15_000, wholeMs: 30_000 }
/** As many as the bulkhead lets through. */
const CONNECTIONS = 16
/** Origins kept warm; beyond that the least used is closed after its calls have ended. */
const MAX_LANES = 500
