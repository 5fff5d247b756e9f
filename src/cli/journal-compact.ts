import { basename, dirname } from 'node:path'
import { systemClock } from '../kernel/clock.ts'
import { OtherHead } from '../kernel/compaction/compacted-head.ts'
import { carryOut, propose, settleLoose } from '../kernel/compaction/compactor.ts'
import { JOURNAL_COMPACTED } from '../kernel/compaction/compactions.ts'
import type { BeginKeeping } from '../kernel/compaction/keeping.ts'
import { type Journal, openJournal } from '../kernel/journal.ts'
import { keepingOfMcp } from '../mcp/records/keeping.ts'
import { keepingOfPortal } from '../portal/records/keeping.ts'
import type { Out } from './keys.ts'

/** By the folder that a journal lies under: whose records they are, and the server's own name where none is given. */
const SERVICES: Readonly<Record<string, { readonly keeping: BeginKeeping; readonly instance: string }>> = {
  mcp: { keeping: keepingOfMcp, instance: 'mcp-1' },
  portal: { keeping: keepingOfPortal, instance: 'portal-1' },
}

/**
 * Compacts the journals of stopped servers as they do by themselves: a server's own by what is of consequence now, a copy
 * by what its writer wrote down.
 *
 * @throws FileInUse while its server runs; BrokenChain, DiskUnavailable
 */
export async function compactJournals(
  files: readonly string[],
  instance: string | undefined,
  out: Out,
): Promise<number> {
  for (const file of files) {
    const folder = dirname(file)
    const service = SERVICES[basename(dirname(folder))]
    if (service === undefined) throw new Error(`whose journal is ${file}?`)
    const writer = basename(file, '.jsonl')
    const journal = await openJournal({ folder, writer, clock: systemClock })
    try {
      const before = journal.sizeBytes
      await settleLoose(journal, service.keeping)
      if (writer === (instance ?? service.instance)) await writeDown(journal, service.keeping)
      const { open } = journal.compactions
      if (open !== null) await carryOut(journal, open, { keeping: service.keeping, isGivenUp: () => false })
      out.line(`${file}: ${before} bytes before, ${journal.sizeBytes} now`)
    } catch (error) {
      if (!(error instanceof OtherHead)) throw error
      out.line(`${file}: stays whole; its writer, of another version, had other reasons`)
    } finally {
      await journal.close()
    }
  }
  return 0
}

async function writeDown(journal: Journal, keeping: BeginKeeping): Promise<void> {
  const means = { keeping, clock: systemClock, isGivenUp: () => false }
  const compaction = await propose(journal, journal.lastSeq, means)
  if (compaction !== null) await journal.append(JOURNAL_COMPACTED, compaction)
}
