import { join } from 'node:path'
import { z } from 'zod'
import { BrokenChain } from './broken-chain.ts'
import { type ChainedLine, type ChainTip, hashOfLine, readSkip } from './chain-link.ts'
import { type ChainedFile, openChainedFile } from './chained-file.ts'
import type { Clock } from './clock.ts'
import { type Compaction, Compactions } from './compaction/compactions.ts'
import type { Disk } from './disk.ts'

/** JSON-safe content of a record; each domain parses its own with zod. */
export type JournalData = Readonly<Record<string, unknown>>

export interface JournalEntry {
  /** From 1, without gaps. */
  readonly seq: number
  readonly writer: string
  /** The writer's clock when it was appended, milliseconds since the Unix epoch. */
  readonly atMs: number
  readonly type: string
  readonly data: JournalData
  /** Hash of the line; the next one is chained to it. */
  readonly hash: string
}

export interface JournalOptions {
  readonly folder: string
  /** INSTANCE_ID: letters, digits, `-`, `_`, `.`; names the file `<folder>/<writer>.jsonl`. */
  readonly writer: string
  readonly clock: Clock
  readonly disk?: Disk
}

/** What was decided, as it is read back: from the journal of its writer, or from a copy that another server keeps. */
export interface JournalReader {
  readonly writer: string
  readonly lastSeq: number
  /** Number and hash of the last durable record: two copies with one tip are the same up to there. */
  readonly tip: ChainTip
  /** The durable entries from `fromSeq` (default 1) to the last one at the time of the call. */
  entries(fromSeq?: number): AsyncIterable<JournalEntry>
  /** The same as they stand in the file, for a copy, and what stands there for records that were left out. */
  lines(fromSeq?: number): AsyncIterable<ChainedLine>
  /** Both together. */
  passages(fromSeq?: number): AsyncIterable<Passage>
}

/** A step through a journal. */
export interface Passage {
  readonly to: ChainTip
  /** `null`: of the records up to there none is of consequence any more. */
  readonly entry: JournalEntry | null
}

/** What one process has decided, on disk before it answered. The store is only a projection of it. */
export interface Journal extends JournalReader {
  /** Bytes of a half-written last record that were cut at open; 0 normally. */
  readonly tornBytes: number
  readonly sizeBytes: number
  /** What its lines say of its compactions. */
  readonly compactions: Pick<Compactions, 'shape' | 'latest' | 'open'>
  /**
   * Carries out a compaction that it has written down: `head` is what is left of the records up to it.
   *
   * @throws BrokenChain, DiskUnavailable, and what `head` throws: all is as before then
   */
  compact(compaction: Compaction, head: AsyncIterable<string>): Promise<void>
  /**
   * Resolves when it is on the device, in the order of the calls. The entry holds what a replay would read back: no
   * `undefined`, no `Secret`.
   *
   * @throws DiskUnavailable
   */
  append(type: string, data: JournalData): Promise<JournalEntry>
  /**
   * Takes over what another copy of this journal holds behind its end: on the device when it resolves.
   *
   * @param check throws for an entry that cannot be used; then nothing is taken over
   * @throws BrokenChain when it does not follow, or is no record of this writer; DiskUnavailable
   */
  extend(lines: readonly string[], check?: (entry: JournalEntry) => void): Promise<readonly JournalEntry[]>
  close(): Promise<void>
}

/** @throws BrokenChain naming file and line; FileInUse when another process has the journal open */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const writer = writerName.parse(options.writer)
  const compactions = new Compactions()
  const file = await openChainedFile({
    path: join(options.folder, `${writer}.jsonl`),
    // A journal under another writer's name does not open.
    genesis: writer,
    mayBeCompacted: true,
    onLine: (line) => compactions.take(line),
    ...(options.disk === undefined ? {} : { disk: options.disk }),
  })
  return new FileJournal({ writer, file, clock: options.clock, compactions })
}

interface Parts {
  readonly writer: string
  readonly file: ChainedFile
  readonly clock: Clock
  readonly compactions: Compactions
}

class FileJournal implements Journal {
  readonly writer: string
  readonly #file: ChainedFile
  readonly #clock: Clock
  readonly compactions: Compactions

  constructor({ writer, file, clock, compactions }: Parts) {
    this.writer = writer
    this.#file = file
    this.#clock = clock
    this.compactions = compactions
  }

  get lastSeq(): number {
    return this.#file.last.n
  }

  get tip(): ChainTip {
    return this.#file.last
  }

  get tornBytes(): number {
    return this.#file.tornBytes
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes
  }

  async compact(compaction: Compaction, head: AsyncIterable<string>): Promise<void> {
    await this.#file.rewrite({ n: compaction.upTo, hash: compaction.hash }, head)
    this.compactions.carriedOut(compaction)
  }

  async append(type: string, data: JournalData): Promise<JournalEntry> {
    const { writer } = this
    const atMs = this.#clock.nowMs()
    const content = JSON.stringify(data)
    const body = `{"w":${JSON.stringify(writer)},"t":${atMs},"e":${JSON.stringify(type)},"d":${content}}`
    const line = await this.#file.append(body)
    this.compactions.take(line)
    return { seq: line.n, writer, atMs, type, data: JSON.parse(content) as JournalData, hash: line.hash }
  }

  async extend(
    lines: readonly string[],
    check?: (entry: JournalEntry) => void,
  ): Promise<readonly JournalEntry[]> {
    // Read before they are written: what cannot be read back would stop the next start.
    let { n } = this.#file.last
    for (const text of lines) {
      const line = readSkip(text) ?? { n: n + 1, text, hash: hashOfLine(text) }
      if (line.skipsFrom === undefined) check?.(this.#read(line))
      n = line.n
    }
    const kept = await this.#file.extend(lines)
    for (const line of kept) this.compactions.take(line)
    return kept.filter(isRecord).map((line) => this.#read(line))
  }

  lines(fromSeq = 1): AsyncIterable<ChainedLine> {
    return this.#file.lines(fromSeq)
  }

  async *entries(fromSeq = 1): AsyncGenerator<JournalEntry> {
    for await (const line of this.#file.lines(fromSeq)) if (isRecord(line)) yield this.#read(line)
  }

  async *passages(fromSeq = 1): AsyncGenerator<Passage> {
    for await (const line of this.#file.lines(fromSeq))
      yield { to: { n: line.n, hash: line.hash }, entry: isRecord(line) ? this.#read(line) : null }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #read(line: ChainedLine): JournalEntry {
    const entry = readJournalLine(line)
    if (entry?.writer === this.writer) return entry
    throw new BrokenChain(this.#file.path, line.n, 'not a record of its writer')
  }
}

const isRecord = ({ skipsFrom }: ChainedLine): boolean => skipsFrom === undefined

/** The record of a line; `null` for what is none. */
export function readJournalLine({ n: seq, text, hash }: ChainedLine): JournalEntry | null {
  const line = parsed(text)
  if (!isRecordLine(line)) return null
  const { w: writer, t: atMs, e: type, d: data } = line
  return { seq, writer, atMs, type, data, hash }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const writerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)

interface RecordLine {
  readonly w: string
  readonly t: number
  readonly e: string
  readonly d: JournalData
}

/** By hand: it is asked of every record at every start. Each domain reads `d` with zod. */
function isRecordLine(line: unknown): line is RecordLine {
  if (typeof line !== 'object' || line === null) return false
  const { w, t, e, d } = line as Partial<Record<keyof RecordLine, unknown>>
  const isHead = typeof w === 'string' && typeof t === 'number' && typeof e === 'string'
  return isHead && typeof d === 'object' && d !== null && !Array.isArray(d)
}
