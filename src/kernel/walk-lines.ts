import { type ChainedLine, readSkip } from './chain-link.ts'
import { fileLines } from './file-lines.ts'

/** A line of a verified chained file. */
export interface WalkedLine {
  readonly n: number
  /** Without the newline. */
  readonly bytes: Buffer
  /** It stands for records that were left out. */
  readonly skip: ChainedLine | null
  /** Offset behind it. */
  readonly after: number
}

/** Reads the lines from a place on, where one begins that stands for record `place.n`, to the byte `end`. */
export async function* walkLines(
  fd: number,
  place: { readonly n: number; readonly at: number },
  end: number,
  mayBeCompacted: boolean,
): AsyncGenerator<WalkedLine> {
  let n = place.n - 1
  for await (const { bytes, at } of fileLines(fd, place.at, end)) {
    const skip = mayBeCompacted ? readSkip(bytes) : null
    n = skip?.n ?? n + 1
    yield { n, bytes, skip, after: at + bytes.length + 1 }
  }
}
