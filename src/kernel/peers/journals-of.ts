import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Whose journals count besides our own: those of the listed servers, and any other that lies in our folder. A server that
 * was taken off the list, or had another name, ended things too, and what it ended stays ended.
 */
export async function journalsOf(
  folder: string,
  { own, listed }: { readonly own: string; readonly listed: readonly string[] },
): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(ENDING))
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size))
  const found = files.filter((_, at) => sizes[at] !== 0).map((name) => name.slice(0, -ENDING.length))
  return [...new Set([...listed, ...found])].filter((writer) => writer !== own)
}

const ENDING = '.jsonl'
