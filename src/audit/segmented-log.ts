import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BrokenChain } from '../kernel/broken-chain.ts'
import { type ChainedFile, openChainedFile } from '../kernel/chained-file.ts'
import { type ChainedLine, type ChainTip, hashOfLine } from '../kernel/chain-link.ts'
import type { Disk } from '../kernel/disk.ts'
import { lockFile } from '../kernel/file-lock.ts'
import { type Segment, segmentPath, segmentsOf } from './log-files.ts'
import { logLines } from './log-lines.ts'

export interface SegmentedLogOptions {
  readonly folder: string
  readonly instance: string
  readonly genesis: string
  readonly disk?: Disk | undefined
  /** Called once, before the lines: the record that the newest file goes on from. */
  readonly onStart: (start: ChainTip) => void
  /** Called for every line of the newest file while it is verified at open. */
  readonly onLine: (line: ChainedLine) => void
  /**
   * What the record before a file is, as its first line says it; asked when the file before it is gone.
   *
   * @returns `null` when the line vouches for none
   */
  readonly startIn: (line: string) => Promise<ChainTip | null>
}

/** One chain in several files, the newest of which is appended to. Files that are full are never touched again. */
export class SegmentedLog {
  readonly #options: SegmentedLogOptions
  readonly #abandoned: readonly Segment[]
  readonly #release: () => Promise<void>
  #file: ChainedFile
  /** The record before the newest file. */
  #start: ChainTip
  #turning: Promise<void> | null = null
  #lastAppend: Promise<unknown> = Promise.resolve()

  private constructor(options: SegmentedLogOptions, opened: Opened) {
    this.#options = options
    this.#abandoned = opened.abandoned
    this.#release = opened.release
    this.#file = opened.file
    this.#start = opened.start
  }

  /**
   * Opens the newest file, or makes the first. What files before it hold is not looked at: `audit verify` does.
   *
   * @throws BrokenChain, FileInUse
   */
  static async open(options: SegmentedLogOptions): Promise<SegmentedLog> {
    const { folder, instance } = options
    const all = await segmentsOf(folder, instance)
    const abandoned = await findAbandoned(all)
    const segments = all.filter((segment) => !abandoned.includes(segment))
    const newest = segments.at(-1) ?? { path: segmentPath(folder, instance, 1), first: 1 }
    const start = await startOf(newest, segments.at(-2), options)
    options.onStart(start)
    const file = await openChainedFile({
      ...chainOf(options),
      path: newest.path,
      start,
      onLine: options.onLine,
    })
    try {
      return new SegmentedLog(options, {
        ...{ file, start, abandoned },
        release: await lockFile(join(folder, instance)),
      })
    } catch (error) {
      await file.close()
      throw error
    }
  }

  get path(): string {
    return this.#file.path
  }

  /** Bytes of a half-written last line that were cut at open. */
  get tornBytes(): number {
    return this.#file.tornBytes
  }

  /** Number and hash of the last durable line. */
  get last(): ChainTip {
    return this.#file.last
  }

  /** How many records the newest file holds. */
  get size(): number {
    return this.#file.last.n - this.#start.n
  }

  /** Takes away files that were never begun. Not before the log is known to hold: where it was cut, one may be what is left. */
  async removeAbandoned(): Promise<void> {
    for (const { path } of this.#abandoned) await rm(path, { force: true })
  }

  /** As {@link ChainedFile.append}; while a new file is begun it waits. */
  append(body: string): Promise<ChainedLine> {
    if (this.#turning !== null) return this.#turning.then(() => this.append(body))
    const appended = this.#file.append(body)
    this.#lastAppend = appended
    return appended
  }

  /**
   * Begins a new file. When that fails, the old one goes on.
   *
   * @param firstBodies makes the first records of the new file, which stand in it all or none; it is told the record before
   * @throws DiskUnavailable, or what `firstBodies` throws
   */
  async turn(firstBodies: FirstBodies): Promise<void> {
    const turned = this.#turn(firstBodies)
    this.#turning = turned.catch(() => undefined).finally(() => (this.#turning = null))
    await turned
  }

  async #turn(firstBodies: FirstBodies): Promise<void> {
    // Appends are acknowledged in order: after the last one, none is under way.
    await this.#lastAppend.catch(() => undefined)
    const old = this.#file
    const start = old.last
    this.#file = await this.#begun(start, await firstBodies(start))
    this.#start = start
    await old.close()
  }

  /** The file after this record. One that cannot be begun is not left lying, or the next start would take it for the newest. */
  async #begun(start: ChainTip, bodies: readonly string[]): Promise<ChainedFile> {
    const path = segmentPath(this.#options.folder, this.#options.instance, start.n + 1)
    let file: ChainedFile | undefined
    try {
      const opened = (file = await openChainedFile({ ...chainOf(this.#options), path, start }))
      // Of one turn of the event loop: one write.
      await Promise.all(bodies.map((body) => opened.append(body)))
      return opened
    } catch (error) {
      await file?.close()
      await rm(path, { force: true }).catch(() => undefined)
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#turning
    await this.#file.close()
    await this.#release()
  }
}

type FirstBodies = (before: ChainTip) => Promise<readonly string[]>

interface Opened {
  readonly file: ChainedFile
  readonly start: ChainTip
  readonly abandoned: readonly Segment[]
  readonly release: () => Promise<void>
}

const chainOf = ({ genesis, disk }: SegmentedLogOptions): { genesis: string; disk?: Disk } => ({
  genesis,
  ...(disk === undefined ? {} : { disk }),
})

/**
 * Abandoned is a file in which nothing stands and which the file before does not need: the process died, or the disk failed,
 * while it was begun. The log goes on in the file before.
 */
async function findAbandoned(all: readonly Segment[]): Promise<readonly Segment[]> {
  const abandoned: Segment[] = []
  let before: Segment | undefined
  for (const segment of all) {
    const isEmpty = !(segment === all.at(-1) ? await isBegun(segment) : await isFull(segment))
    if (before !== undefined && isEmpty && ((await tipOf(before))?.n ?? 0) >= segment.first - 1)
      abandoned.push(segment)
    else before = segment
  }
  return abandoned
}

/** As {@link isBegun}; in a log of years, of most files only the size is asked for. */
const isFull = async (segment: Segment): Promise<boolean> =>
  (await stat(segment.path)).size > LONGER_THAN_A_BEGINNING || isBegun(segment)

/** Whether a whole line stands in it, whatever it is. */
async function isBegun({ path }: Segment): Promise<boolean> {
  for await (const { complete } of logLines(path)) return complete
  return false
}

async function startOf(
  { path, first }: Segment,
  before: Segment | undefined,
  { genesis, startIn }: SegmentedLogOptions,
): Promise<ChainTip> {
  if (first === 1) return { n: 0, hash: genesis }
  const start = before === undefined ? await startIn(await firstLine(path)) : await tipOf(before)
  if (start?.n === first - 1) return start
  throw new BrokenChain(path, 1, `the record before it, ${first - 1}, is not known`)
}

/** The last complete line of a file that is full. */
async function tipOf({ path, first }: Segment): Promise<ChainTip | null> {
  let last: Buffer | null = null
  let n = first - 1
  for await (const { bytes, complete } of logLines(path)) {
    if (!complete) break
    n += 1
    last = bytes
  }
  return last === null ? null : { n, hash: hashOfLine(last.toString('latin1')) }
}

async function firstLine(path: string): Promise<string> {
  for await (const { bytes, complete } of logLines(path)) return complete ? bytes.toString('utf8') : ''
  return ''
}

/** Bytes: the first record, with a signed head in it, has about a thousand. */
const LONGER_THAN_A_BEGINNING = 4_096
