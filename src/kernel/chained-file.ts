import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BrokenChain } from './broken-chain.ts'
import type { ChainedLine, ChainTip } from './chain-link.ts'
import { type Disk, makePrivateFolder, SYNCED_WRITES, systemDisk } from './disk.ts'
import { fileLines } from './file-lines.ts'
import { lockFile } from './file-lock.ts'
import { follow } from './follow-chain.ts'
import { GroupCommittedFile } from './group-committed-file.ts'
import { LineIndex } from './line-index.ts'
import { draftOf } from './rewritten-file.ts'

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
  /** Whether records may have been left out ({@link ChainedFile.rewrite}). */
  readonly mayBeCompacted?: boolean
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
  /** The durable lines from `n` on, in order, up to the last one at the time of the call. A rewriting does not disturb it. */
  lines(from?: number): AsyncIterable<ChainedLine>
  /** Bytes of all durable lines. */
  readonly sizeBytes: number
  /**
   * Puts other lines in the place of those up to record `upTo.n`: fewer, with skips for what is left out. The file is
   * replaced whole or not at all, whenever the process dies; records are appended and read meanwhile.
   *
   * @throws BrokenChain when they are not lines of this chain that end at `upTo`; DiskUnavailable. All is as before then
   */
  rewrite(upTo: ChainTip, texts: AsyncIterable<string>): Promise<void>
  /** Writes what is pending, then releases the file. Appends after it reject. */
  close(): Promise<void>
}

/**
 * Opens or makes a chained file for this process alone. A half-written last line is cut: it was never acknowledged.
 *
 * @throws BrokenChain when any line does not follow its predecessor
 * @throws FileInUse when another live process has it open
 */
export async function openChainedFile(options: ChainedFileOptions): Promise<ChainedFile> {
  const { path, disk = systemDisk } = options
  const folder = dirname(path)
  await makePrivateFolder(folder)
  const release = await lockFile(path)
  let handle: FileHandle | undefined
  try {
    await rm(draftOf(path), { force: true })
    handle = await open(path, FLAGS, 0o600)
    await handle.chmod(0o600)
    await disk.syncFolder(folder)
    const verified = await verifyFromStart(handle, options)
    if (verified.tornBytes > 0) {
      await handle.truncate(verified.end)
      await handle.sync()
    }
    return new GroupCommittedFile({ ...options, path, disk }, { handle, release, ...verified })
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
  readonly index: LineIndex
}

async function verifyFromStart(handle: FileHandle, options: ChainedFileOptions): Promise<Verified> {
  const { size } = await handle.stat()
  const index = new LineIndex()
  const { start = { n: 0, hash: options.genesis } } = options
  let tip = start
  let end = 0
  try {
    for await (const line of fileLines(handle.fd, 0, size)) {
      if (!line.complete) break
      const first = tip.n + 1
      tip = follow(tip, line.bytes, options)
      index.add(first, line.at)
      end = line.at + line.bytes.length + 1
    }
  } catch (error) {
    throw error instanceof RangeError ? new BrokenChain(options.path, tip.n + 1, error.message) : error
  }
  return { tip, end, tornBytes: size - end, index }
}
