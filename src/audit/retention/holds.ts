import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readIsoTime } from '../../kernel/clock.ts'
import { replaceFile } from '../../kernel/replace-file.ts'
import { isMissing } from '../../kernel/missing-file.ts'

const time = z.string().refine((text) => readIsoTime(text) !== null)

/** A legal hold: what it names is not removed, however old. */
export const hold = z
  .strictObject({
    id: z.string().regex(/^[\w-]{1,40}$/),
    /** Everything about this principal … */
    subject: z.string().min(1).max(200).optional(),
    /** … or everything of this time; from is included, to is not. RFC 3339. */
    from: time.optional(),
    to: time.optional(),
    why: z.string().min(1).max(500),
    /** Since when it holds nothing any more. */
    released: time.optional(),
  })
  .refine(({ subject, from, to }) => subject !== undefined || from !== undefined || to !== undefined)
export type Hold = z.infer<typeof hold>

const holdsFile = z.strictObject({ holds: z.array(hold).max(1_000) })

const HOLDS_FILE = 'holds.json'

export class UnreadableHolds extends Error {
  override readonly name = 'UnreadableHolds'
}

/**
 * The holds on the logs of a folder.
 *
 * @throws when the file is there and cannot be read: then nothing may be removed
 */
export async function readHolds(folder: string): Promise<readonly Hold[]> {
  let text: string
  try {
    text = await readFile(join(folder, HOLDS_FILE), 'utf8')
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
  try {
    return holdsFile.parse(JSON.parse(text)).holds
  } catch (cause) {
    throw new UnreadableHolds(`${join(folder, HOLDS_FILE)} cannot be read as legal holds`, { cause })
  }
}

/** Replaces the holds as a whole, on the device. */
export async function writeHolds(folder: string, holds: readonly Hold[]): Promise<void> {
  await replaceFile(join(folder, HOLDS_FILE), `${JSON.stringify(holdsFile.parse({ holds }), null, 2)}\n`)
}

/** Whether a hold is in force that names this person or everybody of a time. */
export const isHeld = (holds: readonly Hold[], subject: string): boolean =>
  holds.some((one) => one.released === undefined && (one.subject === undefined || one.subject === subject))
