import type { Metrics } from '../../kernel/metrics.ts'
import type { Settled } from './cool-downs.ts'
import type { Detection } from '../../crypto/detection.ts'

export interface DetectionFigures {
  raised(detection: Detection): void
  counted(settled: Settled): void
  forgotten(): void
  unjudged(): void
}

/** What the operator sees of the detection, by rule: whom it is about stands in the audit log alone. */
export function detectionFigures(metrics: Metrics, isAlone: () => boolean): DetectionFigures {
  const raised = metrics.counter(
    'maximo_mcp_detections_total',
    'Suspicious patterns that were told, by rule.',
    ['rule'],
  )
  const more = metrics.counter(
    'maximo_mcp_detections_more_total',
    'What was counted and not told, because the same had been told of the same subject.',
    ['rule'],
  )
  const forgotten = metrics.counter(
    'maximo_mcp_detection_forgotten_total',
    'Subjects that were forgotten for want of room before their window was over.',
  )
  const unjudged = metrics.counter(
    'maximo_mcp_detection_unjudged_total',
    'Times that habits were not looked at because the store did not answer.',
  )
  metrics.gauge(
    'maximo_mcp_detection_alone',
    '1 while the store does not answer and each server counts for itself.',
    () => (isAlone() ? 1 : 0),
  )
  return {
    raised: ({ rule }) => raised.inc({ rule }),
    counted: ({ detection: { rule }, more: amount }) => more.inc({ rule }, amount),
    forgotten: () => forgotten.inc(),
    unjudged: () => unjudged.inc(),
  }
}
