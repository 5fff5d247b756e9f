import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { type Disk, systemDisk } from '../../kernel/disk.ts'
import { fileLines } from '../../kernel/file-lines.ts'
import { readLine, type TraceLine, writeLine } from './trace-lines.ts'
import type { TraceStep } from './trace-step.ts'

export interface TraceFileOptions {
  readonly path: string
  /** Called for every step that the file holds, in order, while it is opened. */
  readonly onLine: (line: TraceLine) => void
  /** Steps were not written, or could not be read: they are lost. */
  readonly onLoss: (error: unknown) => void
  readonly disk?: Disk
}

/** Where a line stands, its newline included. */
interface Place {
  at: number
  readonly length: number
}

/** What is to be done with a trace: a step added to it, or all of it forgotten. */
interface Change {
  readonly id: string
  readonly step: TraceStep | null
}

/**
 * The steps of all traces of one portal, in one file that stays open: the steps of a login are minutes apart, and a file
 * for each would be opened again for every one. What comes within a moment is one write. Nothing is flushed, because a
 * trace is a diagnosis and no record. Lines of forgotten traces go when they make up half of the file.
 */
export class TraceFile {
  readonly #options: TraceFileOptions
  readonly #disk: Disk
  readonly #places = new Map<string, Place[]>()
  #handle: FileHandle
  #end = 0
  /** Bytes that belong to no trace. */
  #deadBytes = 0
  #waiting: Change[] = []
  #timer: NodeJS.Timeout | undefined
  #working: Promise<unknown> = Promise.resolve()

  private constructor(options: TraceFileOptions, handle: FileHandle) {
    this.#options = options
    this.#disk = options.disk ?? systemDisk
    this.#handle = handle
  }

  /** @throws Error of `node:fs` when the file can neither be opened nor made */
  static async open(options: TraceFileOptions): Promise<TraceFile> {
    const file = new TraceFile(options, await open(options.path, FLAGS, 0o600))
    await file.#readAll()
    return file
  }

  /** How many changes are not written yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  append(id: string, step: TraceStep): void {
    this.#add({ id, step })
  }

  forget(id: string): void {
    this.#add({ id, step: null })
  }

  /** The steps of a trace, with what was appended until now. */
  async read(id: string): Promise<readonly TraceStep[]> {
    let steps: readonly TraceStep[] = []
    void this.#flush()
    await this.#afterwards(async () => {
      const lines = await Promise.all((this.#places.get(id) ?? []).map(async (place) => this.#readAt(place)))
      steps = lines.flatMap((bytes) => readLine(bytes)?.step ?? [])
    })
    return steps
  }

  /** Leaves nothing of what is forgotten on the disk. */
  async compact(): Promise<void> {
    void this.#flush()
    return this.#afterwards(async () => this.#rewriteAbove(0))
  }

  /** Writes what is waiting, then closes. */
  async close(): Promise<void> {
    void this.#flush()
    return this.#afterwards(async () => this.#handle.close())
  }

  #add(change: Change): void {
    this.#waiting.push(change)
    this.#timer ??= setTimeout(() => void this.#flush(), GATHERED_MS)
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    return this.#afterwards(async () => {
      await this.#write(this.#waiting.splice(0))
      await this.#rewriteAbove(Math.max(WORTH_BYTES, this.#end / 2))
    })
  }

  /** One work after the other. Never rejects. */
  async #afterwards(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work).catch((error: unknown) => this.#options.onLoss(error))
    this.#working = done
    return done
  }

  async #readAll(): Promise<void> {
    const { size } = await this.#handle.stat()
    await this.#afterwards(async () => {
      for await (const line of fileLines(this.#handle.fd, 0, size)) {
        const read = line.complete ? readLine(line.bytes) : null
        if (read === null) continue
        this.#keep(read.id, { at: line.at, length: line.bytes.length + 1 })
        this.#options.onLine(read)
      }
    })
    // What was cut by a crash, or is no step, is written over by no other.
    this.#end = size
    this.#deadBytes = size - [...this.#places.values()].flat().reduce((sum, { length }) => sum + length, 0)
    await this.compact()
  }

  async #write(changes: readonly Change[]): Promise<void> {
    const lines = changes.map(({ id, step }) => (step === null ? null : writeLine({ id, step })))
    const isWritten = await this.#append(Buffer.concat(lines.flatMap((line) => line ?? [])))
    for (const [index, { id, step }] of changes.entries()) {
      const length = lines[index]?.length ?? 0
      if (step === null) this.#drop(id)
      else if (isWritten) this.#keep(id, { at: this.#end, length })
      if (isWritten) this.#end += length
    }
  }

  async #append(bytes: Buffer): Promise<boolean> {
    try {
      if (bytes.length > 0) await this.#disk.append(this.#handle.fd, bytes, this.#end)
      return true
    } catch (error) {
      this.#options.onLoss(error)
      return false
    }
  }

  #keep(id: string, place: Place): void {
    const known = this.#places.get(id)
    if (known === undefined) this.#places.set(id, [place])
    else known.push(place)
  }

  #drop(id: string): void {
    for (const { length } of this.#places.get(id) ?? []) this.#deadBytes += length
    this.#places.delete(id)
  }

  /** Puts a file of the live lines in the place of the file, if more than so many bytes are dead. */
  async #rewriteAbove(deadBytes: number): Promise<void> {
    if (this.#deadBytes <= deadBytes) return
    const places = [...this.#places.values()].flat().sort((one, other) => one.at - other.at)
    const draft = `${this.#options.path}.draft`
    const handle = await open(draft, FLAGS | constants.O_TRUNC, 0o600)
    try {
      let end = 0
      for (const run of runsOf(places)) {
        await this.#disk.append(handle.fd, await this.#readAt(run), end)
        end += run.length
      }
      await rename(draft, this.#options.path)
    } catch (error) {
      await handle.close()
      throw error
    }
    await this.#handle.close()
    this.#handle = handle
    this.#deadBytes = 0
    this.#end = 0
    for (const place of places) {
      place.at = this.#end
      this.#end += place.length
    }
  }

  async #readAt({ at, length }: Place): Promise<Buffer> {
    const { bytesRead, buffer } = await this.#handle.read(Buffer.alloc(length), 0, length, at)
    if (bytesRead !== length) throw new Error(`${this.#options.path} is shorter than it was`)
    return buffer
  }
}

/** Neighbours as one, up to a size that is read at once. */
function runsOf(places: readonly Place[]): Place[] {
  const runs: Place[] = []
  for (const { at, length } of places) {
    const last = runs.at(-1)
    if (last !== undefined && last.at + last.length === at && last.length < RUN_BYTES)
      runs[runs.length - 1] = { at: last.at, length: last.length + length }
    else runs.push({ at, length })
  }
  return runs
}

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
/** Between two writes. */
const GATHERED_MS = 50
const RUN_BYTES = 64 * 1024
/** So little is not worth the writing. */
const WORTH_BYTES = 1024 * 1024
