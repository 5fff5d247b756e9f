import type { Clock } from '../kernel/clock.ts'
import type { MaximoClient, MaximoEnvironment } from './contract.ts'
import type { Egress } from './egress/egress.ts'
import { MaximoFault } from './fault.ts'

export interface MaximoClientOptions {
  readonly environment: MaximoEnvironment
  readonly egress: Egress
  readonly clock: Clock
}

/**
 * A client for one environment and one credential; keep it, its caches are its worth.
 * @throws MaximoFault egress_refused when the base URL is not allowed.
 */
export const createMaximoClient = (options: MaximoClientOptions): MaximoClient => {
  void options
  throw new MaximoFault('egress_refused')
}
