import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { type ChainedLine, type ChainTip, checkLine, hashOfLine, nextLine } from './chain-link.ts'
import {
  type Disk,
  DiskUnavailable,
  makePrivateFolder,
  SYNCED_WRITES,
  syncFolder,
  systemDisk,
} from './disk.ts'
import { fileLines, MAX_LINE_BYTES } from './file-lines.ts'
import { lockFile } from './file-lock.ts'

export interface ChainedFileOptions {
  /** The folder is made (0700) when it is missing, the file (0600) too. */
  readonly path: string
  /** What the first line's hash is chained to. */
  readonly genesis: string
  /** The record before its first line, when the chain began in another file. */
  readonly start?: ChainTip
  /** Called for every line while the file is verified at open, in order. */
  readonly onLine?: (line: ChainedLine) => void
  readonly disk?: Disk
}

/** An append-only file of JSON lines, each chained to the one before (`chain-link.ts`). */
export interface ChainedFile {
  readonly path: string
  /** Number and hash of the last durable line; 0 and the genesis while the file is empty. */
  readonly last: ChainTip
  /** Bytes of a half-written last line that were cut at open; 0 normally. */
  readonly tornBytes: number
  /**
   * Adds one record. Resolves in order, when it is on the device. `n` and `h` are added around the members of `body`.
   *
   * @param body the text of a JSON object with at least one member, less than 1 MiB
   * @throws DiskUnavailable when it could not be made durable; nothing of it stays in the chain, later appends try again
   */
  append(body: string): Promise<ChainedLine>
  /**
   * Adds lines as another copy of the same chain holds them. All or none; not while records are being appended.
   *
   * @throws BrokenChain when they do not follow; DiskUnavailable
   */
  extend(texts: readonly string[]): Promise<readonly ChainedLine[]>
  /** The durable lines from `n` on, in order, up to the last one at the time of the call. */
  lines(from?: number): AsyncIterable<ChainedLine>
  /** Writes what is pending, then releases the file. Appends after it reject. */
  close(): Promise<void>
}

/** The chain of a file does not hold. Names the file and the first bad line. */
export class BrokenChain extends Error {
  override readonly name = 'BrokenChain'
  readonly file: string
  readonly line: number

  constructor(file: string, line: number, what: string) {
    super(`${file}:${line}: ${what}`)
    this.file = file
    this.line = line
  }
}

/**
 * Opens or makes a chained file for this process alone. A half-written last line is cut: it was never acknowledged.
 *
 * @throws BrokenChain when any line does not follow its predecessor
 * @throws FileInUse when another live process has it open
 */
export async function openChainedFile(options: ChainedFileOptions): Promise<ChainedFile> {
  const folder = dirname(options.path)
  await makePrivateFolder(folder)
  const release = await lockFile(options.path)
  let handle: FileHandle | undefined
  try {
    handle = await open(options.path, FLAGS, 0o600)
    await handle.chmod(0o600)
    await syncFolder(folder)
    const verified = await verifyFromStart(handle, options)
    if (verified.tornBytes > 0) {
      await handle.truncate(verified.end)
      await handle.sync()
    }
    return new GroupCommittedFile(options, { handle, release, ...verified })
  } catch (error) {
    await handle?.close()
    await release()
    throw error
  }
}

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | SYNCED_WRITES

interface Verified {
  readonly tip: ChainTip
  /** Offset after the last complete line. */
  readonly end: number
  readonly tornBytes: number
  /** Offset of every {@link INDEX_EVERY}th line. */
  readonly index: number[]
}

async function verifyFromStart(handle: FileHandle, options: ChainedFileOptions): Promise<Verified> {
  const { size } = await handle.stat()
  const index: number[] = []
  const { start = { n: 0, hash: options.genesis } } = options
  let tip = start
  let end = 0
  try {
    for await (const line of fileLines(handle.fd, 0, size)) {
      if (!line.complete) break
      tip = follow(tip, line.bytes, options)
      if ((tip.n - start.n - 1) % INDEX_EVERY === 0) index.push(line.at)
      end = line.at + line.bytes.length + 1
    }
  } catch (error) {
    throw error instanceof RangeError ? new BrokenChain(options.path, tip.n + 1, error.message) : error
  }
  return { tip, end, tornBytes: size - end, index }
}

function follow(
  tip: ChainTip,
  bytes: Buffer,
  options: Pick<ChainedFileOptions, 'path' | 'onLine'>,
): ChainTip {
  const checked = checkLine(tip, bytes)
  if ('wrong' in checked) throw new BrokenChain(options.path, tip.n + 1, checked.wrong)
  const n = tip.n + 1
  options.onLine?.({ n, text: bytes.toString('utf8'), hash: checked.hash })
  return { n, hash: checked.hash }
}

interface Opened extends Verified {
  readonly handle: FileHandle
  readonly release: () => Promise<void>
}

interface Waiting {
  readonly body: string
  readonly resolve: (line: ChainedLine) => void
  readonly reject: (error: DiskUnavailable) => void
}

/**
 * Group commit without a window: what arrives while one group is being flushed forms the next. A group is closed at the
 * end of a turn of the event loop, so that what one turn brings is one write.
 */
class GroupCommittedFile implements ChainedFile {
  readonly path: string
  readonly tornBytes: number
  readonly #disk: Disk
  readonly #opened: Opened
  readonly #before: number
  #last: ChainTip
  #end: number
  /** The file may hold bytes after `#end` that nobody was promised. */
  #dirty = false
  #waiting: Waiting[] = []
  #draining: Promise<void> | null = null
  #closed: Promise<void> | null = null

  constructor(options: ChainedFileOptions, opened: Opened) {
    this.path = options.path
    this.tornBytes = opened.tornBytes
    this.#disk = options.disk ?? systemDisk
    this.#opened = opened
    this.#before = options.start?.n ?? 0
    this.#last = opened.tip
    this.#end = opened.end
  }

  get last(): ChainTip {
    return this.#last
  }

  append(body: string): Promise<ChainedLine> {
    if (this.#closed !== null) return Promise.reject(new DiskUnavailable(`${this.path} is closed`))
    // Every character is at most three bytes of UTF-8.
    if (body.length > MAX_BODY_CHARS)
      return Promise.reject(new RangeError('a record is too long for its file'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ body, resolve, reject })
      this.#draining ??= this.#drain()
    })
  }

  async extend(texts: readonly string[]): Promise<readonly ChainedLine[]> {
    if (this.#closed !== null) throw new DiskUnavailable(`${this.path} is closed`)
    if (this.#draining !== null) throw new Error('a chain is extended or appended to, not both at once')
    const lines: ChainedLine[] = []
    const options = { path: this.path, onLine: (line: ChainedLine) => void lines.push(line) }
    let tip = this.#last
    for (const text of texts) {
      const bytes = Buffer.from(text)
      // JSON allows a newline between its tokens; here it ends a line.
      if (bytes.includes('\n') || bytes.length > MAX_LINE_BYTES)
        throw new BrokenChain(this.path, tip.n + 1, 'not one line')
      tip = follow(tip, bytes, options)
    }
    if (lines.length > 0) await this.#write(lines)
    return lines
  }

  async *lines(from = 1): AsyncGenerator<ChainedLine> {
    const start = Math.max(1, from - this.#before)
    const page = Math.floor((start - 1) / INDEX_EVERY)
    const [at, end] = [this.#opened.index[page], this.#end]
    if (at === undefined) return
    let n = page * INDEX_EVERY
    for await (const line of fileLines(this.#opened.handle.fd, at, end)) {
      n += 1
      if (n < start) continue
      const text = line.bytes.toString('utf8')
      yield { n: this.#before + n, text, hash: hashOfLine(text) }
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#release()
    return this.#closed
  }

  async #release(): Promise<void> {
    await this.#draining
    await this.#opened.handle.close()
    await this.#opened.release()
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await endOfTurn()
      const group = this.#waiting.splice(0, MAX_GROUP_RECORDS)
      await this.#commit(group)
    }
    this.#draining = null
  }

  /** Never rejects: every waiter of the group is told. */
  async #commit(group: readonly Waiting[]): Promise<void> {
    const lines: ChainedLine[] = []
    let tip = this.#last
    for (const { body } of group) lines.push((tip = nextLine(tip, body)))
    try {
      await this.#write(lines)
    } catch (error) {
      const unavailable = error instanceof DiskUnavailable ? error : this.#unwritable(error)
      for (const { reject } of group) reject(unavailable)
      return
    }
    for (const [at, { resolve }] of group.entries()) resolve(lines[at] ?? { ...tip, text: '' })
  }

  async #write(lines: readonly ChainedLine[]): Promise<void> {
    const bytes = Buffer.from(`${lines.map((line) => line.text).join('\n')}\n`)
    try {
      await this.#cutUnpromised()
      this.#dirty = true
      await this.#disk.append(this.#opened.handle.fd, bytes, this.#end)
      this.#dirty = false
    } catch (cause) {
      await this.#cutUnpromised().catch(() => undefined)
      throw this.#unwritable(cause)
    }
    this.#accept(lines, bytes.length)
  }

  #unwritable(cause: unknown): DiskUnavailable {
    return new DiskUnavailable(`${this.path} cannot be written: ${reasonOf(cause)}`, { cause })
  }

  /** After a failed write the file may hold part of a group: the next line must not follow it. */
  async #cutUnpromised(): Promise<void> {
    if (!this.#dirty) return
    await this.#disk.truncate(this.#opened.handle.fd, this.#end)
    this.#dirty = false
  }

  #accept(lines: readonly ChainedLine[], length: number): void {
    let at = this.#end
    for (const line of lines) {
      if ((line.n - this.#before - 1) % INDEX_EVERY === 0) this.#opened.index.push(at)
      at += Buffer.byteLength(line.text) + 1
    }
    this.#end += length
    const { n, hash } = lines.at(-1) ?? this.#last
    this.#last = { n, hash }
  }
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown'

const INDEX_EVERY = 256
const MAX_GROUP_RECORDS = 512
const MAX_BODY_CHARS = Math.floor(MAX_LINE_BYTES / 3) - 100
