import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type ChainedLine } from '../../kernel/chain-link.ts'
import { isoTime, readIsoTime } from '../../kernel/clock.ts'

/** Which log a record stands in. */
export interface Origin {
  readonly service: 'portal' | 'mcp'
  /** INSTANCE_ID. */
  readonly instance: string
}

export const originText = ({ service, instance }: Origin): string => `${service}/${instance}`

/** What is sent of one record. */
export interface SinkEvent {
  /**
   * The hash that the record carries in its chain: it names this record alone and for ever, so that a receiver tells a
   * second sending, and an auditor finds the record it speaks of.
   */
  readonly id: string
  /** Position in the log of its origin, from 1. */
  readonly n: number
  readonly origin: Origin
  readonly timeMs: number
  readonly record: SentRecord
}

const text = z.string().nullable().default(null)
const number = z.number().nullable().default(null)

/** The members of a record that formats have words for; what else it holds is sent under its own name. */
const sentRecord = z.looseObject({
  timestamp: z.string(),
  eventType: z.string(),
  outcome: z.string(),
  operation: text,
  principal: text,
  authMethod: text,
  resource: text,
  action: text,
  queryParams: text,
  responseCode: number,
  recordCount: number,
  sourceIP: text,
  duration_ms: number,
  userAgent: text,
  correlationId: text,
  masInstance: text,
})
export type SentRecord = z.infer<typeof sentRecord>

/** @throws when the line is no record of an audit log */
export function eventOf(line: ChainedLine, origin: Origin): SinkEvent {
  const { n, h, ...record } = sentRecord.extend({ n: z.int(), h: z.string() }).parse(JSON.parse(line.text))
  return { id: h, n, origin, timeMs: readIsoTime(record.timestamp) ?? 0, record }
}

/** Records that the log no longer holds and the receiver never got. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** Says in their place which records are missing; it has the number of the last of them. */
export function gapEvent({ from, to }: Gap, origin: Origin, timeMs: number): SinkEvent {
  const resource = originText(origin)
  const id = createHash('sha256').update(`gap ${resource} ${from} ${to}`).digest('base64url')
  const record = {
    ...{ timestamp: isoTime(timeMs), eventType: 'audit.gap', outcome: 'failed', operation: 'audit.gap' },
    ...{ resource, recordCount: to - from + 1, reason: 'records_removed', gapFrom: from, gapTo: to },
  }
  return { id, n: to, origin, timeMs, record: sentRecord.parse(record) }
}
