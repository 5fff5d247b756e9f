import type { AuditEvent } from '../../audit/event.ts'
import { kept, type Metrics } from '../../kernel/metrics.ts'

/** Counts and times the work of tools by the records about it. Only a name out of the catalog ever stands in one. */
export function toolCalls(metrics: Metrics): (event: AuditEvent) => void {
  const calls = kept(
    metrics.counter('maximo_mcp_tool_calls_total', 'Work done for callers, by tool and outcome.', [
      'tool',
      'outcome',
    ]),
  )
  const seconds = metrics.duration(
    'maximo_mcp_tool_call_seconds',
    'From admission to the answer, Maximo included; by outcome.',
    ['outcome'],
  )
  return ({ eventType, tool, outcome, duration_ms }) => {
    if (eventType !== 'mcp.call' || tool === undefined) return
    calls(tool, outcome).inc()
    if (duration_ms !== undefined) seconds.labels(outcome).observe(duration_ms / 1000)
  }
}
