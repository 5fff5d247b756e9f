import { type Disk, systemDisk } from '../../../src/kernel/disk.ts'

export interface FaultyDisk extends Disk {
  /** From now on writes fail with this error code, after writing part of what was asked; `null` ends it. */
  failWith(code: string | null, partBytes?: number): void
  /** From now on truncation fails too. */
  failTruncate(isFailing: boolean): void
  /** From now on names cannot be changed, or not be made durable. */
  failNames(how: 'rename' | 'sync' | null): void
  /** Groups written and flushed so far. */
  groups(): number
}

/** The real file system, until it is told to fail. */
export function faultyDisk(): FaultyDisk {
  let code: string | null = null
  let part = 0
  let isTruncateFailing = false
  let names: 'rename' | 'sync' | null = null
  const failure = (why: string): Promise<never> =>
    Promise.reject(Object.assign(new Error('the test disk fails'), { code: why }))
  let groups = 0
  return {
    failWith: (newCode, partBytes = 0) => {
      code = newCode
      part = partBytes
    },
    failTruncate: (isFailing) => {
      isTruncateFailing = isFailing
    },
    failNames: (how) => {
      names = how
    },
    groups: () => groups,
    append: async (fd, bytes, position) => {
      if (code !== null) {
        await systemDisk.append(fd, bytes.subarray(0, part), position)
        return failure(code)
      }
      await systemDisk.append(fd, bytes, position)
      groups += 1
    },
    truncate: (fd, length) => (isTruncateFailing ? failure('EIO') : systemDisk.truncate(fd, length)),
    rename: (from, to) => (names === 'rename' ? failure('EIO') : systemDisk.rename(from, to)),
    syncFolder: (folder) => (names === 'sync' ? failure('EIO') : systemDisk.syncFolder(folder)),
  }
}
