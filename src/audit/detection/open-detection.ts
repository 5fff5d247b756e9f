import type { Audit } from '../audit.ts'
import type { AuditEvent } from '../event.ts'
import type { Settled } from './cool-downs.ts'
import { type Detection, SEVERITY } from '../../crypto/detection.ts'
import { Detector, type DetectorOptions } from './detector.ts'
import { type AuditLogName, readPastEvents } from './past-events.ts'

export interface DetectionOptions extends Omit<DetectorOptions, 'tell'> {
  readonly audit: Pick<Audit, 'write'>
  /** The audit log of this process, read back once. */
  readonly auditLog: AuditLogName
  /** Keeps what its owners are to be shown. */
  readonly keep: {
    /** Of one that is kept. */
    ownersOf(id: string): readonly string[]
    raised(detection: Detection): Promise<unknown>
    settled(settled: { readonly id: string; readonly more: number }): Promise<unknown>
  }
}

/** Detection that runs beside a service. */
export interface RunningDetection {
  hear(event: AuditEvent): void
  /** Judges now what was heard; otherwise it happens every two seconds. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Takes up where the log of this process ends, then judges every two seconds until it is closed. */
export async function openDetection(options: DetectionOptions): Promise<RunningDetection> {
  const { clock, log } = options
  const detector = new Detector({ ...options, tell: tellerOf(options) })
  const past = await readPastEvents(options.auditLog)
  const sinceMs = clock.nowMs() - RECALLED_MS
  for (const { event, atMs } of past.events) if (atMs >= sinceMs) detector.recall(event, atMs)
  for (const told of past.open) detector.resume({ ...told, owners: [...options.keep.ownersOf(told.id)] })
  await detector.recalled()
  let settling = Promise.resolve()
  const settle = (): Promise<void> => {
    settling = settling
      .then(() => detector.settle())
      .catch((error: unknown) => log.error({ err: error }, 'detection: failed'))
    return settling
  }
  const timer = setInterval(() => void settle(), SETTLE_EVERY_MS).unref()
  return {
    hear: (event) => detector.hear(event),
    settle,
    close: async () => {
      clearInterval(timer)
      await settle()
    },
  }
}

/** Kept for its owners first: what is in the audit log has been shown to them, or will be. */
function tellerOf({ audit, keep, log }: DetectionOptions): DetectorOptions['tell'] {
  return {
    raised: async (detection) => {
      // Persons stand in a record as its principal alone, where a pseudonym may take their place.
      const { owners, ...seen } = detection
      const { rule, subject, id } = seen
      log.warn({ event: 'detection.raised', rule, severity: SEVERITY[rule], id }, 'detection: a pattern')
      if (owners.length > 0) await keep.raised(detection)
      await audit.write({
        ...eventOf('detection.raised', detection),
        detection: seen,
        reason: SEVERITY[rule],
        correlationId: detection.correlationIds.at(-1) ?? null,
        sourceIP: subject.kind === 'address' ? subject.id : (detection.addresses.at(-1) ?? null),
      })
    },
    settled: async ({ detection, more }) => {
      const said = { id: detection.id, more }
      if (detection.owners.length > 0) await keep.settled(said)
      await audit.write({ ...eventOf('detection.settled', detection), detection: said })
    },
  }
}

const eventOf = (
  eventType: 'detection.raised' | 'detection.settled',
  { rule, subject, owners }: Settled['detection'],
): AuditEvent => ({
  ...{ eventType, outcome: 'success', operation: rule, principal: owners[0] ?? null, authMethod: null },
  ...{ resource: `${subject.kind}:${subject.id}`, action: null, responseCode: null },
  ...{ sourceIP: null, correlationId: null },
  ...(subject.kind === 'grant' ? { grantId: subject.id } : {}),
  ...(subject.kind === 'client' ? { clientId: subject.id } : {}),
  ...(subject.kind === 'environment' ? { environmentId: subject.id } : {}),
})

const SETTLE_EVERY_MS = 2_000
/** The longest window there is; habits are learned of the same time. */
const RECALLED_MS = 4 * 3_600_000
