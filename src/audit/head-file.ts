import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Disk } from '../kernel/disk.ts'
import { isMissing } from '../kernel/missing-file.ts'
import { replaceFile } from '../kernel/replace-file.ts'

/** The newest signed head of a log lies beside it, so that a cut tail shows without the other service's copy. */
export const headFilePath = (folder: string, instance: string): string => join(folder, `${instance}.head`)

/** The head's text, or `null` when there is no file. */
export async function readHeadFile(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Replaces the file as a whole, on the device. */
export const writeHeadFile = (path: string, head: string, disk?: Disk): Promise<void> =>
  replaceFile(path, `${head}\n`, disk)
