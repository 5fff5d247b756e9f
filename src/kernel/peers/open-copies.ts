import { readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { isIncomplete } from '../compaction/compactor.ts'
import { openJournal, type Journal } from '../journal.ts'

export interface CopiesOptions {
  readonly folder: string
  /** Our own instance id, which keeps the original. */
  readonly own: string
  /** The other servers, as the operator lists them. */
  readonly servers: readonly { readonly id: string }[]
  readonly clock: Clock
}

/**
 * Opens our copies of the journals of others: of the listed servers, and of any other that lies in our folder. A server that
 * was taken off the list, or had another name, ended things too, and what it ended stays ended. A copy that was not made to
 * its end is put aside where its writer will send it again.
 *
 * @throws BrokenChain naming file and line; FileInUse when another server works in the same folder
 */
export async function openCopies({ folder, own, servers, clock }: CopiesOptions): Promise<Journal[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(ENDING))
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size))
  const found = files.filter((_, at) => sizes[at] !== 0).map((name) => name.slice(0, -ENDING.length))
  const writers = new Set([...servers.map(({ id }) => id), ...found])
  writers.delete(own)
  const copies: Journal[] = []
  try {
    for (const writer of writers) {
      const copy = await openJournal({ folder, writer, clock })
      copies.push(copy)
      if (!isIncomplete(copy) || !servers.some(({ id }) => id === writer)) continue
      await copy.close()
      await rename(join(folder, `${writer}${ENDING}`), join(folder, `${writer}${ENDING}.incomplete`))
      copies.splice(-1, 1, await openJournal({ folder, writer, clock }))
    }
    return copies
  } catch (error) {
    await Promise.all(copies.map((copy) => copy.close()))
    throw error
  }
}

const ENDING = '.jsonl'
