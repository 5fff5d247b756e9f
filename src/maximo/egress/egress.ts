import type { Clock } from '../../kernel/clock.ts'
import type { EgressRules } from './rules.ts'

export interface EgressOptions extends EgressRules {
  readonly clock: Clock
  /** PEM certificates to trust besides the system's. */
  readonly ca?: readonly string[]
}

/** The only way out to Maximo: connection pools, bulkheads and breakers per environment. One per process. */
export interface Egress {
  readonly rules: EgressRules
  close(): Promise<void>
}

export const openEgress = (options: EgressOptions): Egress => ({
  rules: options,
  close: () => Promise.resolve(),
})
