import { join } from 'node:path'
import { z } from 'zod'
import type { ChainedLine } from './chain-link.ts'
import { BrokenChain, type ChainedFile, openChainedFile } from './chained-file.ts'
import type { Clock } from './clock.ts'
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

/** What one process has decided, on disk before it answered. The store is only a projection of it. */
export interface Journal {
  readonly writer: string
  readonly lastSeq: number
  /** Bytes of a half-written last record that were cut at open; 0 normally. */
  readonly tornBytes: number
  /**
   * Resolves when it is on the device, in the order of the calls. The entry holds what a replay would read back: no
   * `undefined`, no `Secret`.
   *
   * @throws DiskUnavailable
   */
  append(type: string, data: JournalData): Promise<JournalEntry>
  /** The durable entries from `fromSeq` (default 1) to the last one at the time of the call. */
  entries(fromSeq?: number): AsyncIterable<JournalEntry>
  close(): Promise<void>
}

/** @throws BrokenChain naming file and line; FileInUse when another process has the journal open */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const writer = writerName.parse(options.writer)
  const file = await openChainedFile({
    path: join(options.folder, `${writer}.jsonl`),
    // A journal under another writer's name does not open.
    genesis: writer,
    ...(options.disk === undefined ? {} : { disk: options.disk }),
  })
  return new FileJournal(writer, file, options.clock)
}

class FileJournal implements Journal {
  readonly writer: string
  readonly #file: ChainedFile
  readonly #clock: Clock

  constructor(writer: string, file: ChainedFile, clock: Clock) {
    this.writer = writer
    this.#file = file
    this.#clock = clock
  }

  get lastSeq(): number {
    return this.#file.last.n
  }

  get tornBytes(): number {
    return this.#file.tornBytes
  }

  async append(type: string, data: JournalData): Promise<JournalEntry> {
    const { writer } = this
    const atMs = this.#clock.nowMs()
    const content = JSON.stringify(data)
    const body = `{"w":${JSON.stringify(writer)},"t":${atMs},"e":${JSON.stringify(type)},"d":${content}}`
    const line = await this.#file.append(body)
    return { seq: line.n, writer, atMs, type, data: JSON.parse(content) as JournalData, hash: line.hash }
  }

  async *entries(fromSeq = 1): AsyncGenerator<JournalEntry> {
    for await (const line of this.#file.lines(fromSeq)) yield this.#read(line)
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #read(line: ChainedLine): JournalEntry {
    const read = recordLine.safeParse(JSON.parse(line.text))
    if (!read.success) throw new BrokenChain(this.#file.path, line.n, 'not a journal record')
    const { w: writer, t: atMs, e: type, d: data } = read.data
    return { seq: line.n, writer, atMs, type, data, hash: line.hash }
  }
}

const writerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)

const recordLine = z.object({
  w: z.string(),
  t: z.number(),
  e: z.string(),
  d: z.record(z.string(), z.unknown()),
})
