import { readIsoTime } from '../kernel/clock.ts'
import { type LogFiles, logsIn, type Segment } from './log-files.ts'
import { logLines } from './log-lines.ts'
import { auditRecord, type AuditRecord, readRecord } from './read-record.ts'
import { escapeUnseen } from './record.ts'

/** What is looked for. Names that are absent say nothing; of several values of one name, any will do. */
export interface AuditQuery {
  /** Milliseconds since the Unix epoch, inclusive. */
  readonly fromMs?: number
  /** Exclusive. */
  readonly toMs?: number
  readonly principal?: readonly string[]
  /** `mcp.call`, or all of a kind: `credential.*`. */
  readonly eventType?: readonly string[]
  readonly outcome?: readonly string[]
  readonly correlationId?: readonly string[]
  /** Host of the Maximo environment, or its id here. */
  readonly environment?: readonly string[]
  readonly tool?: readonly string[]
}

export interface FoundRecord {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** The line as it stands. */
  readonly text: string
  readonly atMs: number
  readonly record: AuditRecord
}

/** A line that cannot be read as a record. */
export interface UnreadableLine {
  readonly file: string
  readonly line: number
}

/**
 * The records of every log in the folders that match, by time, unverified. Nothing but the line at hand is held, however
 * long the logs are.
 *
 * @param onUnreadable hears of lines that are no records: a search that passed them over is not the whole answer
 * @throws when a folder cannot be read
 */
export async function* searchAudit(
  folders: readonly string[],
  query: AuditQuery,
  onUnreadable: (line: UnreadableLine) => void,
): AsyncGenerator<FoundRecord> {
  const logs = (await Promise.all(folders.map(logsIn))).flat()
  const matches = matcher(query)
  yield* byTime(logs.map((log) => matchesIn(log, { query, matches, onUnreadable })))
}

interface Search {
  readonly query: AuditQuery
  readonly matches: ReturnType<typeof matcher>
  readonly onUnreadable: (line: UnreadableLine) => void
}

async function* matchesIn(
  { segments }: LogFiles,
  { query, matches, onUnreadable }: Search,
): AsyncGenerator<FoundRecord> {
  const marks = marksOf(query)
  for (const { path } of await segmentsWithin(segments, query)) {
    for await (const { number: line, bytes, complete } of logLines(path)) {
      const record = complete ? readRecord(bytes, auditRecord) : null
      const atMs = record === null ? null : readIsoTime(record.timestamp)
      if (record === null || atMs === null) onUnreadable({ file: path, line })
      else if (marks.every((mark) => mark.some((one) => bytes.includes(one))) && matches(record, atMs))
        yield { file: path, line, text: bytes.toString('utf8'), atMs, record }
    }
  }
}

/** Files that can hold nothing of the time asked for are left out, with a day to spare for clocks that were set back. */
async function segmentsWithin(
  segments: readonly Segment[],
  { fromMs = -Infinity, toMs = Infinity }: AuditQuery,
): Promise<readonly Segment[]> {
  const begun = await Promise.all(segments.map(({ path }) => beginning(path)))
  return segments.filter((_segment, index) => {
    const [from, to] = [begun[index] ?? -Infinity, begun[index + 1] ?? Infinity]
    return from - SPARE_MS < toMs && to + SPARE_MS >= fromMs
  })
}

/** When its first record was written; `null` when there is none that can be read. */
async function beginning(path: string): Promise<number | null> {
  for await (const { bytes } of logLines(path)) {
    const record = readRecord(bytes, auditRecord)
    return record === null ? null : readIsoTime(record.timestamp)
  }
  return null
}

/** Whether a record is one of those that are looked for. */
export function matcher(query: AuditQuery): (record: AuditRecord, atMs: number) => boolean {
  const { fromMs = -Infinity, toMs = Infinity } = query
  const wants = (values: readonly string[] | undefined, ...held: (string | null | undefined)[]): boolean =>
    values === undefined || held.some((one) => typeof one === 'string' && values.includes(one))
  return (record, atMs) =>
    atMs >= fromMs &&
    atMs < toMs &&
    wants(query.principal, record.principal) &&
    wants(query.eventType, record.eventType, `${record.eventType.split('.')[0] ?? ''}.*`) &&
    wants(query.outcome, record.outcome) &&
    wants(query.correlationId, record.correlationId) &&
    wants(query.environment, record.masInstance, record.environmentId) &&
    wants(query.tool, record.tool)
}

/** Texts of which the line of a match holds one each: most lines need not be compared by name. */
const marksOf = ({ principal, correlationId, environment }: AuditQuery): readonly (readonly string[])[] =>
  [principal, correlationId, environment]
    .filter((values) => values !== undefined)
    .map((values) => values.map((value) => escapeUnseen(JSON.stringify(value))))

/** Several rows that are in order each become one: only the next of each is held. */
async function* byTime(rows: readonly AsyncGenerator<FoundRecord>[]): AsyncGenerator<FoundRecord> {
  const heads = await Promise.all(rows.map(async (row) => ({ row, next: await row.next() })))
  for (;;) {
    const open = heads.filter(({ next }) => next.done !== true)
    if (open.length === 0) return
    const first = open.reduce((best, one) => (timeOf(one.next) < timeOf(best.next) ? one : best))
    if (first.next.done !== true) yield first.next.value
    first.next = await first.row.next()
  }
}

const timeOf = (next: IteratorResult<FoundRecord, unknown>): number =>
  next.done === true ? Infinity : next.value.atMs

const SPARE_MS = 24 * 60 * 60 * 1_000
