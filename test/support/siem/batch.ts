import { batchOf } from '../../../src/audit/sinks/batcher.ts'
import { eventOf, type SinkEvent } from '../../../src/audit/sinks/event.ts'
import type { Batch, Receiver } from '../../../src/audit/sinks/sink.ts'
import type { AuditEvent } from '../../../src/audit/event.ts'
import { recordOf } from '../../../src/audit/record.ts'
import { nextLine } from '../../../src/kernel/chain-link.ts'
import { aCall } from '../audit.ts'

/** Records as they come from the log of `mcp/mcp-1`: written by its own code, and read back. */
export function sentEvents(count: number, bend: Partial<AuditEvent> = {}): SinkEvent[] {
  let tip = { n: 0, hash: 'before' }
  return Array.from({ length: count }, () => {
    const line = nextLine(
      tip,
      recordOf(aCall(bend), '2026-11-22T00:00:00.000Z', () => 'HASHED'),
    )
    tip = line
    return eventOf(line, { service: 'mcp', instance: 'mcp-1' })
  })
}

export const aBatch = (receiver: Receiver, count = 3): Batch =>
  batchOf(sentEvents(count), receiver, receiver.maxBytes)
