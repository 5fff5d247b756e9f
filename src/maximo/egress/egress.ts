import type { LookupFunction } from 'node:net'
import { LRUCache } from 'lru-cache'
import { Pool } from 'undici'
import type { Clock } from '../../kernel/clock.ts'
import { addressPolicy, type AddressPolicy } from '../../kernel/egress/address.ts'
import { defaultLookup, guardedConnector } from '../../kernel/egress/connector.ts'
import { MaximoFault } from '../fault.ts'
import { formPost, type FormPost } from './form-post.ts'
import { isPinned, NO_TRUST, type Trust } from './host-trust.ts'
import { openLane } from '../http/lane.ts'
import type { Deadlines, Lane, OnExchange } from '../http/lane.ts'
import type { BaseUrl, EgressRules } from './rules.ts'
import { checkBaseUrl } from './rules.ts'

export type { OnExchange }

/** Hears when the Maximo at a host (with its port) is left alone, because it has failed repeatedly, and when it is believed again. */
export type OnCircuit = (host: string, state: 'open' | 'closed') => void

export interface EgressOptions extends EgressRules {
  readonly clock: Clock
  /** What the operator says about TLS, by host. */
  readonly trust?: Trust
  /** A chain without a pinned key was met on a host whose pins are only watched. */
  readonly onUnpinned?: (host: string) => void
  /** Hears of every exchange with Maximo. */
  readonly onExchange?: OnExchange
  readonly onCircuit?: OnCircuit
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
  /**
   * The way to one origin, shared by all who use it under the same client certificate.
   * @throws MaximoFault egress_refused when the certificate is not (any longer) one for this host
   */
  lane(base: BaseUrl, certificate?: string): Lane
  /** Asks a token endpoint. */
  readonly postForm: FormPost
  readonly trust: Trust
  /** How many ways are closed, and how many open or tried again because Maximo fails (a breaker's words). */
  circuits(): Readonly<Record<ReturnType<Lane['circuit']>, number>>
  close(): Promise<void>
}

/** @throws RangeError when a range of the rules is none */
export const openEgress = (options: EgressOptions): Egress => {
  const policy = addressPolicy({
    allowCidrs: options.allowCidrs,
    allowLoopback: options.allowLoopbackHttp,
  })
  const providers = openProviders(policy, options)
  const lanes = new LRUCache<string, Lane>({ max: MAX_LANES, dispose: (lane) => void lane.close() })
  return {
    rules: options,
    check: (baseUrl) => {
      const checked = checkBaseUrl(baseUrl, options)
      if (!checked.ok) throw new MaximoFault('egress_refused', { detail: checked.error.reason })
      return checked.value
    },
    lane: (base, certificate) => {
      const key = certificate === undefined ? base.origin : `${base.origin} ${certificate}`
      const known = lanes.get(key)
      if (known !== undefined) return known
      const lane = laneTo({ ...base, certificate }, policy, options)
      lanes.set(key, lane)
      return lane
    },
    trust: options.trust ?? new Map(),
    circuits: () => {
      const count = { closed: 0, open: 0, half_open: 0 }
      for (const lane of lanes.values()) count[lane.circuit()] += 1
      return count
    },
    postForm: formPost({ rules: options, poolOf: providers.poolOf, timeoutMs: PROVIDER_MS }),
    close: async () => {
      await Promise.all([...[...lanes.values()].map((lane) => lane.close()), providers.close()])
    },
  }
}

interface Destination {
  readonly origin: string
  readonly host: string
  readonly certificate?: string | undefined
}

const laneTo = (to: Destination, policy: AddressPolicy, options: EgressOptions): Lane => {
  const deadlines = { ...DEADLINES, ...options.deadlines }
  const pool = new Pool(to.origin, {
    connections: CONNECTIONS,
    connect: connectorTo(to, policy, options),
    keepAliveTimeout: 15_000,
    // Our own timers count from the start of the call; undici's restart with every chunk.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 16_384,
  })
  const { clock, onExchange, onCircuit } = options
  return openLane({ pool, clock, deadlines, onExchange, onCircuit: (state) => onCircuit?.(to.host, state) })
}

/** Identity providers are asked seldom: a few connections, and no bulkhead of their own. */
function openProviders(
  policy: AddressPolicy,
  options: EgressOptions,
): { readonly poolOf: (origin: string, host: string) => Pool; readonly close: () => Promise<void> } {
  const pools = new LRUCache<string, Pool>({ max: MAX_LANES, dispose: (pool) => void pool.close() })
  return {
    poolOf: (origin, host) => {
      const known = pools.get(origin)
      if (known !== undefined) return known
      const pool = new Pool(origin, {
        connections: 2,
        connect: connectorTo({ origin, host }, policy, options),
      })
      pools.set(origin, pool)
      return pool
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()))
    },
  }
}

function connectorTo(
  { host, certificate }: Destination,
  policy: AddressPolicy,
  options: EgressOptions,
): ReturnType<typeof guardedConnector> {
  const name = host.replace(/:\d+$/, '')
  const { ca, pins, isReportOnly, certificates } = options.trust?.get(name) ?? NO_TRUST
  const shown = certificates.find(({ thumbprint }) => thumbprint === certificate)
  if (certificate !== undefined && shown === undefined)
    throw new MaximoFault('egress_refused', { detail: 'certificate' })
  return guardedConnector({
    policy,
    connectMs: { ...DEADLINES, ...options.deadlines }.connectMs,
    ca,
    lookup: options.lookup ?? defaultLookup,
    ...(shown === undefined ? {} : { clientCertificate: { cert: shown.cert, key: shown.key } }),
    ...(pins.length === 0
      ? {}
      : {
          accepts: (socket) => {
            if (isPinned(socket, pins)) return true
            if (isReportOnly) options.onUnpinned?.(name)
            return isReportOnly
          },
        }),
  })
}

/** Connecting included. */
const PROVIDER_MS = 10_000
const DEADLINES: Deadlines = { connectMs: 3_000, firstByteMs: 15_000, bodyMs: 20_000, wholeMs: 30_000 }
/** As many as the bulkhead lets through. */
const CONNECTIONS = 16
/** Origins kept warm; beyond that the least used is closed after its calls have ended. */
const MAX_LANES = 500
