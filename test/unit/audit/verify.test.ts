import { writeFileSync } from 'node:fs'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AuditVerdict, verifyAudit } from '../../../src/audit/verify.ts'
import { type ChainTip, nextLine } from '../../../src/kernel/chain-link.ts'
import { aCall, type AuditKit, auditKit } from '../../support/audit.ts'
import { scratchFolder } from '../../support/folder.ts'

let kit: AuditKit
/** Logs of both services that have exchanged heads, as text by path. */
let original: Map<string, string>
let data: string
const MCP_LOG = join('mcp', 'mcp-1.jsonl')
const MCP_HEAD = join('mcp', 'mcp-1.head')
const PORTAL_LOG = join('portal', 'portal-1.jsonl')
const PORTAL_HEAD = join('portal', 'portal-1.head')

beforeAll(async () => {
  kit = await auditKit()
  const folder = await scratchFolder()
  const portal = await kit.open('portal', join(folder, 'portal'))
  const mcp = await kit.open('mcp', join(folder, 'mcp'))
  for (let call = 0; call < 4; call += 1) {
    await portal.write(aCall({ eventType: 'token.issued' }))
    await mcp.write(aCall())
  }
  await mcp.acceptHead(await portal.head())
  await portal.acceptHead(await mcp.head())
  for (let call = 0; call < 3; call += 1) await mcp.write(aCall({ principal: 'user_2' }))
  await mcp.close()
  await portal.close()
  original = new Map()
  for (const path of [MCP_LOG, MCP_HEAD, PORTAL_LOG, PORTAL_HEAD]) {
    original.set(path, await readFile(join(folder, path), 'utf8'))
  }
})

beforeEach(async () => {
  data = await scratchFolder()
  await mkdir(join(data, 'portal'))
  await mkdir(join(data, 'mcp'))
  for (const [path, text] of original) await writeFile(join(data, path), text)
})

const verify = (): Promise<AuditVerdict> => verifyAudit([join(data, 'portal'), join(data, 'mcp')], kit.verify)
const linesOf = (path: string): string[] => (original.get(path) ?? '').trimEnd().split('\n')
const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
const replace = (path: string, lines: readonly string[]): Promise<void> =>
  writeFile(join(data, path), textOf(lines))

/** What an attacker without keys can do: make every link right again from the first changed line on. */
function relinked(lines: readonly string[]): string[] {
  let tip: ChainTip = { n: 0, hash: 'audit' }
  return lines.map((line) => {
    const members = line.replace(/^\{"n":\d+,/, '{').replace(/,"h":"[^"]{43}"\}$/, '}')
    const next = nextLine(tip, members)
    tip = next
    return next.text
  })
}

const bad = (path: string, line: number, what: RegExp): object => ({
  ok: false,
  bad: { file: join(data, path), line, what: expect.stringMatching(what) },
})

describe('an untouched log', () => {
  test('is verified, with its length and how far its heads vouch', async () => {
    expect(await verify()).toEqual({
      ok: true,
      logs: [
        { file: join(data, PORTAL_LOG), origin: 'portal/portal-1', records: 8, removedTo: 0, vouchedTo: 7 },
        { file: join(data, MCP_LOG), origin: 'mcp/mcp-1', records: 11, removedTo: 0, vouchedTo: 10 },
      ],
      elsewhere: [],
      unsigned: [],
    })
  })

  test('of one service alone is verified, and the other one is named', async () => {
    expect(await verifyAudit([join(data, 'mcp')], kit.verify)).toMatchObject({
      ok: true,
      logs: [{ origin: 'mcp/mcp-1' }],
      elsewhere: ['portal/portal-1'],
    })
  })

  test('is verified while it is being written', async () => {
    const audit = await kit.open('mcp', join(data, 'mcp'))
    let isDone = false
    const writing = async (): Promise<void> => {
      while (!isDone) await audit.write(aCall({ userAgent: 'x'.repeat(900) }))
    }
    const writers = Promise.all(Array.from({ length: 8 }, writing))
    for (let round = 0; round < 5; round += 1) expect(await verify()).toMatchObject({ ok: true })
    isDone = true
    await writers
    await audit.close()
  })

  test('waits for a record that is just being written', async () => {
    const text = original.get(MCP_LOG) ?? ''
    await writeFile(join(data, MCP_LOG), text.slice(0, -30))
    setTimeout(() => writeFileSync(join(data, MCP_LOG), text), 20)
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('a folder without logs holds nothing to doubt; one that is not there is an error', async () => {
    const empty = await scratchFolder()
    expect(await verifyAudit([empty], kit.verify)).toEqual({
      ok: true,
      logs: [],
      elsewhere: [],
      unsigned: [],
    })
    await expect(verifyAudit([join(empty, 'none')], kit.verify)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('one changed byte', () => {
  test('anywhere in a log is found, and its line is named', async () => {
    const bytes = Buffer.from(original.get(MCP_LOG) ?? '')
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ change
        await writeFile(join(data, MCP_LOG), changed)
        const line = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1
        expect(await verify()).toMatchObject({ ok: false, bad: { file: join(data, MCP_LOG), line } })
      }),
      {
        numRuns: 120,
        examples: [
          [bytes.length - 1, 1],
          [0, 1],
          [bytes.indexOf(0x0a), 1],
        ],
      },
    )
  })
})

describe('a log that was changed without its links', () => {
  test.each([
    ['a record removed', (lines: string[]) => lines.toSpliced(3, 1), 4],
    ['two records swapped', (lines: string[]) => lines.toSpliced(3, 2, lines[4] ?? '', lines[3] ?? ''), 4],
    ['a record twice', (lines: string[]) => lines.toSpliced(3, 0, lines[2] ?? ''), 4],
    [
      'a record of another log between',
      (lines: string[]) => lines.toSpliced(3, 1, linesOf(PORTAL_LOG)[3] ?? ''),
      4,
    ],
    ['the first record removed', (lines: string[]) => lines.slice(1), 1],
    ['an empty line', (lines: string[]) => lines.toSpliced(5, 0, ''), 6],
  ])('%s: its line is named', async (_what, bend, line) => {
    await replace(MCP_LOG, bend(linesOf(MCP_LOG)))
    expect(await verify()).toMatchObject(bad(MCP_LOG, line, /./))
  })
})

describe('a log that was changed with all links made right again', () => {
  test('an edited record is found by the next signed head', async () => {
    const lines = linesOf(MCP_LOG)
    await replace(MCP_LOG, relinked(lines.with(2, (lines[2] ?? '').replace('user_1', 'user_9'))))
    expect(await verify()).toMatchObject(bad(MCP_LOG, 6, /signed head/))
  })

  test('an edited head is found by its signature', async () => {
    const lines = linesOf(MCP_LOG)
    const at = lines.findIndex((line) => line.includes('"audit.head"'))
    const bent = (lines[at] ?? '').replace(
      /("head":"[^"]{40})(.)/,
      (_all, before: string, character: string) => before + (character === 'A' ? 'B' : 'A'),
    )
    await replace(MCP_LOG, relinked(lines.with(at, bent)))
    expect(await verify()).toMatchObject({ ok: false, bad: { file: join(data, MCP_LOG), line: at + 1 } })
  })

  test('a head of another log in place of its own is found', async () => {
    const foreign = /"head":"[^"]+"/.exec(
      linesOf(PORTAL_LOG).find((line) => line.includes('"audit.head"')) ?? '',
    )?.[0]
    const lines = linesOf(MCP_LOG).slice(0, 5)
    const own = linesOf(MCP_LOG).find((line) => line.includes('"audit.head"')) ?? ''
    await rm(join(data, MCP_HEAD))
    await replace(MCP_LOG, relinked([...lines, own.replace(/"head":"[^"]+"/, foreign ?? '')]))
    expect(await verifyAudit([join(data, 'mcp')], kit.verify)).toMatchObject(bad(MCP_LOG, 6, /another log/))
  })

  test('a head before the records it vouches for is found', async () => {
    const lines = linesOf(MCP_LOG)
    const last = lines.at(-1) ?? ''
    await rm(join(data, MCP_HEAD))
    await replace(MCP_LOG, relinked([...lines.slice(0, 5), last]))
    expect(await verifyAudit([join(data, 'mcp')], kit.verify)).toMatchObject({ ok: false, bad: { line: 6 } })
  })

  test('a log that does not begin with its opening is found', async () => {
    await rm(join(data, MCP_HEAD))
    const calls = linesOf(MCP_LOG).filter((line) => line.includes('"mcp.call"'))
    await replace(MCP_LOG, relinked(calls))
    expect(await verifyAudit([join(data, 'mcp')], kit.verify)).toMatchObject(bad(MCP_LOG, 1, /opening/))
  })

  test('records between are found even when the heads after them are gone', async () => {
    const lines = linesOf(PORTAL_LOG).filter((line) => !line.includes('"audit.head"'))
    await rm(join(data, PORTAL_HEAD))
    await replace(PORTAL_LOG, relinked(lines.with(2, (lines[2] ?? '').replace('user_1', 'user_9'))))
    expect(await verify()).toMatchObject(bad(PORTAL_LOG, 5, /signed head in .*mcp-1\.jsonl/))
  })
})

describe('a head that was kept elsewhere', () => {
  const headOf = (path: string): { text: string; where: string } => ({
    text: (original.get(path) ?? '').trim(),
    where: 'kept:7',
  })
  const withHead = (...heads: { text: string; where: string }[]): Promise<AuditVerdict> =>
    verifyAudit([join(data, 'portal'), join(data, 'mcp')], kit.verify, heads)

  test('holds with the whole log, and shows what was cut after every other head was taken back', async () => {
    expect(await withHead(headOf(MCP_HEAD), headOf(PORTAL_HEAD))).toMatchObject({ ok: true })
    await rm(join(data, MCP_HEAD))
    await replace(MCP_LOG, linesOf(MCP_LOG).slice(0, 8))
    expect(await verify()).toMatchObject({ ok: true })
    expect(await withHead(headOf(MCP_HEAD))).toMatchObject(
      bad(MCP_LOG, 9, /^cut: the signed head in kept:7 vouches for 10 records$/),
    )
  })

  test('shows that the log is gone altogether, with everything that spoke of it', async () => {
    await rm(join(data, PORTAL_LOG))
    await rm(join(data, PORTAL_HEAD))
    const alone = await verifyAudit([join(data, 'portal')], kit.verify, [headOf(PORTAL_HEAD)])
    expect(alone).toEqual({
      ok: false,
      bad: {
        ...{ file: 'kept', line: 7 },
        what: 'it vouches for 7 records of portal/portal-1, whose log is not here',
      },
    })
  })

  test('of another history at the same place is found, though the log’s own head holds', async () => {
    const folder = await scratchFolder()
    const other = await kit.open('mcp', folder)
    for (let call = 0; call < 4; call += 1) await other.write(aCall({ principal: 'user_7' }))
    const text = await other.head()
    await other.close()
    expect(await withHead({ text, where: 'kept:1' })).toMatchObject(bad(MCP_LOG, 5, /signed head in kept:1/))
  })

  test('that nobody known has signed is said to be none', async () => {
    expect(await withHead({ text: 'nonsense', where: 'kept:3' })).toEqual({
      ok: false,
      bad: { file: 'kept', line: 3, what: 'not a head that a known key signed' },
    })
  })
})

test('a line that is no head among those that were kept is named, and takes nothing from the others', async () => {
  const heads = ['half of one', (original.get(MCP_HEAD) ?? '').trim()].map((text, index) => ({
    ...{ text, where: `kept:${index + 1}` },
  }))
  const both = (): Promise<AuditVerdict> => verifyAudit([join(data, 'mcp')], kit.verify, heads)
  expect(await both()).toMatchObject({ ok: true, unsigned: ['kept:1'] })
  await rm(join(data, MCP_HEAD))
  await replace(MCP_LOG, linesOf(MCP_LOG).slice(0, 8))
  expect(await both()).toMatchObject(bad(MCP_LOG, 9, /^cut: the signed head in kept:2/))
})

describe('a cut tail', () => {
  test('is found by the head beside the log', async () => {
    await replace(MCP_LOG, linesOf(MCP_LOG).slice(0, -4))
    expect(await verify()).toMatchObject(bad(MCP_LOG, 8, /cut: .*mcp-1\.head vouches for 10 records/))
  })

  test('is found by the other service’s copy when the head beside it was removed too', async () => {
    await rm(join(data, PORTAL_HEAD))
    await replace(PORTAL_LOG, linesOf(PORTAL_LOG).slice(0, 3))
    expect(await verify()).toMatchObject(bad(PORTAL_LOG, 4, /cut: .*mcp-1\.jsonl:\d+ vouches for 5 records/))
    expect(await verifyAudit([join(data, 'portal')], kit.verify)).toMatchObject({ ok: true })
  })

  test('is found when the head beside it was replaced by an older one', async () => {
    const older = /"head":"([^"]+)"/.exec(
      linesOf(PORTAL_LOG).find((line) => line.includes('"audit.head"')) ?? '',
    )?.[1]
    await writeFile(join(data, PORTAL_HEAD), `${older ?? ''}\n`)
    await replace(PORTAL_LOG, linesOf(PORTAL_LOG).slice(0, 4))
    expect(await verify()).toMatchObject(bad(PORTAL_LOG, 5, /cut/))
  })

  test('a log that is gone is found by the head that stayed', async () => {
    await rm(join(data, MCP_LOG))
    expect(await verify()).toMatchObject(bad(MCP_LOG, 1, /cut: .*vouches for 10 records/))
  })

  test('a last record cut in the middle is found', async () => {
    await writeFile(join(data, MCP_LOG), (original.get(MCP_LOG) ?? '').slice(0, -1))
    expect(await verify()).toMatchObject(bad(MCP_LOG, 11, /middle/))
  })
})

describe('a head file', () => {
  test('that nobody known has signed is found', async () => {
    await writeFile(join(data, MCP_HEAD), 'nonsense\n')
    expect(await verify()).toMatchObject(bad(MCP_HEAD, 1, /not signed/))
  })

  test('of another log is found', async () => {
    await cp(join(data, PORTAL_HEAD), join(data, MCP_HEAD))
    expect(await verify()).toMatchObject(bad(MCP_HEAD, 1, /not signed for this log/))
  })

  test('of keys that are not ours vouches for nothing', async () => {
    const others = await auditKit()
    expect(await verifyAudit([join(data, 'mcp')], others.verify)).toMatchObject(
      bad(MCP_LOG, 6, /not signed by a known key/),
    )
  })
})
