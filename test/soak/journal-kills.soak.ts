import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { openJournal } from '../../src/kernel/journal.ts'
import { scanJournal } from '../../src/kernel/journal-scan.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import { recordKeys } from '../../src/mcp/records/keys.ts'
import { openRecords } from '../../src/mcp/records/records.ts'
import { scratchFolder } from '../support/folder.ts'
import { captureLog } from '../support/log.ts'
import { figure, soakShare } from '../support/soak.ts'

const KILLS = 100
const SEED = 20_261_126
const DIST = fileURLToPath(new URL('../../dist', import.meta.url))
const WRITER = fileURLToPath(new URL('../support/store/journal-writer.js', import.meta.url))

/** Where a writer ends itself, in the words of `journal-writer.js`; or after so many milliseconds of full rate. */
const POINTS = [
  ...['written down', 'a part of a draft', 'half a draft'],
  ...['before the rename', 'after the rename', 'after all'],
]
type Death = { readonly at: string } | { readonly afterMs: number }
const deaths: fc.Arbitrary<Death> = fc.oneof(
  fc.constantFrom(...POINTS).map((at) => ({ at })),
  fc.integer({ min: 1, max: 300 }).map((afterMs) => ({ afterMs })),
)

interface Acknowledged {
  readonly revoked: readonly number[]
  readonly highest: number
  readonly seq: number
}

/** Lets a writer work until it is dead. */
async function live(folder: string, first: number, death: Death): Promise<Acknowledged> {
  const point = 'at' in death ? [death.at] : []
  const child = spawn(process.execPath, [WRITER, DIST, folder, String(first), ...point], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const closed = once(child, 'close')
  if ('afterMs' in death) {
    await once(child.stdout, 'data')
    await delay(death.afterMs)
    child.kill('SIGKILL')
  }
  const [, signal] = (await closed) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  const lines = said.slice(0, said.lastIndexOf('\n') + 1).matchAll(/^(\w+) (\d+) (\d+)$/gm)
  const all = [...lines].map(([, kind, number, seq]) => ({ kind, number: Number(number), seq: Number(seq) }))
  return {
    revoked: all.filter(({ kind }) => kind === 'revoked').map(({ number }) => number),
    highest: Math.max(first, ...all.map(({ number }) => number)),
    seq: Math.max(0, ...all.map(({ seq }) => seq)),
  }
}

test('a server killed 100 times at full rate, and at every step of a compaction, loses nothing it acknowledged', async () => {
  const folder = await scratchFolder()
  const clock = systemClock
  const plan = fc.sample(deaths, { numRuns: Math.max(8, Math.round(KILLS * soakShare())), seed: SEED })
  const revoked: number[] = []
  const tally = new Map<string, number>()
  let [number, acknowledged, compactions, bytes] = [0, 0, 0, 0]
  for (const death of plan) {
    const done = await live(folder, number, death)
    revoked.push(...done.revoked)
    // Numbers that were begun and never acknowledged are not used again.
    number = done.highest + 1_000
    acknowledged += done.seq
    const file = `${folder}/mcp-1.jsonl`
    const scanned = await scanJournal(file)
    expect([scanned.bad, scanned.shape === 'loose', JSON.stringify(death)]).toEqual([
      ...[null, false, JSON.stringify(death)],
    ])
    if (scanned.shape === 'compacted') compactions += 1
    const journal = await openJournal({ folder, writer: 'mcp-1', clock })
    expect(journal.lastSeq).toBeGreaterThanOrEqual(done.seq)
    bytes = journal.sizeBytes
    const store = new MemoryStore(clock)
    const records = await openRecords({ journal, store, clock, log: captureLog().log })
    const held = await store.getMany(
      revoked.map((one) => recordKeys.revokedToken(String(one).padStart(22, '0'))),
    )
    expect(held.filter((value) => value !== '1')).toEqual([])
    await records.close()
    await journal.close()
    const kind = 'at' in death ? death.at : 'at any time'
    tally.set(kind, (tally.get(kind) ?? 0) + 1)
  }
  for (const [kind, count] of tally) figure(`killed ${kind}`, count, 'times')
  figure('killed', plan.length, 'times in all')
  figure('lives that left a compacted journal', compactions, 'lives')
  figure('records acknowledged', acknowledged, 'records')
  figure('revocations acknowledged, all there after every kill', revoked.length, 'revocations')
  figure('journal at the end', bytes / 1024, 'KiB')
  expect(compactions).toBeGreaterThan(0)
  expect(revoked.length).toBeGreaterThan(0)
})
