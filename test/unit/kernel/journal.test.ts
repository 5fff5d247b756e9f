import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DiskUnavailable } from '../../../src/kernel/disk.ts'
import { type Journal, type JournalEntry, openJournal } from '../../../src/kernel/journal.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { manualClock } from '../../support/clock.ts'
import { faultyDisk } from '../../support/store/disk.ts'
import { scratchFolder } from '../../support/folder.ts'

const open = (folder: string, writer = 'mcp-1'): Promise<Journal> =>
  openJournal({ folder, writer, clock: manualClock() })

async function entriesOf(journal: Journal, from?: number): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  for await (const entry of journal.entries(from)) entries.push(entry)
  return entries
}

describe('a journal', () => {
  test('writes number, writer, time, type, data and hash of each record as one line', async () => {
    const folder = await scratchFolder()
    const journal = await open(folder)
    const entry = await journal.append('grant.attested', { gid: 'g1', scopes: ['a', 'b'] })
    expect(entry).toEqual({
      seq: 1,
      writer: 'mcp-1',
      atMs: manualClock().nowMs(),
      type: 'grant.attested',
      data: { gid: 'g1', scopes: ['a', 'b'] },
      hash: expect.stringMatching(/^[\w-]{43}$/),
    })
    await journal.close()
    expect(await readFile(join(folder, 'mcp-1.jsonl'), 'utf8')).toBe(
      `{"n":1,"w":"mcp-1","t":${entry.atMs},"e":"grant.attested","d":{"gid":"g1","scopes":["a","b"]},"h":"${entry.hash}"}\n`,
    )
  })

  test('gives back what it was given, from any number on, also after a restart', async () => {
    const folder = await scratchFolder()
    const journal = await open(folder)
    const appended = await Promise.all(
      Array.from({ length: 30 }, (_, at) => journal.append('t', { at, text: 'ä"\n' })),
    )
    expect(journal.lastSeq).toBe(30)
    expect(await entriesOf(journal)).toEqual(appended)
    await journal.close()
    const again = await open(folder)
    expect(again.lastSeq).toBe(30)
    expect(await entriesOf(again, 28)).toEqual(appended.slice(27))
    expect(await again.append('t', {})).toMatchObject({ seq: 31 })
    await again.close()
  })

  test('an entry is what a replay would read, not what the caller held', async () => {
    const journal = await open(await scratchFolder())
    const entry = await journal.append('t', { gone: undefined, secret: new Secret('canary'), kept: null })
    expect(entry.data).toEqual({ secret: '[secret]', kept: null })
    expect(await entriesOf(journal)).toEqual([entry])
    await journal.close()
  })

  test('does not open under another writer’s name', async () => {
    const folder = await scratchFolder()
    const journal = await open(folder)
    await journal.append('t', {})
    await journal.close()
    await rename(join(folder, 'mcp-1.jsonl'), join(folder, 'mcp-2.jsonl'))
    await expect(open(folder, 'mcp-2')).rejects.toMatchObject({ name: 'BrokenChain', line: 1 })
  })

  test.each(['', '../up', 'a/b', '.hidden', 'x'.repeat(65)])(
    'takes no file name from a writer named %j',
    async (writer) => {
      await expect(open(await scratchFolder(), writer)).rejects.toThrow()
    },
  )

  test('refuses a record that the disk does not take', async () => {
    const disk = faultyDisk()
    const journal = await openJournal({
      folder: await scratchFolder(),
      writer: 'w',
      clock: manualClock(),
      disk,
    })
    disk.failWith('ENOSPC')
    await expect(journal.append('t', {})).rejects.toBeInstanceOf(DiskUnavailable)
    expect(journal.lastSeq).toBe(0)
    disk.failWith(null)
    expect(await journal.append('t', {})).toMatchObject({ seq: 1 })
    await journal.close()
  })
})
