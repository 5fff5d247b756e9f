import { readIsoTime } from '../../kernel/clock.ts'
import type { Segment } from '../log-files.ts'
import { logLines } from '../log-lines.ts'
import { auditRecord, readRecord } from '../read-record.ts'

export interface Elapsed {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
  /** What more there is between the beginnings of two files may be a clock that jumped. */
  readonly maxSilenceMs: number
}

/**
 * How long ago each file of a log was full, in milliseconds, as the log itself shows it: from the beginning of one file to
 * that of the next, and to now, nothing counts for more than so much. Whatever a clock once said, years of records are
 * years only where something was written in them.
 */
export async function agesOf(
  segments: readonly Segment[],
  { nowMs, maxSilenceMs }: Elapsed,
): Promise<readonly number[]> {
  const ages: number[] = []
  let age = 0
  let laterMs = nowMs
  for (const { path } of segments.toReversed()) {
    ages.push(age)
    const beginMs = await begunMs(path)
    if (beginMs === null) continue
    age += Math.min(Math.max(0, laterMs - beginMs), maxSilenceMs)
    laterMs = beginMs
  }
  return ages.toReversed()
}

/** `null`: not to be read, and so it proves no time. */
async function begunMs(path: string): Promise<number | null> {
  for await (const { bytes } of logLines(path))
    return readIsoTime(readRecord(bytes, auditRecord)?.timestamp ?? '')
  return null
}
