import { setImmediate as endOfTurn } from 'node:timers/promises'
import { type ChainedLine, type ChainTip, skipLine } from '../chain-link.ts'
import { type Journal, type JournalEntry, readJournalLine } from '../journal.ts'
import { isOfJournal } from '../projector.ts'
import { type Compaction, HeadDigest } from './compactions.ts'
import type { BeginKeeping, Keeping } from './keeping.ts'

/** What a compaction would leave out. */
export interface Weighed {
  /** The last record that may be left out; `null`: none may. */
  readonly lastDead: ChainTip | null
  /** Of all records that were looked at, as they stand in the file. */
  readonly bytes: number
  readonly deadBytes: number
}

type Source = Pick<Journal, 'lines'>
type IsGivenUp = () => boolean

/** Whoever asked for it does not want it any more. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp'
}

/** What is left of the records here is not what their compaction says. */
export class OtherHead extends Error {
  override readonly name = 'OtherHead'
}

/** Looks at every record up to `seen`, and leaves others their turn. @throws GivenUp */
export async function weigh(
  journal: Source,
  { seen, keeping, isGivenUp }: { seen: number; keeping: Keeping; isGivenUp: IsGivenUp },
): Promise<Weighed> {
  await noteAll(journal, seen, keeping, isGivenUp)
  let [lastDead, bytes, deadBytes]: [ChainTip | null, number, number] = [null, 0, 0]
  for await (const line of leisurely(journal, seen, isGivenUp)) {
    bytes += line.text.length
    if (isKept(line, keeping)) continue
    lastDead = { n: line.n, hash: line.hash }
    // A skip that is there already stays one.
    if (line.skipsFrom === undefined) deadBytes += line.text.length
  }
  return { lastDead, bytes, deadBytes }
}

/** The lines of the journal's compacted head, each run of records that are left out as one skip. */
export async function* headLines(
  journal: Source,
  { upTo, keeping, isGivenUp }: { upTo: number; keeping: Keeping; isGivenUp: IsGivenUp },
): AsyncGenerator<string> {
  let dead: ChainedLine[] = []
  for await (const line of leisurely(journal, upTo, isGivenUp)) {
    if (!isKept(line, keeping)) {
      // Of a run its first and its last are enough.
      dead = [dead[0] ?? line, line]
      continue
    }
    yield* skipOver(dead)
    dead = []
    yield line.text
  }
  yield* skipOver(dead)
}

function skipOver(dead: readonly ChainedLine[]): readonly string[] {
  const [first, last] = [dead[0], dead.at(-1)]
  if (first === undefined || last === undefined) return []
  return [skipLine(first.skipsFrom ?? first.n, { n: last.n, hash: last.hash }).text]
}

export async function digestOf(lines: AsyncIterable<string>): Promise<string> {
  const digest = new HeadDigest()
  for await (const text of lines) digest.add(text)
  return digest.soFar()
}

/**
 * The head that a compaction describes.
 *
 * @throws OtherHead at its end when it is not what the compaction says was left; GivenUp
 */
export async function* describedHead(
  journal: Source,
  { upTo, seen, atMs, digest }: Compaction,
  { keeping: begin, isGivenUp }: { keeping: BeginKeeping; isGivenUp: IsGivenUp },
): AsyncGenerator<string> {
  const keeping = begin(atMs)
  await noteAll(journal, seen, keeping, isGivenUp)
  const found = new HeadDigest()
  for await (const text of headLines(journal, { upTo, keeping, isGivenUp })) {
    found.add(text)
    yield text
  }
  if (found.soFar() !== digest) throw new OtherHead()
}

async function noteAll(journal: Source, seen: number, keeping: Keeping, isGivenUp: IsGivenUp): Promise<void> {
  for await (const line of leisurely(journal, seen, isGivenUp)) {
    if (line.skipsFrom !== undefined) continue
    const entry = entryOf(line)
    if (!isOfJournal(entry)) keeping.note(entry)
  }
}

/** What belongs to the journal itself is said again by the next compaction. */
function isKept(line: ChainedLine, keeping: Keeping): boolean {
  if (line.skipsFrom !== undefined) return false
  const entry = entryOf(line)
  return !isOfJournal(entry) && keeping.keeps(entry)
}

function entryOf(line: ChainedLine): JournalEntry {
  const entry = readJournalLine(line)
  if (entry === null) throw new Error('a journal that was open holds a line that is no record')
  return entry
}

/** The lines up to a record, a few at each turn of the event loop. */
async function* leisurely(journal: Source, upTo: number, isGivenUp: IsGivenUp): AsyncGenerator<ChainedLine> {
  let count = 0
  for await (const line of journal.lines()) {
    if (line.n > upTo) return
    yield line
    count += 1
    if (count % LINES_A_TURN !== 0) continue
    await endOfTurn()
    if (isGivenUp()) throw new GivenUp()
  }
}

const LINES_A_TURN = 32
