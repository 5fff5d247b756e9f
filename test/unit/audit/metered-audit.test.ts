import { afterAll, beforeAll, expect, test } from 'vitest'
import { meteredAudit } from '../../../src/audit/metered-audit.ts'
import { DiskUnavailable } from '../../../src/kernel/disk.ts'
import { Metrics } from '../../../src/kernel/metrics.ts'
import type { AuditEvent } from '../../../src/audit/event.ts'
import { aCall, auditKit, type AuditKit } from '../../support/audit.ts'
import { manualClock } from '../../support/clock.ts'
import { faultyDisk } from '../../support/store/disk.ts'
import { scratchFolder } from '../../support/folder.ts'

const metrics = new Metrics('mcp')
let kit: AuditKit
beforeAll(async () => {
  kit = await auditKit()
})
afterAll(() => metrics.close())

const figure = async (line: string): Promise<number> => {
  const found = (await metrics.text()).split('\n').find((one) => one.startsWith(line))
  return Number(found?.split(' ').at(-1) ?? Number.NaN)
}

test('a record counts when it is on disk; one that is not is a failure, told to nobody, and still thrown', async () => {
  const disk = faultyDisk()
  const clock = manualClock()
  const own = await kit.open('mcp', await scratchFolder(), { disk })
  const noted: AuditEvent[] = []
  const audit = meteredAudit(own, { metrics, clock, noted: (event) => void noted.push(event) })
  const written = aCall()
  await audit.write(written)
  disk.failWith('ENOSPC')
  await expect(audit.write(aCall())).rejects.toBeInstanceOf(DiskUnavailable)
  disk.failWith(null)
  expect(noted).toEqual([written])
  expect(await figure('maximo_mcp_audit_events_total{event="mcp.call",outcome="success"')).toBe(1)
  expect(await figure('maximo_mcp_audit_write_seconds_count')).toBe(1)
  expect(await figure('maximo_mcp_audit_failures_total')).toBe(1)
  await audit.close()
})
