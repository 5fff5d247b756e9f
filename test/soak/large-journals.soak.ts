import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { type Journal, openJournal } from '../../src/kernel/journal.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import { openRecords, type Records, type RecordsOptions } from '../../src/mcp/records/records.ts'
import { scratchFolder } from '../support/folder.ts'
import { captureLog } from '../support/log.ts'
import { figure, soakShare, timed } from '../support/soak.ts'

const FOR_GOOD = 20_000
const REPLACED = 180_000
const id = (of: number): string => String(of).padStart(22, '0')
const seconds = (cpu: NodeJS.CpuUsage): number => (cpu.user + cpu.system) / 1_000_000

test('a journal of 200,000 records is compacted beside its work, and a start on what is left takes no two seconds', async () => {
  const folder = await scratchFolder()
  const [kept, replaced] = [FOR_GOOD, REPLACED].map((count) => Math.round(count * soakShare())) as [
    number,
    number,
  ]
  let [journal, records] = await start()
  async function start(
    limits: RecordsOptions['compactionLimits'] = { minBytes: Infinity, everyMs: 60_000 },
  ): Promise<[Journal, Records]> {
    const opened = await openJournal({ folder, writer: 'mcp-1', clock })
    const store = new MemoryStore(clock)
    const log = captureLog().log
    return [opened, await openRecords({ journal: opened, store, clock, log, compactionLimits: limits })]
  }
  const stop = async (): Promise<void> => {
    await records.close()
    await journal.close()
  }
  const revoke = (of: number): Promise<unknown> => {
    const target = { kind: 'token', rid: id(of), until: null } as const
    const made = { target, markMs: 1, untilS: null, reason: 'test', by: 'test' }
    return records.record('revocation.made', made)
  }
  const use = (of: number): Promise<unknown> =>
    records.record('grant.used', { gid: id(of % 500), atMs: of + 1, address: '', client: '', tool: '' })
  for (let from = 0; from < kept + replaced; from += 1_000)
    await Promise.all(
      Array.from({ length: 1_000 }, (_, at) => (from + at < kept ? revoke(from + at) : use(from + at))),
    )
  await stop()

  const measured = async (what: string): Promise<number> => {
    const before = process.cpuUsage()
    const { ms } = await timed(async () => {
      ;[journal, records] = await start()
    })
    const cpuS = seconds(process.cpuUsage(before))
    figure(`start on ${what}, ${Math.round(journal.sizeBytes / 1024)} KiB`, ms / 1_000, 's')
    figure(`of that, CPU`, cpuS, 's')
    await stop()
    return cpuS
  }
  await measured('the whole journal')

  ;[journal, records] = await start({ minBytes: 1, everyMs: 1 })
  const stalls = monitorEventLoopDelay({ resolution: 1 })
  stalls.enable()
  let [slowestMs, written] = [0, 0]
  const { ms } = await timed(async () => {
    while (journal.compactions.shape !== 'compacted') {
      const one = await timed(() => revoke(1_000_000 + written))
      slowestMs = Math.max(slowestMs, one.ms)
      written += 1
      await delay(5)
    }
  })
  stalls.disable()
  figure('compaction beside revocations', ms / 1_000, 's')
  figure('revocations meanwhile', written, 'revocations')
  figure('slowest of them', slowestMs, 'ms')
  figure('event loop kept waiting, p99', stalls.percentile(99) / 1e6, 'ms')
  figure('at worst', stalls.max / 1e6, 'ms')
  await stop()
  const cpuS = await measured('what is left')
  expect(cpuS).toBeLessThan(2)
})
