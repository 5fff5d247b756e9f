import type { Clock } from '../../kernel/clock.ts'
import type { Metrics } from '../../kernel/metrics.ts'
import type { FeedFailure } from './feed.ts'

/** How a sink stands, looked up when somebody asks. */
export interface SinkState {
  readonly name: string
  /** Records on disk that its receiver has not taken yet. */
  readonly lagEvents: number
  /** Age of the oldest of them. */
  readonly lagSeconds: number
  readonly isBehind: boolean
}

/** What a sink counts. */
export interface SinkFigures {
  sent(sink: string, events: number): void
  failed(sink: string, reason: FeedFailure): void
  lost(sink: string, events: number): void
}

/** @param states of all sinks; labels are the names that the operator gave them */
export function describeSinks(metrics: Metrics, states: () => readonly SinkState[]): SinkFigures {
  const gauge = (name: string, help: string, read: (state: SinkState) => number): void =>
    metrics.gauges({ name: `maximo_mcp_audit_sink_${name}`, help, label: 'sink' }, () =>
      Object.fromEntries(states().map((state) => [state.name, read(state)])),
    )
  gauge('lag_events', 'Records on disk that a sink has not delivered yet.', ({ lagEvents }) => lagEvents)
  gauge('lag_seconds', 'Age of the oldest of them.', ({ lagSeconds }) => lagSeconds)
  gauge('behind', '1 while the oldest of them is older than the sink allows.', ({ isBehind }) =>
    isBehind ? 1 : 0,
  )
  const counter = <L extends string>(name: string, help: string, labels: readonly L[]): Counter<L> =>
    metrics.counter(`maximo_mcp_audit_sink_${name}_total`, help, labels)
  const sent = counter('sent', 'Records that a receiver took.', ['sink'])
  const failures = counter('failures', 'Sendings that were not taken and come again, by why.', [
    'sink',
    'reason',
  ])
  const lost = counter('lost', 'Records that were removed from disk before a receiver took them.', ['sink'])
  return {
    sent: (sink, events) => sent.inc({ sink }, events),
    failed: (sink, reason) => failures.inc({ sink, reason }),
    lost: (sink, events) => lost.inc({ sink }, events),
  }
}

type Counter<L extends string> = ReturnType<typeof Metrics.prototype.counter<L>>

/** Seconds since a time; 0 when there is none. */
export const ageSeconds = (clock: Clock, sinceMs: number | null): number =>
  sinceMs === null ? 0 : Math.max(0, (clock.nowMs() - sinceMs) / 1000)
