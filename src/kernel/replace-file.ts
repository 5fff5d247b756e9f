import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Disk, SYNCED_WRITES, systemDisk } from './disk.ts'

/**
 * Puts a text into the place of a file, for its owner alone (0600). Whenever the process dies, or the disk is full, the file
 * is as it was or as it is to be; when it resolves, it is so on the device. One writer at a time.
 */
export async function replaceFile(path: string, text: string, disk: Disk = systemDisk): Promise<void> {
  const draft = `${path}.new`
  const handle = await open(draft, FLAGS, 0o600)
  try {
    await disk.append(handle.fd, Buffer.from(text), 0)
  } finally {
    await handle.close()
  }
  await disk.rename(draft, path)
  await disk.syncFolder(dirname(path))
}

const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | SYNCED_WRITES
