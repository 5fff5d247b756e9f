import { open } from 'node:fs/promises'
import { z } from 'zod'
import { readIsoTime } from '../../kernel/clock.ts'
import { fileLines } from '../../kernel/file-lines.ts'
import type { AuditEvent } from '../event.ts'
import { type Detection, detection, detectionSettled } from './detection.ts'

/** What rules read of a record; the rest of an event is of no meaning to them. */
const record = z.object({
  timestamp: z.string(),
  eventType: z.string(),
  outcome: z.enum(['success', 'refused', 'failed', 'intent']),
  operation: z.string(),
  principal: z.string().nullable(),
  authMethod: z.string().nullable(),
  resource: z.string().nullable(),
  action: z.string().nullable(),
  responseCode: z.number().nullable(),
  recordCount: z.number().nullable(),
  sourceIP: z.string().nullable(),
  correlationId: z.string().nullable(),
  reason: z.string().optional(),
  tool: z.string().optional(),
  tokenId: z.string().optional(),
  grantId: z.string().optional(),
  clientId: z.string().optional(),
  environmentId: z.string().optional(),
  detection: z.unknown(),
})

export interface PastEvents {
  /** Oldest first. */
  readonly events: readonly { readonly event: AuditEvent; readonly atMs: number }[]
  /** Told by this process, and their time was not over when the log ended. */
  readonly open: readonly Detection[]
}

/** Read back from the end of the log; what is older is forgotten by a restart. */
const MAX_BYTES = 4 * 1024 * 1024

/** The end of a log of this process, unverified: it only decides what is looked at, never who is let in. */
export async function readPastEvents(path: string): Promise<PastEvents> {
  const handle = await open(path, 'r').catch(unlessMissing)
  if (handle === null) return { events: [], open: [] }
  const events: PastEvents['events'][number][] = []
  const told = new Map<string, Detection>()
  try {
    const { size } = await handle.stat()
    for await (const { bytes, complete } of fileLines(handle.fd, Math.max(0, size - MAX_BYTES), size)) {
      // Half a line at the beginning of a part is no JSON.
      const read = complete ? parse(bytes) : null
      if (read === null) continue
      note(read, told)
      const atMs = readIsoTime(read.timestamp)
      if (atMs !== null) events.push({ event: eventOf(read), atMs })
    }
  } finally {
    await handle.close()
  }
  return { events, open: [...told.values()] }
}

function note({ eventType, detection: said }: Read, told: Map<string, Detection>): void {
  const raised = eventType === 'detection.raised' ? detection.safeParse(said).data : undefined
  if (raised !== undefined) told.set(raised.id, raised)
  const settled = eventType === 'detection.settled' ? detectionSettled.safeParse(said).data : undefined
  if (settled !== undefined) told.delete(settled.id)
}

type Read = z.output<typeof record>

function parse(bytes: Buffer): Read | null {
  try {
    return record.safeParse(JSON.parse(bytes.toString('utf8'))).data ?? null
  } catch {
    return null
  }
}

/** The types of other versions are events, too: no rule knows them, so none minds. */
function eventOf({ recordCount, ...read }: Read): AuditEvent {
  return { ...read, ...(recordCount === null ? {} : { recordCount }) } as AuditEvent
}

function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
