import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A file that holds records of one log, in order and without a break. */
export interface Segment {
  /** Name in the log's folder. */
  readonly file: string
  /** Number of its first record. */
  readonly first: number
}

/**
 * The files of a log, the oldest records first. They are known by what stands in them, not by their names: the one that is
 * written is `<instance>.jsonl`, or `<instance>@….jsonl`. A file without a record is none.
 */
export async function segmentsOf(folder: string, instance: string): Promise<readonly Segment[]> {
  const names = (await readdir(folder)).filter(
    (name) => name === `${instance}.jsonl` || (name.startsWith(`${instance}@`) && name.endsWith('.jsonl')),
  )
  const segments: Segment[] = []
  for (const file of names) {
    const first = await firstRecord(join(folder, file))
    if (first !== null) segments.push({ file, first })
  }
  return segments.sort((one, other) => one.first - other.first)
}

async function firstRecord(path: string): Promise<number | null> {
  const handle = await openIfThere(path)
  if (handle === null) return null
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0)
    const digits = /^\{"n":(\d{1,15}),/.exec(buffer.toString('latin1', 0, bytesRead))?.[1]
    return digits === undefined ? null : Number(digits)
  } finally {
    await handle.close()
  }
}

/** Opens for reading; `null` when there is no such file (any more). */
export async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** `{"n":` and a number. */
const START_BYTES = 32
