import { constants, read } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { BrokenChain } from './broken-chain.ts'
import type { ChainTip } from './chain-link.ts'
import { type Disk, SYNCED_WRITES } from './disk.ts'
import { follow } from './follow-chain.ts'
import { LineIndex } from './line-index.ts'

/** What is written beside a file before it takes its place. A dead process may leave one: it means nothing. */
export const draftOf = (path: string): string => `${path}.draft`

interface Rewriting {
  readonly path: string
  readonly genesis: string
  readonly disk: Disk
}

/** A chained file that is being written anew, beside the one whose place it takes. */
export class RewrittenFile {
  readonly handle: FileHandle
  readonly index = new LineIndex()
  /** Bytes so far. */
  end = 0
  readonly #options: Rewriting

  private constructor(handle: FileHandle, options: Rewriting) {
    this.handle = handle
    this.#options = options
  }

  static async begin(options: Rewriting): Promise<RewrittenFile> {
    const draft = draftOf(options.path)
    await rm(draft, { force: true })
    return new RewrittenFile(await open(draft, FLAGS, 0o600), options)
  }

  /** @throws BrokenChain when the lines do not end at `upTo` */
  async addLines(upTo: ChainTip, texts: AsyncIterable<string>): Promise<void> {
    const { path, genesis } = this.#options
    let tip: ChainTip = { n: 0, hash: genesis }
    let group: Buffer[] = []
    let bytes = 0
    for await (const text of texts) {
      const line = Buffer.from(`${text}\n`)
      const first = tip.n + 1
      tip = follow(tip, line.subarray(0, -1), { path, mayBeCompacted: true })
      this.index.add(first, this.end + bytes)
      group.push(line)
      bytes += line.length
      if (bytes < GROUP_BYTES) continue
      await this.#write(Buffer.concat(group))
      ;[group, bytes] = [[], 0]
    }
    await this.#write(Buffer.concat(group))
    if (tip.n !== upTo.n || tip.hash !== upTo.hash)
      throw new BrokenChain(path, tip.n, 'not the lines that were to be replaced')
  }

  /** Copies bytes of another file behind what is here, as far as `limit`. @returns the offset behind them */
  async copy(fd: number, from: number, limit: number): Promise<number> {
    let at = from
    while (at < limit) {
      const bytes = await readAt(fd, at, Math.min(GROUP_BYTES, limit - at))
      if (bytes.length === 0) throw new Error('a journal is shorter than it was')
      await this.#write(bytes)
      at += bytes.length
    }
    return at
  }

  async discard(): Promise<void> {
    await this.handle.close()
    await rm(draftOf(this.#options.path), { force: true })
  }

  async #write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return
    await this.#options.disk.append(this.handle.fd, bytes, this.end)
    this.end += bytes.length
  }
}

const readAt = (fd: number, position: number, length: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    read(fd, Buffer.allocUnsafe(length), 0, length, position, (error, count, bytes) => {
      if (error === null) resolve(bytes.subarray(0, count))
      else reject(error)
    })
  })

/** Written by nobody else, and synced like the file that it becomes. */
const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | SYNCED_WRITES
const GROUP_BYTES = 256 * 1024
