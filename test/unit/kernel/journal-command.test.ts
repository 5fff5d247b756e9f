import { appendFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import { openJournal } from '../../../src/kernel/journal.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'

const ID = 'A'.repeat(22)
const revocation = (sub: string) => ({
  ...{ target: { kind: 'user', sub }, markMs: 1, untilS: null, reason: 'test', by: 'test' },
})

let data: string
let folder: string
beforeEach(async () => {
  data = await scratchFolder()
  folder = join(data, 'mcp', 'journal')
})

async function write(path: string, subs: readonly string[], writer = 'mcp-1'): Promise<string> {
  const journal = await openJournal({ folder: path, writer, clock: manualClock() })
  if (journal.lastSeq === 0) await journal.append('journal.opened', {})
  for (const sub of subs) await journal.append('revocation.made', revocation(sub))
  await journal.close()
  return join(path, `${writer}.jsonl`)
}

/** The same journal, continued by itself. */
async function continued(from: string, lines: number, subs: readonly string[]): Promise<string> {
  const path = join(data, `copy-${lines}-${subs.length}`)
  await mkdir(path)
  const kept = (await readFile(from, 'utf8')).split('\n').slice(0, lines)
  await writeFile(join(path, 'mcp-1.jsonl'), kept.map((line) => `${line}\n`).join(''))
  return write(path, subs)
}

async function journal(...args: string[]): Promise<{ code: number; said: string; problems: string }> {
  const [lines, problems]: [string[], string[]] = [[], []]
  const out = { line: (text: string) => lines.push(text), problem: (text: string) => problems.push(text) }
  const code = await run(['journal', ...args], { DATA_DIR: data }, out)
  return { code, said: lines.join('\n'), problems: problems.join('\n') }
}
const subsIn = async (file: string): Promise<string[]> =>
  [...(await readFile(file, 'utf8')).matchAll(/"sub":"(\w+)"/g)].map(([, sub]) => sub ?? '')

describe('maximo-mcp journal', () => {
  test('verify reads the journals of both services, and goes by what a torn last record is', async () => {
    const file = await write(folder, ['a', 'b'])
    const portal = await openJournal({
      ...{ folder: join(data, 'portal', 'journal'), writer: 'portal-1', clock: manualClock() },
    })
    await portal.append('connection.limited', { gid: ID, maxS: 5 })
    await portal.close()
    await appendFile(file, '{"n":4,"w"')
    const { code, said, problems } = await journal('verify')
    expect([code, problems]).toEqual([0, ''])
    expect(said).toMatch(/^OK {2}\S+mcp-1\.jsonl: 3 records of mcp-1 up to [\w-]{43}, and 10 bytes of one/)
    expect(said).toMatch(/\nOK {2}\S+portal-1\.jsonl: 1 records of portal-1 up to [\w-]{43}$/)
  })

  test.each<[string, (text: string) => string, RegExp]>([
    [
      'a changed record',
      (text) => text.replace('"sub":"b"', '"sub":"c"'),
      /line 3: its hash does not follow/,
    ],
    [
      'a missing one',
      (text) => text.replace(/\n.*"sub":"a".*(?=\n)/, ''),
      /line 2: not record 2 of the chain/,
    ],
    ['no record', (text) => `${text}{}\n`, /line 4: not a record/],
  ])('verify names the first record that does not hold: %s', async (_what, bend, problem) => {
    const file = await write(folder, ['a', 'b'])
    await writeFile(file, bend(await readFile(file, 'utf8')))
    const { code, problems } = await journal('verify')
    expect(code).toBe(1)
    expect(problems).toMatch(problem)
  })

  test('verify refuses what this version cannot read, which inspect counts', async () => {
    const opened = await openJournal({ folder, writer: 'mcp-1', clock: manualClock() })
    await opened.append('grant.imagined', {})
    await opened.close()
    expect((await journal('verify')).problems).toMatch(
      /line 1: a record of type "grant.imagined" that this version cannot read$/,
    )
    const { code, said } = await journal('inspect')
    expect(code).toBe(0)
    expect(said.split('\n').slice(1)).toEqual([
      '    from 2026-11-22T00:00:00.000Z to 2026-11-22T00:00:00.000Z',
      '           1  grant.imagined',
    ])
  })

  test('copies agree as far as each goes, or the first that does not is named', async () => {
    const file = await write(folder, ['a', 'b', 'c'])
    const part = await continued(file, 3, [])
    expect((await journal('verify', file, part)).code).toBe(0)
    const fork = await continued(file, 3, ['x'])
    const { code, problems } = await journal('verify', part, fork, file)
    expect([code, problems]).toEqual([1, expect.stringMatching(/^BAD \S+ line 4: another history than \S+$/)])
  })

  test('merge takes the longest where all others are a part of it, for the owner’s eyes alone', async () => {
    const file = await write(folder, ['a', 'b', 'c'])
    const out = join(data, 'merged.jsonl')
    expect((await journal('merge', await continued(file, 2, []), file, '--out', out)).code).toBe(0)
    expect(await readFile(out, 'utf8')).toBe(await readFile(file, 'utf8'))
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    const again = await journal('merge', file, '--out', out)
    expect([again.code, again.problems]).toEqual([66, expect.stringContaining('EEXIST')])
  })

  test('merge refuses two histories, unless it is told to keep what both ended', async () => {
    const file = await write(folder, ['a', 'b', 'c'])
    const fork = await continued(file, 2, ['x', 'y'])
    const same = await continued(file, 2, ['x'])
    const out = join(data, 'merged.jsonl')
    const refused = await journal('merge', file, fork, '--out', out)
    expect([refused.code, refused.problems]).toEqual([
      1,
      expect.stringMatching(/mcp-1\.jsonl has another history than \S+ from record 3 on\. --union/),
    ])
    await expect(stat(out)).rejects.toThrow('ENOENT')
    const merged = await journal('merge', file, fork, same, '--union', '--out', out)
    expect(merged).toMatchObject({ code: 0, said: expect.stringContaining('6 records of mcp-1') })
    expect(await subsIn(out)).toEqual(['a', 'b', 'c', 'x', 'y'])
    expect((await readFile(out, 'utf8')).startsWith(await readFile(file, 'utf8'))).toBe(true)
    expect((await journal('verify', out, file)).code).toBe(0)
  })

  test('merge refuses journals of two writers and one that does not hold', async () => {
    const file = await write(folder, ['a'])
    const other = await write(folder, ['a'], 'mcp-2')
    const out = join(data, 'merged.jsonl')
    expect((await journal('merge', file, other, '--out', out)).problems).toMatch(
      /is the journal of mcp-\d, not of mcp-\d\.$/,
    )
    await appendFile(other, 'x\n')
    expect(await journal('merge', other, '--out', out)).toMatchObject({
      code: 1,
      problems: expect.stringContaining('mcp-2.jsonl:3: not a record'),
    })
  })

  test('wrong usage is 64, no journal 66', async () => {
    expect((await journal('verify')).code).toBe(66)
    expect((await journal('verify', join(data, 'none.jsonl'))).code).toBe(66)
    for (const args of [[], ['toString'], ['merge', 'x'], ['verify', '--out', 'x'], ['verify', '--what']])
      expect((await journal(...args)).code).toBe(64)
  })
})
