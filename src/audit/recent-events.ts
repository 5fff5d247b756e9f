import { open } from 'node:fs/promises'
import { z } from 'zod'
import { fileLines } from '../kernel/file-lines.ts'

/** An event as its record tells it, without what no reader of his own events needs. */
const record = z.object({
  timestamp: z.string(),
  eventType: z.string(),
  principal: z.string().nullable(),
  resource: z.string().nullable(),
  operation: z.string().nullable(),
  outcome: z.string(),
  reason: z.string().optional(),
  responseCode: z.number().nullable(),
  recordCount: z.number().nullable(),
  duration_ms: z.number().nullable(),
  sourceIP: z.string().nullable(),
  correlationId: z.string().nullable(),
  tool: z.string().optional(),
  grantId: z.string().optional(),
  clientId: z.string().optional(),
  environmentId: z.string().optional(),
})
export type RecentEvent = z.infer<typeof record>

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
      const event = complete && bytes.includes(mark) ? read(bytes) : null
      if (event?.principal === principal && matches(event)) found.push(event)
    }
    return { events: found.reverse().slice(0, atMost), isWhole: start === 0 && found.length <= atMost }
  } finally {
    await handle.close()
  }
}

function read(bytes: Buffer): RecentEvent | null {
  try {
    return record.safeParse(JSON.parse(bytes.toString('utf8'))).data ?? null
  } catch {
    return null
  }
}

function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
