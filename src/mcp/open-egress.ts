import type { Audit } from '../audit/audit.ts'
import { circuitEvent, noteCircuit } from '../audit/circuit-record.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Metrics } from '../kernel/metrics.ts'
import { type Egress, type OnCircuit, openEgress } from '../maximo/egress/egress.ts'
import type { McpConfig } from './config.ts'
import { loadMaximoTls } from './maximo-tls.ts'
import { upstreamFigures } from './metrics/server-figures.ts'

interface EgressParts {
  readonly audit: Pick<Audit, 'write'>
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
}

/** The server's way out to Maximo, as the operator wants it; counted, and its breakers kept in the audit log. @throws ConfigError */
export function openServerEgress(config: McpConfig, parts: EgressParts): Egress {
  const { clock, log, metrics } = parts
  return openEgress({
    ...config.egress,
    clock,
    ...(config.maximoTlsFile === undefined ? {} : { trust: loadMaximoTls(config.maximoTlsFile) }),
    onExchange: upstreamFigures(metrics),
    onCircuit: circuitEvents(config.instanceId, parts),
    onUnpinned: (host) => log.warn({ host }, 'Maximo showed a key that is not pinned; it is only watched'),
  })
}

/** Every refusal between the two records is explained by them. */
const circuitEvents =
  (instance: string, { audit, log }: EgressParts): OnCircuit =>
  (masInstance, state) =>
    noteCircuit({ ...circuitEvent('maximo.circuit', instance, state), masInstance }, audit, log)
