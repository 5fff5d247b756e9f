import { constants } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { bodyOf, type ChainedLine, nextLine } from '../kernel/chain-link.ts'
import { syncFolder } from '../kernel/disk.ts'
import { scanJournal } from '../kernel/journal-scan.ts'
import { err, ok, type Result } from '../kernel/result.ts'

export interface Merged {
  readonly writer: string
  /** The file whose records all stand at their place. */
  readonly longest: string
  readonly records: number
  /** Records of other histories that were put behind it. */
  readonly added: number
}

interface Copy {
  readonly file: string
  readonly writer: string
  readonly lines: readonly ChainedLine[]
}

/**
 * Makes one journal of several copies of it: the longest, where all others are a part of it. Where they are not, somebody
 * went on after a loss; with `union` what the longest lacks is put behind it, which loses nothing that was ended.
 *
 * @returns why not, in words for the operator
 */
export async function mergeJournals(
  files: readonly string[],
  out: string,
  { union }: { readonly union: boolean },
): Promise<Result<Merged, string>> {
  const copies: Copy[] = []
  for (const file of files) {
    const copy = await readCopy(file)
    if (!copy.ok) return copy
    copies.push(copy.value)
  }
  // Of two that go as far, the one that holds more.
  const [longest, ...others] = copies.sort((left, right) => {
    const further = lengthOf(right) - lengthOf(left)
    return further === 0 ? right.lines.length - left.lines.length : further
  })
  if (longest === undefined) return err('There is nothing to merge.')
  const stranger = others.find(({ writer }) => writer !== longest.writer)
  if (stranger !== undefined)
    return err(`${stranger.file} is the journal of ${stranger.writer}, not of ${longest.writer}.`)
  const lacking = findLacking(longest, others)
  if (lacking.fork !== null && !union) return err(`${lacking.fork} --union puts what it lacks behind it.`)
  const lines = [...longest.lines, ...rechained(longest, lacking.lines)]
  await writeOnce(out, lines)
  const { writer, file } = longest
  return ok({ writer, longest: file, records: lines.at(-1)?.n ?? 0, added: lacking.lines.length })
}

const lengthOf = ({ lines }: Copy): number => lines.at(-1)?.n ?? 0

async function readCopy(file: string): Promise<Result<Copy, string>> {
  const lines: ChainedLine[] = []
  const scanned = await scanJournal(file, (line) => {
    lines.push(line)
    return null
  })
  if (scanned.bad !== null) return err(`${file}:${scanned.bad.line}: ${scanned.bad.what}`)
  return ok({ file, writer: scanned.writer, lines })
}

/** Each once, in the order of writing, although several copies may hold them. */
function findLacking(
  longest: Copy,
  others: readonly Copy[],
): { readonly fork: string | null; readonly lines: readonly ChainedLine[] } {
  const known = new Map(longest.lines.map(({ n, hash }) => [n, hash]))
  const lacking = new Map<string, ChainedLine>()
  let fork: string | null = null
  for (const { file, lines } of others) {
    // Records that the longest left out are not lacking: it says so at the next one that both have.
    const at = lines.findIndex(({ n, hash }) => (known.get(n) ?? hash) !== hash)
    if (at < 0) continue
    const common = lines.slice(0, at).findLastIndex(({ n, hash }) => known.get(n) === hash)
    const own = lines.slice(common + 1).filter(({ skipsFrom }) => skipsFrom === undefined)
    fork ??= `${file} has another history than ${longest.file} from record ${own[0]?.n ?? 0} on.`
    for (const line of own) lacking.set(line.hash, line)
  }
  return { fork, lines: [...lacking.values()] }
}

function rechained(longest: Copy, lacking: readonly ChainedLine[]): readonly ChainedLine[] {
  const added: ChainedLine[] = []
  let tip = longest.lines.at(-1) ?? { n: 0, hash: longest.writer }
  for (const line of lacking) added.push((tip = nextLine(tip, bodyOf(line))))
  return added
}

/** Whole or not at all, and never over a file that is there. @throws EEXIST */
async function writeOnce(out: string, lines: readonly ChainedLine[]): Promise<void> {
  const draft = `${out}.draft`
  await rm(draft, { force: true })
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  try {
    for (const { text } of lines) await handle.write(`${text}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(draft, out)
  } finally {
    await rm(draft)
  }
  await syncFolder(dirname(out))
}
