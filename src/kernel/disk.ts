import { constants, fdatasync, ftruncate, write } from 'node:fs'
import { chmod, mkdir, open, rename } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** The file system refused or failed a write: disk full, read-only, I/O error. */
export class DiskUnavailable extends Error {
  override readonly name = 'DiskUnavailable'
}

/**
 * Flag of `open` for files that are appended to: a write returns when its data is on the device (open(2)), which saves
 * a second turn in the thread pool. 0 where the system has no such flag (Windows).
 */
export const SYNCED_WRITES = (constants as { readonly O_DSYNC?: number }).O_DSYNC ?? 0

/** What a chained file asks of the operating system; a test stands in for a full or failing disk here. */
export interface Disk {
  /** Writes all bytes at the position; resolves when the data is on the device. `fd` is open with {@link SYNCED_WRITES}. */
  append(fd: number, bytes: Buffer, position: number): Promise<void>
  truncate(fd: number, length: number): Promise<void>
  /** Puts a file in the place of another one. */
  rename(from: string, to: string): Promise<void>
  /** Makes the names in a folder durable. */
  syncFolder(folder: string): Promise<void>
}

/** Callbacks, not `fs.promises`: one promise per group instead of one per system call. */
export const systemDisk: Disk = {
  append: (fd, bytes, position) =>
    new Promise((resolved, reject) => {
      const flush = (): void => {
        if (SYNCED_WRITES === 0) fdatasync(fd, (error) => (error === null ? resolved() : reject(error)))
        else resolved()
      }
      const writeRest = (from: number): void =>
        write(fd, bytes, from, bytes.length - from, position + from, (error, written) => {
          if (error !== null) reject(error)
          else if (from + written < bytes.length) writeRest(from + written)
          else flush()
        })
      writeRest(0)
    }),
  truncate: (fd, length) =>
    new Promise((resolved, reject) => {
      ftruncate(fd, length, (error) => (error === null ? resolved() : reject(error)))
    }),
  rename,
  syncFolder,
}

/** Makes a folder that only its owner may enter, with its parents, and makes its name durable. */
export async function makePrivateFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
  if (first === undefined) return
  const top = dirname(resolve(first))
  for (let at = resolve(folder); at !== top; at = dirname(at)) await syncFolder(dirname(at))
}

/** A new file's name is durable only when its folder is flushed. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
