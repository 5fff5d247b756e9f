import { stat } from 'node:fs/promises'
import { fileLines } from '../kernel/file-lines.ts'
import { isMissing } from '../kernel/missing-file.ts'
import { segmentsOf } from './log-files.ts'
import { openOrNull } from './log-lines.ts'

/** The newest lines of a log. */
export interface LogTail {
  /** From the oldest on. One that is just being written, and half a line at the beginning, is left out. */
  readonly lines: AsyncIterable<Buffer>
  /** Nothing of the log lies before them. */
  readonly isWhole: boolean
}

interface Part {
  readonly path: string
  readonly from: number
  readonly to: number
}

/** As much of a log, unverified, as fits into so many bytes, over as many of its files as that is; none yet is empty. */
export async function logTail(folder: string, instance: string, maxBytes: number): Promise<LogTail> {
  const parts: Part[] = []
  let left = maxBytes
  const segments = await segmentsOf(folder, instance)
  for (const { path } of segments.toReversed()) {
    if (left <= 0) break
    const size = await sizeOf(path)
    // Removed since the folder was read, because it is older than it must be kept: so are those before it.
    if (size === null) break
    parts.unshift({ path, from: Math.max(0, size - left), to: size })
    left -= size
  }
  const isWhole = left >= 0 && (segments[0]?.first ?? 1) === 1 && parts.length === segments.length
  return { lines: linesOf(parts), isWhole }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function* linesOf(parts: readonly Part[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield* linesIn(part)
}

async function* linesIn({ path, from, to }: Part): AsyncGenerator<Buffer> {
  const handle = await openOrNull(path)
  if (handle === null) return
  try {
    for await (const { bytes, at, complete } of fileLines(handle.fd, from, to))
      if (complete && (at > from || from === 0)) yield bytes
  } finally {
    await handle.close()
  }
}
