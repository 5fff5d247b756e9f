import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Audit } from '../../../src/audit/audit.ts'
import { HeadsAbroad } from '../../../src/audit/heads-abroad.ts'
import { Metrics } from '../../../src/kernel/metrics.ts'
import { aCall, type AuditKit, auditKit } from '../../support/audit.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog, type CapturedLog } from '../../support/log.ts'

let kit: AuditKit
let audit: Audit
let folder: string
let path: string
let metrics: Metrics
let captured: CapturedLog
let heads: HeadsAbroad
beforeAll(async () => {
  kit = await auditKit()
})
beforeEach(async () => {
  audit = await kit.open('mcp', await scratchFolder())
  folder = await scratchFolder()
  path = join(folder, 'mcp.mcp-1.heads')
  metrics = new Metrics('mcp')
  captured = captureLog()
  heads = new HeadsAbroad({
    ...{ folder, service: 'mcp', instance: 'mcp-1', audit, metrics, log: captured.log },
    everyMs: 3_600_000,
  })
})
afterEach(async () => {
  await heads.close()
  await audit.close()
  await metrics.close()
})

const kept = async (): Promise<string[]> => (await readFile(path, 'utf8')).split('\n')

test('the newest head is kept elsewhere once, and the next when there is news', async () => {
  await heads.give()
  const first = await audit.head()
  expect(await kept()).toEqual([first, ''])
  await heads.give()
  expect(await kept()).toEqual([first, ''])
  await audit.write(aCall())
  await Promise.all([heads.give(), heads.give()])
  expect(await kept()).toEqual([first, await audit.head(), ''])
})

test('it is kept by time, and at the end', async () => {
  const soon = new HeadsAbroad({
    ...{ folder, service: 'portal', instance: 'p', audit, metrics: new Metrics('portal'), log: captured.log },
    everyMs: 5,
  })
  await expect.poll(() => readFile(join(folder, 'portal.p.heads'), 'utf8').catch(() => '')).toContain('\n')
  await audit.write(aCall())
  await soon.close()
  expect(await readFile(join(folder, 'portal.p.heads'), 'utf8')).toContain(await audit.head())
})

test('a folder that is away is told and tried again: then it has the newest', async () => {
  await rm(folder, { recursive: true })
  await heads.give()
  expect(captured.events()).toContainEqual(expect.objectContaining({ event: 'audit.head_not_given', path }))
  expect(await metrics.text()).toMatch(/audit_heads_given_total\{[^}]*outcome="failed"[^}]*\} 1/)
  await mkdir(folder)
  await audit.write(aCall())
  await heads.give()
  expect(await kept()).toEqual([await audit.head(), ''])
})

test('a half line of a crash spoils no head after it', async () => {
  await writeFile(path, 'half of a he')
  await heads.give()
  expect(await kept()).toEqual(['half of a he', await audit.head(), ''])
})
