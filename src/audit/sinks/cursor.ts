import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { makePrivateFolder } from '../../kernel/disk.ts'
import type { Log } from '../../kernel/log.ts'
import { replaceFile } from '../../kernel/replace-file.ts'
import { isMissing } from '../../kernel/missing-file.ts'
import { readJson } from './read-json.ts'

/** Where a sink stands in the log of its service. */
export interface Cursor {
  /** Number and hash of the last record that the receiver took; 0 and '' before the first. */
  readonly n: number
  readonly hash: string
  /** Where that record ends: a file of the log, and a byte in it. A hint: it is believed only when the hash stands there. */
  readonly file: string
  readonly at: number
  /** Last record of the batch that is out: after a crash exactly this batch is sent again. */
  readonly sendingTo: number | null
}

/** @param folder of the audit log */
export const cursorPath = (folder: string, instance: string, sink: string): string =>
  join(folder, 'sinks', `${instance}.${sink}.json`)

const cursorFile = z.strictObject({
  v: z.literal(1),
  n: z.int().nonnegative(),
  hash: z.string().max(64),
  file: z.string().max(255),
  at: z.int().nonnegative(),
  sendingTo: z.int().positive().nullable(),
})

/**
 * What was saved; `null` when nothing was, or nothing that can be read: the whole log is sent again then, and receivers
 * tell by id what they have.
 */
export async function readCursor(path: string, log: Log): Promise<Cursor | null> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  const cursor = readJson(content, cursorFile)
  if (cursor !== null) return cursor
  log.warn({ event: 'audit.sink_cursor_unreadable', path })
  return null
}

/** Replaces the file as a whole; resolves when it is on the device. */
export async function saveCursor(path: string, { n, hash, file, at, sendingTo }: Cursor): Promise<void> {
  await makePrivateFolder(dirname(path))
  await replaceFile(path, `${JSON.stringify({ v: 1, n, hash, file, at, sendingTo })}\n`)
}
