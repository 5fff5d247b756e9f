import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AuditEvent } from '../../../src/audit/event.ts'
import { aCall, auditKit } from '../audit.ts'
import { scratchFolder } from '../folder.ts'

test('a service writes a type that there is, and one that there is not; by hand, another is written', async () => {
  const [kit, data] = [await auditKit(), await scratchFolder()]
  await mkdir(join(data, 'mcp', 'journal'), { recursive: true })
  const service = await kit.open('mcp', join(data, 'mcp', 'audit'))
  await service.write(aCall({ eventType: 'sign_in' }))
  await service.write(aCall({ eventType: 'made.up' as AuditEvent['eventType'] }))
  await service.close()
  const byHand = await kit.open('portal', join(data, 'portal', 'audit'))
  await byHand.write(aCall({ eventType: 'sign_out' }))
  await byHand.close()
  expect(byHand.recordsOnDisk()).toBe(3)
})
