import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isoTime } from '../kernel/clock.ts'
import type { JournalEntry } from '../kernel/journal.ts'
import { scanJournal, type ScannedJournal } from '../kernel/journal-scan.ts'
import { isOfJournal } from '../kernel/projector.ts'
import { readRecord } from '../mcp/records/entries.ts'
import { readPortalEntry } from '../portal/records/entries.ts'
import { compactJournals } from './journal-compact.ts'
import { mergeJournals } from './journal-merge.ts'
import type { Out } from './keys.ts'
import { readOptions } from './read-options.ts'

const USAGE = `maximo-mcp journal inspect [<file> …]             what each journal holds, by type
maximo-mcp journal verify  [<file> …]             whether each holds, and whether copies of one agree
maximo-mcp journal merge <file> … --out <file> [--union]
maximo-mcp journal compact                        leaves out what is of no consequence any more

Without files: every journal under DATA_DIR (or --data <folder>). A server may be running, but for merge and compact. Which
journal is a server's own, and which a copy of another one's, compact knows by INSTANCE_ID.`

interface Asked {
  readonly command: 'inspect' | 'verify' | 'merge' | 'compact'
  readonly files: readonly string[]
  readonly data: string | undefined
  readonly out: string | undefined
  readonly union: boolean
  readonly instance: string | undefined
}

/**
 * `maximo-mcp journal …`: the journals of both services, offline.
 *
 * @returns 0; 1 when one does not hold, or cannot be merged; 64 for wrong usage, 66 when there is none or it cannot be read
 */
export async function runJournal(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  out: Out,
): Promise<number> {
  const asked = readArguments(args)
  if (asked === null) {
    out.problem(USAGE)
    return 64
  }
  const { files: named, data = env['DATA_DIR'] ?? './data' } = asked
  const files = named.length > 0 ? named : journalsUnder(data)
  if (files.length > 0) return act({ ...asked, files, instance: env['INSTANCE_ID'] }, out)
  out.problem('There is no journal.')
  return 66
}

async function act(asked: Asked, out: Out): Promise<number> {
  try {
    return await COMMANDS[asked.command](asked, out)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    // Of the file system: it names the file.
    out.problem(error.message)
    return 66
  }
}

const COMMANDS: Readonly<Record<Asked['command'], (asked: Asked, out: Out) => Promise<number>>> = {
  inspect: ({ files }, out) => inspect(files, out),
  verify: ({ files }, out) => verify(files, out),
  merge,
  compact: ({ files, instance }, out) => compactJournals(files, instance, out),
}
const isCommand = (name: string): name is Asked['command'] => Object.hasOwn(COMMANDS, name)

async function inspect(files: readonly string[], out: Out): Promise<number> {
  let isWhole = true
  for (const file of files) {
    const scanned = await scanJournal(file)
    isWhole = tellState(scanned, out) && isWhole
    const { firstMs, lastMs, records } = scanned
    if (firstMs !== null && lastMs !== null) out.line(`    from ${isoTime(firstMs)} to ${isoTime(lastMs)}`)
    for (const [type, count] of [...records].sort(([left], [right]) => (left < right ? -1 : 1)))
      out.line(`    ${String(count).padStart(8)}  ${type}`)
  }
  return isWhole ? 0 : 1
}

type Hashes = ReadonlyMap<number, string>

async function verify(files: readonly string[], out: Out): Promise<number> {
  const hashes = new Map<string, readonly (readonly [file: string, hashes: Hashes])[]>()
  let isWhole = true
  for (const file of files) {
    const own = new Map<number, string>()
    const scanned = await scanJournal(file, (line, entry) => {
      own.set(line.n, line.hash)
      return entry === null ? null : unreadable(entry)
    })
    isWhole = tellState(scanned, out) && tellShape(scanned, out) && isWhole
    hashes.set(scanned.writer, [...(hashes.get(scanned.writer) ?? []), [file, own]])
  }
  for (const copies of hashes.values()) isWhole = tellForks(copies, out) && isWhole
  return isWhole ? 0 : 1
}

/** `OK` or `BAD`, with the first record that does not hold. */
function tellState({ file, writer, tip, leftOut, tornBytes, bad }: ScannedJournal, out: Out): boolean {
  if (bad !== null) {
    out.problem(`BAD ${file} line ${bad.line}: ${bad.what}`)
    return false
  }
  const without = leftOut === 0 ? '' : `, of which ${leftOut} were left out`
  const torn = tornBytes === 0 ? '' : `, and ${tornBytes} bytes of one that was never acknowledged`
  out.line(`OK  ${file}: ${tip.n} records of ${writer} up to ${tip.hash}${without}${torn}`)
  return true
}

/** What was left out has to be what a compaction left out, which is a record of the chain. */
function tellShape({ file, shape }: ScannedJournal, out: Out): boolean {
  if (shape !== 'loose') return true
  const isCopied = 'Of a copy that is just being made, a server that runs sees to it within seconds.'
  out.problem(`BAD ${file}: records are missing, and what is left is not what a compaction left. ${isCopied}`)
  return false
}

/** Copies of one journal are the same, as far as each goes, and as far as both still have it. */
function tellForks(copies: readonly (readonly [string, Hashes])[], out: Out): boolean {
  const lastOf = (hashes: Hashes): number => [...hashes.keys()].at(-1) ?? 0
  const [longest, ...others] = [...copies].sort(([, left], [, right]) => lastOf(right) - lastOf(left))
  let isOne = true
  for (const [file, hashes] of others) {
    const fork = [...hashes].find(([n, hash]) => (longest?.[1].get(n) ?? hash) !== hash)
    if (fork === undefined) continue
    out.problem(`BAD ${file} line ${fork[0]}: another history than ${longest?.[0] ?? ''}`)
    isOne = false
  }
  return isOne
}

function unreadable({ type, data, atMs }: JournalEntry): string | null {
  if (isOfJournal({ type })) return null
  for (const read of [() => readRecord(type, data, atMs), () => readPortalEntry({ type, data, atMs })]) {
    try {
      read()
      return null
    } catch {
      // Of the other service, perhaps.
    }
  }
  return `a record of type ${JSON.stringify(type.slice(0, 60))} that this version cannot read`
}

async function merge({ files, out: target = '', union }: Asked, out: Out): Promise<number> {
  const merged = await mergeJournals(files, target, { union })
  if (!merged.ok) {
    out.problem(merged.error)
    return 1
  }
  const { writer, longest, records, added } = merged.value
  out.line(`${target}: ${records} records of ${writer}, those of ${longest} and ${added} of other histories`)
  return 0
}

function journalsUnder(dataDir: string): string[] {
  return ['mcp', 'portal'].flatMap((owner) => {
    const folder = join(resolve(dataDir), owner, 'journal')
    if (!existsSync(folder)) return []
    const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
    return names.sort().map((name) => join(folder, name))
  })
}

function readArguments(args: readonly string[]): Asked | null {
  const read = readOptions({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      out: { type: 'string' },
      union: { type: 'boolean', default: false },
    },
  })
  if (read === null) return null
  const { values, positionals } = read
  const [command = '', ...files] = positionals
  // Which files are one journal, only a person knows.
  const isMerge = command === 'merge' && files.length > 0
  if (!isCommand(command) || isMerge !== (values.out !== undefined)) return null
  // What a file is is known by where it lies.
  if (command === 'compact' && files.length > 0) return null
  return { command, files, data: values.data, out: values.out, union: values.union, instance: undefined }
}
