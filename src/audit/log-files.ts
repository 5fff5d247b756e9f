import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { headFilePath } from './head-file.ts'
import { isMissing } from '../kernel/missing-file.ts'

/** One file of a log. A log grows by whole files; none is ever renamed. */
export interface Segment {
  readonly path: string
  /** Number of its first record. */
  readonly first: number
}

/** Everything of one log in a folder. */
export interface LogFiles {
  readonly instance: string
  /** The oldest first; the last one is being written. */
  readonly segments: readonly Segment[]
  /** The newest head beside it; it may be missing. */
  readonly head: string
  /** Where its first file would be, if there were none. */
  readonly missing: string
}

/** `<instance>.jsonl` begins a log, `<instance>@<number of its first record>.jsonl` goes on with it. */
export const segmentPath = (folder: string, instance: string, first: number): string =>
  join(
    folder,
    first === 1 ? `${instance}.jsonl` : `${instance}@${String(first).padStart(NUMBER_DIGITS, '0')}.jsonl`,
  )

/** Every log of which anything lies in the folder, by instance. @throws when the folder cannot be read */
export async function logsIn(folder: string): Promise<LogFiles[]> {
  const logs = new Map<string, Segment[]>()
  for (const name of await readdir(folder)) {
    const parts = LOG_NAME.exec(name)?.groups
    if (parts?.['instance'] === undefined) continue
    const segments = logs.get(parts['instance']) ?? []
    logs.set(parts['instance'], segments)
    if (parts['kind'] === 'jsonl')
      segments.push({ path: join(folder, name), first: Number(parts['first'] ?? 1) })
  }
  return [...logs]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([instance, segments]) => ({
      instance,
      segments: segments.sort((left, right) => left.first - right.first),
      head: headFilePath(folder, instance),
      missing: segmentPath(folder, instance, 1),
    }))
}

/** The files of one log, the oldest first; none yet is an empty list. */
export async function segmentsOf(folder: string, instance: string): Promise<readonly Segment[]> {
  try {
    return (await logsIn(folder)).find((log) => log.instance === instance)?.segments ?? []
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

const LOG_NAME = /^(?<instance>[A-Za-z0-9_-]+)(?:@(?<first>\d{12}))?\.(?<kind>jsonl|head)$/
const NUMBER_DIGITS = 12
