import type { Audit } from '../../audit/audit.ts'
import type { AuditEvent } from '../../audit/event.ts'
import type { About } from '../../audit/detection/observe.ts'
import { openDetection, type RunningDetection } from '../../audit/detection/open-detection.ts'
import { loadDetectionPolicy } from '../../audit/detection/policy.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Metrics } from '../../kernel/metrics.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { PortalConfig } from '../config.ts'
import type { PortalRecords } from '../records/records.ts'
import { isGuess } from '../token/refusal.ts'

export interface BesidePortal {
  readonly audit: Audit
  readonly records: PortalRecords
  readonly store: Store
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
}

/** Looks for suspicious patterns in the events of a portal. @throws ConfigError on a file that cannot be used */
export function detectBesidePortal(config: PortalConfig, parts: BesidePortal): Promise<RunningDetection> {
  const { records } = parts
  return openDetection({
    ...parts,
    policy: loadDetectionPolicy(config.detectionFile),
    about: aboutSignIns(records),
    auditLog: { folder: config.folders.audit, instance: config.instanceId },
    keep: {
      ownersOf: (id) => records.detections.ownersOf(id),
      raised: (detection) => records.record('detection.raised', detection),
      settled: (settled) => records.record('detection.settled', settled),
    },
  })
}

/** What the portal's records say of its events. */
const aboutSignIns = ({ machines }: Pick<PortalRecords, 'machines'>): About => ({
  isFailedSignIn: ({ eventType, reason = '' }) =>
    eventType === 'sign_in' || (TOKENS.has(eventType) && isGuess(reason)),
  ownerOf: ({ clientId = '' }) => machines.find(clientId)?.sub ?? null,
  isProduction: () => false,
})

const TOKENS: ReadonlySet<AuditEvent['eventType']> = new Set(['token.issued', 'token.refreshed'] as const)
