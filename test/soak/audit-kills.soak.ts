import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { searchAudit } from '../../src/audit/search.ts'
import { verifyAudit } from '../../src/audit/verify.ts'
import { verifyHead } from '../../src/crypto/head-signature.ts'
import { initKeys } from '../../src/crypto/keys/ceremony.ts'
import { loadAuditHeadVerifiers } from '../../src/crypto/keys/key-ring.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { scratchFolder } from '../support/folder.ts'
import { figure, soakShare } from '../support/soak.ts'

const KILLS = 100
const WRITER = resolve(import.meta.dirname, '../support/audit-writer.js')

/** One life: writes at full rate for a moment, then SIGKILL. @returns what was acknowledged */
async function live(dataDir: string, round: number, forMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [WRITER, dataDir, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: string[] = []
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const read = once(lines, 'close')
  const ready = new Promise<void>((begun, never) => {
    lines.on('line', (line) => {
      if (line === 'ready') begun()
      else acknowledged.push(line)
    })
    void ended.then(([code]: unknown[]) => never(new Error(`the writer ended by itself: ${String(code)}`)))
  })
  await ready
  await delay(forMs)
  child.kill('SIGKILL')
  await Promise.all([ended, read])
  return acknowledged
}

test('servers killed by SIGKILL at full rate lose no record that was acknowledged', async () => {
  const dataDir = await scratchFolder()
  expect((await initKeys(dataDir, systemClock)).ok).toBe(true)
  const folder = join(dataDir, 'mcp', 'audit')
  const kills = Math.max(1, Math.round(KILLS * soakShare()))
  const owed = new Set<string>()
  for (let round = 0; round < kills; round += 1)
    for (const id of await live(dataDir, round, 60 + ((round * 37) % 240))) owed.add(id)
  figure('records acknowledged', owed.size, 'in all')
  let records = 0
  for await (const { record } of searchAudit([folder], { eventType: ['mcp.call'] }, () => undefined)) {
    records += 1
    owed.delete(record.correlationId ?? '')
  }
  figure('records found', records, 'in all')
  figure('acknowledged records lost', owed.size, `of ${kills} kills`)
  expect([...owed]).toEqual([])
  const verifiers = await loadAuditHeadVerifiers(join(dataDir, 'mcp', 'keys'), 'mcp')
  // The last process was killed, too: its half line is cut by the next start.
  await live(dataDir, kills, 1)
  const verdict = await verifyAudit([folder], (head) => verifyHead(head, verifiers))
  expect(verdict.ok || /middle/.test(verdict.bad.what)).toBe(true)
  figure(
    'files of the log',
    (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).length,
    'in all',
  )
})
