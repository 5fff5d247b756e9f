import type { Log } from '../kernel/log.ts'
import type { Metrics } from '../kernel/metrics.ts'
import type { Circuit } from '../kernel/redis.ts'
import type { Audit } from './audit.ts'
import type { AuditEvent } from './event.ts'

export interface CircuitRecordOptions {
  readonly metrics: Metrics
  readonly instance: string
  readonly log: Log
}

/**
 * Keeps when the store was left alone and when it was believed again: every refusal between the two is explained by it.
 * The store is opened before the audit log; what happens until then is counted and stands in the process log.
 */
export class CircuitRecord {
  readonly #options: CircuitRecordOptions
  readonly #changes
  #audit: Pick<Audit, 'write'> | undefined

  constructor(options: CircuitRecordOptions) {
    this.#options = options
    this.#changes = options.metrics.counter(
      'maximo_mcp_store_circuit_changes_total',
      'Changes of the breaker before the store, by the state it went into.',
      ['state'],
    )
  }

  writeTo(audit: Pick<Audit, 'write'>): void {
    this.#audit = audit
  }

  heard(state: Circuit): void {
    this.#changes.inc({ state })
    const { instance, log } = this.#options
    if (this.#audit !== undefined)
      noteCircuit(circuitEvent('store.circuit', instance, state), this.#audit, log)
  }
}

/** @param instance that has the breaker */
export const circuitEvent = (
  eventType: keyof typeof RESOURCES,
  instance: string,
  state: Circuit,
): AuditEvent => ({
  ...{ eventType, operation: `circuit_${state}`, resource: RESOURCES[eventType], action: null },
  outcome: state === 'closed' ? 'success' : 'failed',
  ...{ principal: instance, authMethod: null, responseCode: null, sourceIP: null, correlationId: null },
})

const RESOURCES = { 'store.circuit': 'store', 'maximo.circuit': 'maximo' } as const

/** Nobody waits for the record. */
export function noteCircuit(event: AuditEvent, audit: Pick<Audit, 'write'>, log: Log): void {
  audit.write(event).catch((error: unknown) => log.error({ err: error }, 'audit: cannot write'))
}
