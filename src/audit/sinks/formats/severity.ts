import type { SentRecord } from '../event.ts'

/** How much an event matters. 1: to be expected; 5: somebody must look now. */
export type Severity = 1 | 2 | 3 | 4 | 5

/** Evidence of tampering and of loss first, then what broke, then what was refused. What was noticed says it itself. */
export function severityOf({ eventType, outcome, reason }: SentRecord): Severity {
  if (eventType === 'audit.head_refused') return 5
  if (eventType === 'detection.raised') return NOTICED[String(reason)] ?? 3
  if (eventType === 'audit.gap') return 4
  if (outcome === 'failed') return 4
  return outcome === 'refused' ? 3 : 1
}

/** By the severity of a detection's rule, which is the reason of its record. */
const NOTICED: Readonly<Partial<Record<string, Severity>>> = { medium: 3, high: 4, critical: 5 }

/** Of RFC 5424 §6.2.1. */
export const SYSLOG_SEVERITY: Readonly<Record<Severity, number>> = { 1: 6, 2: 5, 3: 4, 4: 3, 5: 2 }

/** 0 to 10, as CEF and LEEF have it. */
export const TEN_STEPS: Readonly<Record<Severity, number>> = { 1: 1, 2: 3, 3: 5, 4: 8, 5: 10 }
