import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { BrokenChain } from './broken-chain.ts'
import { type ChainedLine, type ChainTip, hashOfLine, nextLine, skipLine } from './chain-link.ts'
import type { ChainedFile } from './chained-file.ts'
import { type Disk, DiskUnavailable } from './disk.ts'
import { MAX_LINE_BYTES } from './file-lines.ts'
import { follow } from './follow-chain.ts'
import type { LineIndex } from './line-index.ts'
import { OpenFile } from './open-file.ts'
import { draftOf, RewrittenFile } from './rewritten-file.ts'
import { Turns } from './turns.ts'
import { type WalkedLine, walkLines } from './walk-lines.ts'

interface Options {
  readonly path: string
  readonly genesis: string
  readonly disk: Disk
  readonly mayBeCompacted?: boolean
}

interface Opened {
  readonly handle: FileHandle
  readonly release: () => Promise<void>
  readonly tip: ChainTip
  /** Offset after the last complete line. */
  readonly end: number
  readonly tornBytes: number
  readonly index: LineIndex
}

interface Waiting {
  readonly body: string
  readonly resolve: (line: ChainedLine) => void
  readonly reject: (error: DiskUnavailable) => void
}

/**
 * Group commit: what arrives while one group is being flushed forms the next. A group is closed at the end of a turn of
 * the event loop, so that what one turn brings is one write. Only where many write at once it stays open for a moment
 * (docs/decisions/0009).
 */
export class GroupCommittedFile implements ChainedFile {
  readonly path: string
  readonly tornBytes: number
  readonly #options: Options
  readonly #release: () => Promise<void>
  #open: OpenFile
  #index: LineIndex
  #last: ChainTip
  #end: number
  /** The file may hold bytes after `#end` that nobody was promised. */
  #dirty = false
  /** The file took the place of another one, and its name may not be durable yet. */
  #isNameUnsure = false
  #waiting: Waiting[] = []
  /** Records of the group before. */
  #former = 0
  #draining: Promise<void> | null = null
  #closed: Promise<void> | null = null
  /** Writing, and the moment in which a rewritten file takes this one's place. */
  readonly #turns = new Turns()
  #rewriting: Promise<void> | null = null
  /** The file that was replaced, until it is closed. */
  #leaving: Promise<void> = Promise.resolve()

  constructor(options: Options, opened: Opened) {
    this.path = options.path
    this.tornBytes = opened.tornBytes
    this.#options = options
    this.#open = new OpenFile(opened.handle)
    this.#release = opened.release
    this.#index = opened.index
    this.#last = opened.tip
    this.#end = opened.end
  }

  get last(): ChainTip {
    return this.#last
  }

  get sizeBytes(): number {
    return this.#end
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
    const options = { ...this.#options, onLine: (line: ChainedLine) => void lines.push(line) }
    let tip = this.#last
    for (const text of texts) {
      const bytes = Buffer.from(text)
      // JSON allows a newline between its tokens; here it ends a line.
      if (bytes.includes('\n') || bytes.length > MAX_LINE_BYTES)
        throw new BrokenChain(this.path, tip.n + 1, 'not one line')
      tip = follow(tip, bytes, options)
    }
    if (lines.length > 0) await this.#turns.run('', () => this.#write(lines))
    return lines
  }

  async *lines(from = 1): AsyncGenerator<ChainedLine> {
    const start = Math.max(1, from)
    for await (const { n, bytes, skip } of this.#walk(start)) {
      if (n < start) continue
      if (skip === null) yield lineOf(n, bytes)
      else yield skipLine(Math.max(skip.skipsFrom ?? start, start), skip)
    }
  }

  async rewrite(upTo: ChainTip, texts: AsyncIterable<string>): Promise<void> {
    if (this.#closed !== null) throw new DiskUnavailable(`${this.path} is closed`)
    if (this.#rewriting !== null) throw new Error('a file is rewritten once at a time')
    const running = this.#rewrite(upTo, texts)
    this.#rewriting = running.catch(() => undefined).finally(() => (this.#rewriting = null))
    try {
      await running
    } catch (error) {
      // What the lines themselves throw is their reader's.
      throw codeOf(error) === null ? error : this.#unwritable(error)
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeAll()
    return this.#closed
  }

  async #closeAll(): Promise<void> {
    await this.#draining
    await this.#rewriting
    await this.#leaving
    await this.#open.leave()
    await this.#release()
  }

  async *#walk(start: number): AsyncGenerator<WalkedLine> {
    const [place, end] = [this.#index.before(start), this.#end]
    if (place === null) return
    const { mayBeCompacted = false } = this.#options
    yield* this.#open.readBy((fd) => walkLines(fd, place, end, mayBeCompacted))
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const isFull = this.#waiting.length >= MAX_GROUP_RECORDS
      await (isFull || this.#former < CROWD_RECORDS ? endOfTurn() : gathered())
      const group = this.#waiting.splice(0, MAX_GROUP_RECORDS)
      this.#former = group.length
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
      await this.#turns.run('', () => this.#write(lines))
    } catch (error) {
      const unavailable = this.#unwritable(error)
      for (const { reject } of group) reject(unavailable)
      return
    }
    for (const [at, { resolve }] of group.entries()) resolve(lines[at] ?? { ...tip, text: '' })
  }

  async #write(lines: readonly ChainedLine[]): Promise<void> {
    const { disk } = this.#options
    const bytes = Buffer.from(`${lines.map((line) => line.text).join('\n')}\n`)
    try {
      await this.#makeNameSure()
      await this.#cutUnpromised()
      this.#dirty = true
      await disk.append(this.#open.fd, bytes, this.#end)
      this.#dirty = false
    } catch (cause) {
      await this.#cutUnpromised().catch(() => undefined)
      throw this.#unwritable(cause)
    }
    this.#accept(lines, bytes.length)
  }

  #unwritable(cause: unknown): DiskUnavailable {
    if (cause instanceof DiskUnavailable) return cause
    return new DiskUnavailable(`${this.path} cannot be written: ${codeOf(cause) ?? 'unknown'}`, { cause })
  }

  /** After a failed write the file may hold part of a group: the next line must not follow it. */
  async #cutUnpromised(): Promise<void> {
    if (!this.#dirty) return
    await this.#options.disk.truncate(this.#open.fd, this.#end)
    this.#dirty = false
  }

  /** Until its name is durable, a crash may bring the former file back: nothing that it lacks may be promised. */
  async #makeNameSure(): Promise<void> {
    if (!this.#isNameUnsure) return
    await this.#options.disk.syncFolder(dirname(this.path))
    this.#isNameUnsure = false
  }

  #accept(lines: readonly ChainedLine[], length: number): void {
    let at = this.#end
    for (const line of lines) {
      this.#index.add(line.skipsFrom ?? line.n, at)
      at += Buffer.byteLength(line.text) + 1
    }
    this.#end += length
    const { n, hash } = lines.at(-1) ?? this.#last
    this.#last = { n, hash }
  }

  async #rewrite(upTo: ChainTip, texts: AsyncIterable<string>): Promise<void> {
    const from = await this.#offsetBehind(upTo)
    const draft = await RewrittenFile.begin(this.#options)
    try {
      await draft.addLines(upTo, texts)
      const by = draft.end - from
      let at = from
      // The last of it is copied while nobody appends: let that be little.
      while (this.#end - at > LAST_BYTES) at = await draft.copy(this.#open.fd, at, this.#end)
      await this.#turns.run('', async () => {
        await draft.copy(this.#open.fd, at, this.#end)
        await draft.handle.sync()
        await this.#options.disk.rename(draftOf(this.path), this.path)
        this.#goOnWith(draft, { from, by })
      })
    } catch (error) {
      await draft.discard()
      throw error
    }
    // Where it fails, it is tried again before the next record is acknowledged.
    await this.#turns.run('', () => this.#makeNameSure()).catch(() => undefined)
  }

  /** The file under this name is another one from now on. Who still reads the former one may do so to its end. */
  #goOnWith(
    { handle, index, end }: RewrittenFile,
    tail: { readonly from: number; readonly by: number },
  ): void {
    const former = this.#open
    index.continueWith(this.#index, tail.from, tail.by)
    this.#open = new OpenFile(handle)
    this.#index = index
    this.#end = end
    // What nobody was promised was not copied.
    this.#dirty = false
    this.#isNameUnsure = true
    this.#leaving = former.leave()
  }

  async #offsetBehind(upTo: ChainTip): Promise<number> {
    for await (const { n, bytes, after } of this.#walk(upTo.n)) {
      if (n < upTo.n) continue
      if (n === upTo.n && hashOfLine(bytes.toString('latin1')) === upTo.hash) return after
      break
    }
    throw new BrokenChain(this.path, upTo.n, 'no line of the chain ends here')
  }
}

function lineOf(n: number, bytes: Buffer): ChainedLine {
  const text = bytes.toString('utf8')
  return { n, text, hash: hashOfLine(text) }
}

/** Of an error of the operating system. */
const codeOf = (cause: unknown): string | null =>
  cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null

const MAX_GROUP_RECORDS = 512
/** A group of so many says that more will come at once. */
const CROWD_RECORDS = 8
const GATHERED_MS = 2
const gathered = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, GATHERED_MS))
const MAX_BODY_CHARS = Math.floor(MAX_LINE_BYTES / 3) - 100
const LAST_BYTES = 256 * 1024
