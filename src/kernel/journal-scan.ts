import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { type ChainedLine, type ChainTip, checkLine, checkSkip, readSkip } from './chain-link.ts'
import { Compactions, type Shape } from './compaction/compactions.ts'
import { fileLines } from './file-lines.ts'
import { type JournalEntry, readJournalLine } from './journal.ts'

/** What a journal's file says of itself, read without its writer. */
export interface ScannedJournal {
  readonly file: string
  /** Of its first record; of the file's name while it is empty. */
  readonly writer: string
  /** Number and hash of the last record that holds. */
  readonly tip: ChainTip
  readonly records: ReadonlyMap<string, number>
  /** Whether all its records are there, or what is left of them is what its last compaction left. */
  readonly shape: Shape
  /** Records that were left out. */
  readonly leftOut: number
  readonly firstMs: number | null
  readonly lastMs: number | null
  /** Bytes of a half-written last record, which was never acknowledged. */
  readonly tornBytes: number
  /** The first record that does not hold; nothing behind it was read. */
  readonly bad: { readonly line: number; readonly what: string } | null
}

/**
 * A line that holds, and what it says; `null` for one that stands for records that were left out. Returns what is wrong
 * with it beyond the chain; null for nothing.
 */
export type OnLine = (line: ChainedLine, entry: JournalEntry | null) => string | null

/** Reads a journal from start to end and checks its chain. Its writer may be running. @throws when it cannot be read */
export async function scanJournal(file: string, onLine: OnLine = () => null): Promise<ScannedJournal> {
  const handle = await open(file, 'r')
  try {
    return await scan(file, handle, onLine)
  } finally {
    await handle.close()
  }
}

async function scan(file: string, handle: FileHandle, onLine: OnLine): Promise<ScannedJournal> {
  const found = new Found(file)
  const { size } = await handle.stat()
  try {
    for await (const { bytes, complete } of fileLines(handle.fd, 0, size)) {
      if (!complete) return found.with({ tornBytes: bytes.length })
      const wrong = found.take(bytes, onLine)
      if (wrong !== null) return found.with({ bad: { line: found.tip.n + 1, what: wrong } })
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return found.with({ bad: { line: found.tip.n + 1, what: error.message } })
  }
  return found.with({})
}

class Found {
  readonly file: string
  writer: string
  tip: ChainTip
  readonly #records = new Map<string, number>()
  #firstMs: number | null = null
  #lastMs: number | null = null
  readonly #compactions = new Compactions()
  #leftOut = 0

  constructor(file: string) {
    this.file = file
    this.writer = basename(file).replace(/\.jsonl$/, '')
    this.tip = { n: 0, hash: this.writer }
  }

  take(bytes: Buffer, onLine: OnLine): string | null {
    const skip = readSkip(bytes)
    return skip === null ? this.#takeRecord(bytes, onLine) : this.#takeSkip(skip, onLine)
  }

  #takeRecord(bytes: Buffer, onLine: OnLine): string | null {
    const text = bytes.toString('utf8')
    const entry = readJournalLine({ n: this.tip.n + 1, text, hash: '' })
    if (this.#records.size === 0 && entry !== null) this.#beginWith(entry.writer)
    const checked = checkLine(this.tip, bytes)
    if ('wrong' in checked) return checked.wrong
    if (entry?.writer !== this.writer) return 'not a record of its writer'
    const line = { n: this.tip.n + 1, text, hash: checked.hash }
    const wrong = onLine(line, { ...entry, hash: line.hash })
    if (wrong !== null) return wrong
    this.#accept(line)
    this.#records.set(entry.type, (this.#records.get(entry.type) ?? 0) + 1)
    this.#firstMs ??= entry.atMs
    this.#lastMs = entry.atMs
    return null
  }

  #takeSkip(skip: ChainedLine, onLine: OnLine): string | null {
    const checked = checkSkip(this.tip, skip)
    if ('wrong' in checked) return checked.wrong
    this.#leftOut += skip.n - this.tip.n
    this.#accept(skip)
    return onLine(skip, null)
  }

  #accept(line: ChainedLine): void {
    this.tip = { n: line.n, hash: line.hash }
    this.#compactions.take(line)
  }

  with(rest: Partial<Pick<ScannedJournal, 'tornBytes' | 'bad'>>): ScannedJournal {
    const { file, writer, tip } = this
    const times = { firstMs: this.#firstMs, lastMs: this.#lastMs }
    const { shape } = this.#compactions
    const left = { records: this.#records, shape, leftOut: this.#leftOut }
    return { file, writer, tip, ...left, ...times, tornBytes: 0, bad: null, ...rest }
  }

  /** The file may have been renamed; the chain begins with its writer's name. */
  #beginWith(writer: string): void {
    this.writer = writer
    if (this.tip.n === 0) this.tip = { n: 0, hash: writer }
  }
}
