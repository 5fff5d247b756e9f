import { z } from 'zod'
import { type Detection, detectionSettled, shownDetection } from '../../crypto/detection.ts'
import { readIsoTime } from '../../kernel/clock.ts'
import type { AuditEvent } from '../event.ts'
import { logTail } from '../log-tail.ts'
import { auditRecord, readRecord } from '../read-record.ts'

/** What rules read of a record; the rest of an event is of no meaning to them. */
const pastRecord = auditRecord
  .pick({
    ...{ timestamp: true, eventType: true, operation: true, outcome: true, reason: true, responseCode: true },
    ...{ principal: true, authMethod: true, resource: true, action: true, recordCount: true, sourceIP: true },
    ...{ correlationId: true, tool: true, tokenId: true, grantId: true, clientId: true, environmentId: true },
  })
  .extend({ detection: z.unknown().optional() })
type PastRecord = z.output<typeof pastRecord>

export interface AuditLogName {
  readonly folder: string
  readonly instance: string
}

export interface PastEvents {
  /** Oldest first. */
  readonly events: readonly { readonly event: AuditEvent; readonly atMs: number }[]
  /** Told by this process, and not settled when the log ended. */
  readonly open: readonly Omit<Detection, 'owners'>[]
}

/** Read back from the end of the log; what is older is forgotten by a restart. */
const MAX_BYTES = 4 * 1024 * 1024

/** The end of the log of this process, unverified: it only decides what is looked at, never who is let in. */
export async function readPastEvents({ folder, instance }: AuditLogName): Promise<PastEvents> {
  const events: PastEvents['events'][number][] = []
  const told = new Map<string, Omit<Detection, 'owners'>>()
  const { lines } = await logTail(folder, instance, MAX_BYTES)
  for await (const bytes of lines) {
    const read = readRecord(bytes, pastRecord)
    const atMs = read === null ? null : readIsoTime(read.timestamp)
    if (read === null || atMs === null) continue
    note(read, told)
    events.push({ event: eventOf(read), atMs })
  }
  return { events, open: [...told.values()] }
}

function note(
  { eventType, detection: said }: PastRecord,
  told: Map<string, Omit<Detection, 'owners'>>,
): void {
  const raised = eventType === 'detection.raised' ? shownDetection.safeParse(said).data : undefined
  if (raised !== undefined) told.set(raised.id, raised)
  const settled = eventType === 'detection.settled' ? detectionSettled.safeParse(said).data : undefined
  if (settled !== undefined) told.delete(settled.id)
}

/** The types of other versions are events, too: no rule knows them, so none minds. */
function eventOf({ recordCount, ...read }: PastRecord): AuditEvent {
  return { ...read, ...(recordCount === null ? {} : { recordCount }) } as AuditEvent
}
