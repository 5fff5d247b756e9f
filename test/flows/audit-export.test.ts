import { createHash } from 'node:crypto'
import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openAudit } from '../../src/audit/audit.ts'
import { runAudit } from '../../src/cli/audit.ts'
import { signHead, verifyHead } from '../../src/crypto/head-signature.ts'
import { initKeys } from '../../src/crypto/keys/ceremony.ts'
import { loadMcpKeys } from '../../src/crypto/keys/key-ring.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { aCall } from '../support/audit.ts'
import { manualClock } from '../support/clock.ts'
import { scratchFolder } from '../support/folder.ts'
import { captureLog } from '../support/log.ts'

let dataDir: string
let out: string
/** Three days, a file each, three calls on each day; one of them named like a formula. */
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'maximo-mcp-export-'))
  await initKeys(dataDir, systemClock)
  const keys = await loadMcpKeys(join(dataDir, 'mcp', 'keys'))
  const clock = manualClock()
  const folder = join(dataDir, 'mcp', 'audit')
  const audit = await openAudit({
    ...{ folder, instance: 'mcp-1', service: 'mcp', clock, log: captureLog().log, headEveryMs: 3_600_000 },
    keys: {
      sign: (content) => signHead(content, keys),
      verify: (head) => verifyHead(head, keys.auditHead.verifiers),
      valueKey: Buffer.alloc(32),
    },
  })
  for (let day = 0; day < 3; day += 1) {
    for (let call = 0; call < 3; call += 1)
      await audit.write(
        aCall({ operation: `day ${day}`, userAgent: call === 0 ? '=HYPERLINK("x")' : 'an agent' }),
      )
    await audit.head()
    clock.advance(86_400_000)
    await audit.write(aCall({ operation: 'first of the day' }))
    await vi.waitFor(async () => {
      const files = (await readdir(folder)).filter((name) => name.endsWith('jsonl'))
      expect(files).toHaveLength(day + 2)
    })
  }
  await audit.close()
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))
beforeEach(async () => {
  out = join(await scratchFolder(), 'bundle')
})

async function audit(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const console_ = {
    line: (text: string) => void lines.push(text),
    problem: (text: string) => void lines.push(text),
  }
  return { code: await runAudit(args, { DATA_DIR: dataDir }, console_), text: lines.join('\n') }
}
const dayTwo = ['--from', '2026-11-23', '--to', '2026-11-24'] as const
const RECORDS = 'mcp.mcp-1.ndjson'

test('a period is exported with what vouches for it, and verified without anything else', async () => {
  const { code, text } = await audit('export', '--out', out, ...dayTwo, '--csv')
  expect(text).toMatch(
    /^period 2026-11-23T00:00:00.000Z to 2026-11-24T00:00:00.000Z\nOK {2}mcp\/mcp-1: records (\d+) to (\d+), vouched for up to \d+\n(key p?m?a\S+ \S{43}\n?)+/,
  )
  expect(code).toBe(0)
  const rows = (await readFile(join(out, RECORDS), 'utf8')).trimEnd().split('\n')
  const operations = rows.map((row) => (JSON.parse(row) as { operation: string }).operation)
  expect(operations.filter((operation) => operation === 'day 1')).toHaveLength(3)
  expect(operations).not.toContain('day 0')
  expect(operations).not.toContain('day 2')
  const whole = dataDir
  dataDir = 'nowhere'
  expect((await audit('verify', '--bundle', out)).text).toBe(text)
  dataDir = whole
})

async function moved(from: string): Promise<string> {
  const to = await scratchFolder()
  await cp(from, to, { recursive: true })
  return to
}

test('the table holds the period and no formula', async () => {
  await audit('export', '--out', out, ...dayTwo, '--csv')
  const table = (await readFile(join(out, 'events.csv'), 'utf8')).trimEnd().split('\n')
  expect(table[0]).toMatch(/^log,n,timestamp,eventType,principal,/)
  expect(table.filter((row) => row.includes('day 1'))).toHaveLength(3)
  expect(table.find((row) => row.includes('HYPERLINK'))).toContain(`"'=HYPERLINK(""x"")"`)
  expect(await readdir(out)).toEqual(['events.csv', 'keys.json', 'manifest.json', RECORDS])
})

test('without a period it is everything, and without --csv no table', async () => {
  expect((await audit('export', '--out', out)).code).toBe(0)
  expect(await readdir(out)).toEqual(['keys.json', 'manifest.json', RECORDS])
  const all = (await readFile(join(out, RECORDS), 'utf8')).split('\n').filter((row) => row.includes('"day '))
  expect(all).toHaveLength(9)
})

test('a period without a record is said to hold none', async () => {
  const { code, text } = await audit('export', '--out', out, '--from', '2030-01-01')
  expect([code, text]).toEqual([0, expect.stringContaining('No record of any log is of this period.')])
})

test.each([
  [
    'a changed record',
    RECORDS,
    (text: string) => text.replace('day 1', 'day 9'),
    /not the file of which the manifest/,
  ],
  ['a changed table', 'events.csv', (text: string) => `${text}x\n`, /not the file of which the manifest/],
  [
    'other keys',
    'keys.json',
    (text: string) => text.replace('"x":"', '"x":"A'),
    /not the file of which the manifest/,
  ],
  ['no manifest', 'manifest.json', () => '{}', /not a file of a bundle/],
])('%s in a bundle is found', async (_what, file, bend, says) => {
  await audit('export', '--out', out, ...dayTwo, '--csv')
  await writeFile(join(out, file), bend(await readFile(join(out, file), 'utf8')))
  const { code, text } = await audit('verify', '--bundle', out)
  expect(code).toBe(1)
  expect(text).toMatch(says)
  expect(text).toContain(join(out, file))
})

/** What whoever makes a bundle of his own can do: every digest is right. */
async function forge(bend: (rows: string[]) => string[]): Promise<string> {
  await audit('export', '--out', out, ...dayTwo)
  const path = join(out, RECORDS)
  const forged = bend((await readFile(path, 'utf8')).trimEnd().split('\n'))
    .map((row) => `${row}\n`)
    .join('')
  await writeFile(path, forged)
  const told = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')) as {
    logs: { sha256: string; last: number }[]
  }
  const [log] = told.logs
  if (log !== undefined) {
    log.sha256 = createHash('sha256').update(forged).digest('hex')
    log.last = (JSON.parse(forged.trimEnd().split('\n').at(-1) ?? '{}') as { n: number }).n
  }
  await writeFile(join(out, 'manifest.json'), JSON.stringify(told))
  const { code, text } = await audit('verify', '--bundle', out)
  expect(code).toBe(1)
  return text
}

test('a bundle whose digests were made right again is found by the chain, and one without heads vouches for nothing', async () => {
  expect(await forge((rows) => rows.map((row) => row.replace('user_1', 'user_2')))).toMatch(
    /its hash does not follow/,
  )
  out = `${out}-2`
  expect(await forge((rows) => rows.slice(0, 1))).toMatch(/no signed head vouches for any of its records/)
})

test('a log that does not hold is exported as it is, and said not to hold', async () => {
  const whole = dataDir
  dataDir = await moved(whole)
  const path = join(dataDir, 'mcp', 'audit', 'mcp-1.jsonl')
  await writeFile(path, (await readFile(path, 'utf8')).replace('day 0', 'day 7'))
  const { code, text } = await audit('export', '--out', out)
  dataDir = whole
  expect(code).toBe(1)
  expect(text).toMatch(/BAD .*mcp\.mcp-1\.ndjson line 2: its hash does not follow/)
})

test('a folder that is there is not written into, and wrong usage is explained', async () => {
  await audit('export', '--out', out)
  expect((await audit('export', '--out', out)).code).toBe(73)
  expect((await audit('export')).code).toBe(64)
  expect((await audit('export', '--out', `${out}-x`, '--from', 'then')).code).toBe(64)
  expect((await audit('verify', '--bundle', `${out}-none`)).code).toBe(66)
  await appendFile(join(out, 'keys.json'), 'x')
  expect((await audit('verify', '--bundle', out)).code).toBe(1)
})
