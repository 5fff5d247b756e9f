import type { Audit } from '../../audit/audit.ts'
import { openDetection, type RunningDetection } from '../../audit/detection/open-detection.ts'
import { loadDetectionPolicy } from '../../audit/detection/policy.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Metrics } from '../../kernel/metrics.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { McpConfig } from '../config.ts'
import type { Records } from '../records/records.ts'
import { aboutCalls } from './about.ts'

export interface BesideMcp {
  readonly audit: Audit
  readonly records: Records
  readonly store: Store
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
}

/** Looks for suspicious patterns in the events of an MCP server. @throws ConfigError on a file that cannot be used */
export function detectBesideMcp(config: McpConfig, parts: BesideMcp): Promise<RunningDetection> {
  const { records } = parts
  return openDetection({
    ...parts,
    policy: loadDetectionPolicy(config.detectionFile),
    about: aboutCalls(records.ledger),
    auditLog: { folder: config.folders.audit, instance: config.instanceId },
    keep: {
      ownersOf: (id) => records.ledger.detections.ownersOf(id),
      raised: (detection) => records.record('detection.raised', detection),
      settled: (settled) => records.record('detection.settled', settled),
    },
  })
}
