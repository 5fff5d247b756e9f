import type { Clock } from './clock.ts'

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
}

/** What one process has decided, on disk before it answered. The store is only a projection of it. */
export interface Journal {
  readonly writer: string
  readonly lastSeq: number
  /** Bytes of a half-written last record that were cut at open; 0 normally. */
  readonly tornBytes: number
  /**
   * Resolves after `fdatasync`, in the order of the calls.
   *
   * @throws DiskUnavailable
   */
  append(type: string, data: JournalData): Promise<JournalEntry>
  /** The durable entries from `fromSeq` (default 1) to the last one at the time of the call. */
  entries(fromSeq?: number): AsyncIterable<JournalEntry>
  close(): Promise<void>
}

/** @throws BrokenChain naming file and line, or an Error when another process has the journal open */
export function openJournal(options: JournalOptions): Promise<Journal> {
  return Promise.reject(new Error(`not yet: ${options.writer}`))
}
