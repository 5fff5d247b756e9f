import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { fileLines } from '../kernel/file-lines.ts'
import { isMissing } from '../kernel/missing-file.ts'
import { OWN_MARK } from './heads.ts'

export interface LogLine {
  /** From 1. */
  readonly number: number
  readonly bytes: Buffer
  readonly complete: boolean
}

/**
 * The lines of a log as they stand, unverified; none when there is no such file. A last line that is just being
 * written is waited for.
 */
export async function* logLines(path: string): AsyncGenerator<LogLine> {
  const handle = await openOrNull(path)
  if (handle === null) return
  let number = 0
  try {
    const { size } = await handle.stat()
    for await (const line of fileLines(handle.fd, 0, size)) {
      number += 1
      yield { number, ...(line.complete ? line : await settled(handle, line.at)) }
    }
  } catch (error) {
    // Longer than any record: shown as one that is none.
    if (!(error instanceof RangeError)) throw error
    yield { number: number + 1, bytes: Buffer.alloc(0), complete: true }
  } finally {
    await handle.close()
  }
}

async function settled(handle: FileHandle, at: number): Promise<Omit<LogLine, 'number'>> {
  await setTimeout(SETTLING_MS)
  const { size } = await handle.stat()
  for await (const line of fileLines(handle.fd, at, size)) return line
  return { bytes: Buffer.alloc(0), complete: false }
}

/** Whether the record is one of the log about itself, without parsing it. */
export const isOwnLine = (bytes: Buffer): boolean => bytes.includes(OWN_MARK)

/** For reading; `null` when there is no such file. */
export async function openOrNull(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

const SETTLING_MS = 100
