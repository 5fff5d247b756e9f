import type { Clock } from '../kernel/clock.ts'
import { kept, type Metrics } from '../kernel/metrics.ts'
import type { Audit } from './audit.ts'
import type { AuditEvent } from './event.ts'

type Noted = (event: AuditEvent) => void

/**
 * An audit log whose records are counted, by what they say, and whose disk is timed.
 *
 * @param noted hears of each record that is on disk
 * @param overlooked hears of each event for which there was a record too many
 */
export function meteredAudit(
  audit: Audit,
  {
    metrics,
    clock,
    noted,
    overlooked,
  }: {
    readonly metrics: Metrics
    readonly clock: Clock
    readonly noted?: Noted
    readonly overlooked?: Noted
  },
): Audit {
  const events = kept(
    metrics.counter(
      'maximo_mcp_audit_events_total',
      'Records of the audit log: everything that was decided, by kind and outcome.',
      ['event', 'outcome'],
    ),
  )
  const seconds = metrics.duration(
    'maximo_mcp_audit_write_seconds',
    'From an event to its record on disk. An answer waits for it.',
  )
  const failures = metrics.counter(
    'maximo_mcp_audit_failures_total',
    'Records that could not be written; what they were about was not done.',
  )
  const timed = async (event: AuditEvent): Promise<void> => {
    const startedMs = clock.monotonicMs()
    try {
      await audit.write(event)
    } catch (error) {
      failures.inc()
      throw error
    }
    seconds.observe((clock.monotonicMs() - startedMs) / 1000)
    events(event.eventType, event.outcome).inc()
    noted?.(event)
  }
  return {
    write: timed,
    overlook: (event) => overlooked?.(event),
    head: () => audit.head(),
    acceptHead: (head) => audit.acceptHead(head),
    recordsOnDisk: () => audit.recordsOnDisk(),
    close: () => audit.close(),
  }
}
