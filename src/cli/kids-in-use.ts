import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readSkip } from '../kernel/chain-link.ts'
import { systemClock } from '../kernel/clock.ts'
import { isOfJournal } from '../kernel/projector.ts'
import { isMissing } from '../kernel/missing-file.ts'
import { Ledger } from '../mcp/records/ledger.ts'
import { readRecord, type McpRecord } from '../mcp/records/entries.ts'

/**
 * Kids that records of the MCP server's journals still need: those of live automation tokens, and those under which
 * stored credentials are wrapped. Reads only, so the server may be running.
 *
 * @throws when a journal cannot be read whole: then nobody knows what is in use
 */
export async function findKidsInUse(journalFolder: string): Promise<ReadonlySet<string>> {
  const ledger = new Ledger(systemClock)
  const wrappedUnder = new Map<string, string>()
  for (const name of (await listFiles(journalFolder)).filter((one) => one.endsWith('.jsonl'))) {
    for (const record of readRecords(await readFile(join(journalFolder, name), 'utf8'))) {
      ledger.apply(record)
      noteCredential(wrappedUnder, record)
    }
  }
  return new Set([...ledger.kidsInUse(), ...wrappedUnder.values()])
}

function readRecords(journal: string): McpRecord[] {
  // What follows the last newline is a record that is just being written, or was torn: not durable, not decided.
  const lines = journal.split('\n').slice(0, -1)
  const entries = lines.filter((line) => readSkip(line) === null).map((line) => entry.parse(JSON.parse(line)))
  return entries.filter(({ e: type }) => !isOfJournal({ type })).map(({ t, e, d }) => readRecord(e, d, t))
}

function noteCredential(wrappedUnder: Map<string, string>, { type, data }: McpRecord): void {
  if (type !== 'credential.saved' && type !== 'credential.reverted') return
  const [header = ''] = data.blob.split('.')
  const { kid } = blobHeader.parse(JSON.parse(Buffer.from(header, 'base64url').toString()))
  wrappedUnder.set(`${data.sub} ${data.env}`, kid)
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    // No journal yet: the server has never run. Anything else is a reason to stop.
    if (isMissing(error)) return []
    throw error
  }
}

const entry = z.object({ t: z.number(), e: z.string(), d: z.unknown() })
const blobHeader = z.object({ kid: z.string() })
