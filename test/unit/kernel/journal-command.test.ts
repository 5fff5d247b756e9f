import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
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

  test('compact leaves out what is of no consequence, of a copy once its writer has; the others read on', async () => {
    const file = await write(folder, ['a', 'a', 'a', 'b', 'a'])
    const before = await continued(file, 6, [])
    const copy = await write(folder, ['c', 'c', 'c'], 'mcp-2')
    const { code, said } = await journal('compact')
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(
        /mcp-1\.jsonl: \d{4} bytes before, \d{3,4} now\n\S+mcp-2\.jsonl: (\d+) bytes before, \1 now$/,
      ),
    ])
    expect(await subsIn(file)).toEqual(['b', 'a'])
    expect(await subsIn(copy)).toEqual(['c', 'c', 'c'])
    const verified = await journal('verify', file, before)
    expect([verified.code, verified.problems]).toEqual([0, ''])
    expect(verified.said).toMatch(
      /^OK {2}\S+: 7 records of mcp-1 up to [\w-]{43}, of which 4 were left out$/m,
    )
    expect((await journal('inspect', file)).said).toMatch(/\n {11}2 {2}revocation.made$/)
    const out = join(data, 'merged.jsonl')
    expect((await journal('merge', before, file, '--out', out)).said).toMatch(
      /: 7 records of mcp-1, those of \S+ and 0 of/,
    )
    expect(await readFile(out, 'utf8')).toBe(await readFile(file, 'utf8'))
    expect((await journal('compact', file)).code).toBe(64)
  })

  test('verify refuses a compacted journal of which something else is left, merge finds a fork behind it', async () => {
    const file = await write(folder, ['a', 'a', 'a', 'a', 'b'])
    const fork = await continued(file, 2, ['x'])
    await journal('compact')
    const lines = (await readFile(file, 'utf8')).split('\n')
    const out = join(data, 'merged.jsonl')
    expect((await journal('merge', file, fork, '--out', out)).problems).toBe('')
    expect((await readFile(out, 'utf8')).split('\n')).toEqual(lines)
    const later = await continued(file, 4, ['y'])
    await write(folder, ['z'])
    const merged = join(data, 'both.jsonl')
    expect((await journal('merge', later, file, '--out', merged)).problems).toMatch(
      /another history .* from record 8 on/,
    )
    expect((await journal('merge', later, file, '--union', '--out', merged)).code).toBe(0)
    expect(await subsIn(merged)).toEqual(['a', 'b', 'y', 'z'])
    expect((await journal('verify', merged)).code).toBe(0)
    await writeFile(file, lines.filter((line) => !line.includes('compacted')).join('\n'))
    expect((await journal('verify', file)).problems).toMatch(
      /^BAD \S+: records are missing, and what is left/,
    )
    await rm(file)
    await writeFile(file, (await readFile(out, 'utf8')).replace('{"n":4,"from":1', '{"n":4,"from":2'))
    expect((await journal('verify', file)).problems).toMatch(/line 1: not record 1 of the chain/)
  })

  test('wrong usage is 64, no journal 66', async () => {
    expect((await journal('verify')).code).toBe(66)
    expect((await journal('verify', join(data, 'none.jsonl'))).code).toBe(66)
    for (const args of [[], ['toString'], ['merge', 'x'], ['verify', '--out', 'x'], ['verify', '--what']])
      expect((await journal(...args)).code).toBe(64)
  })
})
