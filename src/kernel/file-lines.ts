import { read } from 'node:fs'

const NEWLINE = 0x0a

/** Longest line of a chained file, its newline included. */
export const MAX_LINE_BYTES = 1024 * 1024

export interface FileLine {
  /** Without the newline. */
  readonly bytes: Buffer
  /** Offset of the line in the file. */
  readonly at: number
  /** `false` for a last line without a newline. */
  readonly complete: boolean
}

/**
 * Reads lines of an open file from byte `start` up to (not including) byte `end`.
 *
 * @throws RangeError when a line is longer than {@link MAX_LINE_BYTES}
 */
export async function* fileLines(fd: number, start: number, end: number): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0)
  let at = start
  for await (const chunk of fileChunks(fd, start, end)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let to = bytes.indexOf(NEWLINE); to !== -1; to = bytes.indexOf(NEWLINE, from)) {
      yield { bytes: bytes.subarray(from, to), at: at + from, complete: true }
      from = to + 1
    }
    rest = bytes.subarray(from)
    at += from
    if (rest.length > MAX_LINE_BYTES) throw new RangeError(`line longer than ${MAX_LINE_BYTES} bytes`)
  }
  if (rest.length > 0) yield { bytes: rest, at, complete: false }
}

/** Reads by position and leaves the descriptor alone: a stream that is left early closes it under its owner. */
async function* fileChunks(fd: number, start: number, end: number): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const chunk = await readAt(fd, at, Math.min(CHUNK_BYTES, end - at))
    if (chunk.length === 0) return
    yield chunk
    at += chunk.length
  }
}

const readAt = (fd: number, position: number, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    read(fd, Buffer.allocUnsafe(length), 0, length, position, (error, count, bytes) => {
      if (error === null) resolve(bytes.subarray(0, count))
      else reject(error)
    })
  })

const CHUNK_BYTES = 64 * 1024
