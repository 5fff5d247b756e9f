import type { FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { BrokenChain } from '../../kernel/broken-chain.ts'
import { type ChainedLine, checkLine, hashOfLine } from '../../kernel/chain-link.ts'
import { fileLines } from '../../kernel/file-lines.ts'
import { type Segment, segmentsOf } from '../log-files.ts'
import { openOrNull } from '../log-lines.ts'
import type { Cursor } from './cursor.ts'
import type { Gap } from './event.ts'

/** After which record, and where that is. */
export type Position = Omit<Cursor, 'sendingTo'>

export interface ReadLine {
  readonly line: ChainedLine
  /** The position after it. */
  readonly after: Position
}

export interface Read {
  /** Records that no file holds any more, before the lines. */
  readonly gap: { readonly missing: Gap; readonly after: Position } | null
  readonly lines: readonly ReadLine[]
}

export interface ReadLimits {
  /** Number of the last record that may be read: what is behind it may not be durable yet. */
  readonly to: number
  readonly maxRecords: number
}

/** Nothing is known of a record but its number. */
const UNKNOWN = ''

interface Start {
  readonly handle: FileHandle
  readonly file: string
  /** Where to read from, and the record before that byte. */
  readonly at: number
  readonly n: number
  readonly hash: string
  readonly missing: Gap | null
}

/** Reads one log as it lies on disk, in however many files, while it is being written. */
export class LogReader {
  readonly #folder: string
  readonly #instance: string

  /** @param folder of the audit log of the service @param instance INSTANCE_ID */
  constructor(folder: string, instance: string) {
    this.#folder = folder
    this.#instance = instance
  }

  /**
   * The records after a position, in order, each checked against the one before. They are of one file: there may be more.
   *
   * @throws BrokenChain when the log is not the one that was read before; what the disk throws
   */
  async read(from: Position, limits: ReadLimits): Promise<Read> {
    const start = (await this.#believed(from)) ?? (await this.#sought(from))
    if (start === null) return { gap: null, lines: [] }
    const { handle, missing, ...place } = start
    try {
      const gap = missing === null ? null : { missing, after: place }
      return { gap, lines: await this.#linesFrom(handle, place, limits) }
    } finally {
      await handle.close()
    }
  }

  /** The place that the cursor remembers, when the record stands there and something follows it. */
  async #believed({ file, at, n, hash }: Position): Promise<Start | null> {
    if (file === '' || hash === UNKNOWN || at < TAIL_BYTES) return null
    const handle = await openOrNull(join(this.#folder, file))
    if (handle === null) return null
    const { size } = await handle.stat()
    const tail = Buffer.alloc(TAIL_BYTES)
    if (size > at) await handle.read(tail, 0, TAIL_BYTES, at - TAIL_BYTES)
    if (tail.toString('latin1') === `"h":"${hash}"}\n`) return { handle, file, at, n, hash, missing: null }
    await handle.close()
    return null
  }

  /** Looks through the files for the record after `n`, or the first one there is after it. */
  async #sought({ n, hash }: Position): Promise<Start | null> {
    const segments = await segmentsOf(this.#folder, this.#instance)
    const holding = segments.findLast(({ first }) => first <= n + 1)
    const later = segments.find(({ first }) => first > n + 1)
    if (holding !== undefined) {
      const found = await this.#within(holding, { n, hash })
      if (found !== null) return found
    }
    if (later === undefined) return null
    const handle = await openOrNull(later.path)
    if (handle === null) return null
    const missing = { from: n + 1, to: later.first - 1 }
    // A log that is read for the first time begins where it begins.
    return {
      ...{ handle, file: basename(later.path), at: 0, n: later.first - 1, hash: UNKNOWN },
      missing: n === 0 ? null : missing,
    }
  }

  async #within({ path, first }: Segment, { n, hash }: Pick<Position, 'n' | 'hash'>): Promise<Start | null> {
    const handle = await openOrNull(path)
    if (handle === null) return null
    const file = basename(path)
    if (first === n + 1) return { handle, file, at: 0, n, hash, missing: null }
    const { size } = await handle.stat()
    let at = first - 1
    for await (const line of fileLines(handle.fd, 0, size)) {
      at += 1
      if (at < n) continue
      const found = hashOfLine(line.bytes.toString('latin1'))
      const end = line.at + line.bytes.length + 1
      if (hash !== UNKNOWN && found !== hash) {
        await handle.close()
        throw new BrokenChain(path, n, 'not the record that was sent before')
      }
      if (end < size) return { handle, file, at: end, n, hash: found, missing: null }
      break
    }
    await handle.close()
    return null
  }

  async #linesFrom(handle: FileHandle, place: Position, { to, maxRecords }: ReadLimits): Promise<ReadLine[]> {
    const { size } = await handle.stat()
    const { file } = place
    const lines: ReadLine[] = []
    let { n, hash } = place
    for await (const { bytes, at, complete } of fileLines(handle.fd, place.at, size)) {
      if (!complete || n >= to || lines.length >= maxRecords) break
      const text = bytes.toString('utf8')
      // The first record behind a gap, or of a log that is read for the first time, has nothing to follow here.
      hash = hash === UNKNOWN ? hashOfLine(text) : this.#checked({ n, hash }, bytes, file)
      n += 1
      lines.push({ line: { n, text, hash }, after: { n, hash, file, at: at + bytes.length + 1 } })
    }
    return lines
  }

  #checked(before: Pick<Position, 'n' | 'hash'>, bytes: Buffer, file: string): string {
    const checked = checkLine(before, bytes)
    if ('wrong' in checked) throw new BrokenChain(join(this.#folder, file), before.n + 1, checked.wrong)
    return checked.hash
  }
}

/** Of a line that ends in `"h":"<43 characters>"}` and its newline. */
const TAIL_BYTES = 51
