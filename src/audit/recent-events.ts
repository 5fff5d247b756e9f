import { open } from 'node:fs/promises'
import type { z } from 'zod'
import { fileLines } from '../kernel/file-lines.ts'
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

/**
 * The newest events of one person in a log of this process, unverified.
 *
 * @param path of the log; none yet is no event
 */
export async function recentEvents(
  path: string,
  principal: string,
  { matches, atMost }: { readonly matches: (event: RecentEvent) => boolean; readonly atMost: number },
): Promise<RecentEvents> {
  const handle = await open(path, 'r').catch(unlessMissing)
  if (handle === null) return { events: [], isWhole: true }
  try {
    const { size } = await handle.stat()
    const start = Math.max(0, size - MAX_BYTES)
    const mark = `"principal":${JSON.stringify(principal)}`
    const found: RecentEvent[] = []
    for await (const { bytes, complete } of fileLines(handle.fd, start, size)) {
      // Half a line at the beginning of a part is no JSON; the last one may be just being written.
      const event = complete && bytes.includes(mark) ? readRecord(bytes, recentEvent) : null
      if (event?.principal === principal && matches(event)) found.push(event)
    }
    return { events: found.reverse().slice(0, atMost), isWhole: start === 0 && found.length <= atMost }
  } finally {
    await handle.close()
  }
}

function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
