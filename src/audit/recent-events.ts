import type { z } from 'zod'
import { logTail } from './log-tail.ts'
import { auditRecord, readRecord } from './read-record.ts'

/** An event as its record tells it, without what no reader of his own events needs. */
const recentEvent = auditRecord.pick({
  ...{ timestamp: true, eventType: true, operation: true, outcome: true, reason: true, responseCode: true },
  ...{ principal: true, resource: true, recordCount: true, duration_ms: true, sourceIP: true },
  ...{ correlationId: true, tool: true, grantId: true, clientId: true, environmentId: true },
})
export type RecentEvent = z.infer<typeof recentEvent>

export interface RecentEvents {
  /** The newest first. */
  readonly events: readonly RecentEvent[]
  /** The log was read from its beginning: there are no older ones in it. */
  readonly isWhole: boolean
}

/** Read back from the end of the log; older records take `maximo-mcp audit`. */
const MAX_BYTES = 4 * 1024 * 1024

/** The newest events of one person in the log of this process, unverified. */
export async function recentEvents(
  { folder, instance }: { readonly folder: string; readonly instance: string },
  principal: string,
  { matches, atMost }: { readonly matches: (event: RecentEvent) => boolean; readonly atMost: number },
): Promise<RecentEvents> {
  const { lines, isWhole } = await logTail(folder, instance, MAX_BYTES)
  const mark = `"principal":${JSON.stringify(principal)}`
  const found: RecentEvent[] = []
  for await (const bytes of lines) {
    const event = bytes.includes(mark) ? readRecord(bytes, recentEvent) : null
    if (event?.principal === principal && matches(event)) found.push(event)
  }
  return { events: found.reverse().slice(0, atMost), isWhole: isWhole && found.length <= atMost }
}
