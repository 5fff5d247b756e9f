import type { Audit, AuditOptions } from '../audit/audit.ts'
import type { LateDetection } from '../audit/detection/late-detection.ts'
import { keepHeadsAbroad } from '../audit/heads-abroad.ts'
import { meteredAudit } from '../audit/metered-audit.ts'
import { openKeptAudit } from '../audit/open-kept-audit.ts'
import { loadSinks } from '../audit/sinks/config.ts'
import { openSinks, type Sinks } from '../audit/sinks/open-sinks.ts'
import { signHead, verifyHead } from '../crypto/head-signature.ts'
import type { PortalKeys } from '../crypto/keys/key-ring.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Metrics } from '../kernel/metrics.ts'
import type { PortalConfig } from './config.ts'

export interface AuditParts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly keys: PortalKeys
  readonly metrics: Metrics
  readonly detection: LateDetection
  readonly clock: Clock
  readonly log: Log
  /** Is given what has to be closed, the last opened first. */
  readonly closing: (opened: { close(): Promise<void> }) => void
}

/** The portal's audit log, counted and timed, and what brings it to the places outside. @throws ConfigError, BrokenChain */
export async function openAuditLog(
  { folders, instanceId: instance, auditHeadsFolder, auditRetention, auditSinksFile }: PortalConfig,
  { env, keys, metrics, detection, clock, log, closing }: AuditParts,
): Promise<{ readonly audit: Audit; readonly sinks: Sinks }> {
  const options: AuditOptions = {
    ...{ folder: folders.audit, instance, service: 'portal', clock, log },
    keys: {
      sign: async (content) => signHead(content, keys),
      verify: async (head) => verifyHead(head, keys.auditHead.verifiers),
      valueKey: keys.local.active.derive('audit-values'),
    },
  }
  const configured = loadSinks(auditSinksFile)
  const keeping = { presets: auditRetention, subjects: folders.subjects, sinks: configured }
  const kept = await openKeptAudit(options, keeping)
  const own = kept.audit
  closing(own)
  closing(kept.retention)
  const { hear } = detection
  const audit = meteredAudit(own, { metrics, clock, noted: hear, overlooked: hear })
  closing(keepHeadsAbroad({ folder: auditHeadsFolder, service: 'portal', instance, audit, metrics, log }))
  const sinks = openSinks({
    ...{ sinks: configured, folder: folders.audit, origin: { service: 'portal', instance } },
    recordsOnDisk: () => own.recordsOnDisk(),
    ...{ env, stdout: process.stdout, metrics, clock, log },
  })
  closing(sinks)
  return { audit, sinks }
}
