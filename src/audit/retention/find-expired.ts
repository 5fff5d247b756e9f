import { type ChainTip, hashOfLine } from '../../kernel/chain-link.ts'
import { readIsoTime } from '../../kernel/clock.ts'
import { type Segment, segmentsOf } from '../log-files.ts'
import { logLines } from '../log-lines.ts'
import { auditRecord, readRecord } from '../read-record.ts'
import { agesOf } from './ages.ts'
import type { Hold } from './holds.ts'

/** Files whose time is over: the oldest of a log, without a gap. */
export interface Expired {
  readonly paths: readonly string[]
  /** The last record in them; `null` when there are none. */
  readonly upTo: ChainTip | null
  /** What the next file waits for, although it is old enough by the clock on the wall. */
  readonly waitsFor: 'sinks' | 'clock' | null
}

export interface Keeping {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
  /** How long each record is kept. */
  readonly keepMs: number
  /** How much longer, while a sink has not delivered it. */
  readonly undeliveredMs: number
  /** The last record that all sinks have delivered. */
  readonly deliveredTo: number
  /** As `ages.ts` counts. */
  readonly maxSilenceMs: number
  readonly holds: readonly NamedHold[]
}

export interface NamedHold extends Pick<Hold, 'from' | 'to'> {
  /** Under which a person stands in the log; `null`: it holds what anybody did. */
  readonly names: readonly string[] | null
}

/**
 * The oldest files of a log that may go: full, with no record that is younger or held, and none that cannot be read. The
 * first file that must stay keeps all behind it.
 */
export async function findExpired(folder: string, instance: string, keeping: Keeping): Promise<Expired> {
  const segments = await segmentsOf(folder, instance)
  const paths: string[] = []
  let upTo: ChainTip | null = null
  let ages: readonly number[] | undefined
  for (const [at, segment] of segments.slice(0, -1).entries()) {
    const last = await lastIfExpired(segment, keeping)
    if (last === null) break
    ages ??= await agesOf(segments, keeping)
    const waitsFor = whatFor(last, ages[at] ?? 0, keeping)
    if (waitsFor !== null) return { paths, upTo, waitsFor }
    paths.push(segment.path)
    upTo = last
  }
  return { paths, upTo, waitsFor: null }
}

/** @param ageMs how long ago the file was full */
function whatFor({ n }: ChainTip, ageMs: number, keeping: Keeping): Expired['waitsFor'] {
  const { keepMs, undeliveredMs, deliveredTo } = keeping
  if (ageMs < keepMs) return 'clock'
  return n > deliveredTo && ageMs < keepMs + undeliveredMs ? 'sinks' : null
}

/** The last record of a file that may go as a whole, by what its records say. */
async function lastIfExpired({ path, first }: Segment, keeping: Keeping): Promise<ChainTip | null> {
  const isHeld = holder(keeping)
  const beforeMs = keeping.nowMs - keeping.keepMs
  let n = first - 1
  let hash = ''
  for await (const { bytes, complete } of logLines(path)) {
    const record = complete ? readRecord(bytes, auditRecord) : null
    const atMs = readIsoTime(record?.timestamp ?? '')
    if (record === null || atMs === null || atMs >= beforeMs || isHeld(record.principal, atMs)) return null
    n += 1
    hash = hashOfLine(bytes.toString('latin1'))
  }
  return hash === '' ? null : { n, hash }
}

function holder({ holds }: Keeping): (principal: string | null, atMs: number) => boolean {
  const rules = holds.map(({ names, from, to }) => ({
    names: names === null ? null : new Set(names),
    fromMs: from === undefined ? -Infinity : (readIsoTime(from) ?? -Infinity),
    toMs: to === undefined ? Infinity : (readIsoTime(to) ?? Infinity),
  }))
  return (principal, atMs) =>
    rules.some(
      ({ names, fromMs, toMs }) =>
        atMs >= fromMs && atMs < toMs && (names === null || (principal !== null && names.has(principal))),
    )
}
