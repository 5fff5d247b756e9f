import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BrokenChain } from '../../../src/kernel/broken-chain.ts'
import { type ChainedFile, openChainedFile } from '../../../src/kernel/chained-file.ts'
import { type ChainedLine, hashOfLine, nextLine } from '../../../src/kernel/chain-link.ts'
import { DiskUnavailable } from '../../../src/kernel/disk.ts'
import { FileInUse } from '../../../src/kernel/file-lock.ts'
import { faultyDisk } from '../../support/store/disk.ts'
import { scratchFolder } from '../../support/folder.ts'

const GENESIS = 'test'

const openIn = (folder: string, options = {}): Promise<ChainedFile> =>
  openChainedFile({ path: join(folder, 'chain.jsonl'), genesis: GENESIS, ...options })

async function linesOf(file: ChainedFile, from?: number): Promise<ChainedLine[]> {
  const lines: ChainedLine[] = []
  for await (const line of file.lines(from)) lines.push(line)
  return lines
}

/** A closed file of `count` records in a fresh folder. */
async function written(count: number): Promise<{ folder: string; path: string; bytes: Buffer }> {
  const folder = await scratchFolder()
  const file = await openIn(folder)
  await Promise.all(
    Array.from({ length: count }, (_, at) => file.append(JSON.stringify({ value: `v${at + 1}` }))),
  )
  await file.close()
  return { folder, path: file.path, bytes: await readFile(file.path) }
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

describe('the format', () => {
  test('is a JSON line with its number first and the hash over the line before last', async () => {
    const folder = await scratchFolder()
    const file = await openIn(folder)
    const first = await file.append('{"a":"ä"}')
    const second = await file.append('{"b":2}')
    await file.close()

    const sha = (text: string): string => createHash('sha256').update(text).digest('base64url')
    const firstHash = sha(`${GENESIS}{"n":1,"a":"ä"}`)
    const secondHash = sha(`${firstHash}{"n":2,"b":2}`)
    expect(await readFile(file.path, 'utf8')).toBe(
      `{"n":1,"a":"ä","h":"${firstHash}"}\n{"n":2,"b":2,"h":"${secondHash}"}\n`,
    )
    expect(first).toEqual({ n: 1, hash: firstHash, text: `{"n":1,"a":"ä","h":"${firstHash}"}` })
    expect(second).toMatchObject({ n: 2, hash: secondHash })
  })

  test('lets only the owner in, also where file and folder were open before', async () => {
    const folder = join(await scratchFolder(), 'deep', 'journal')
    const file = await openIn(folder)
    await file.close()
    expect([await modeOf(folder), await modeOf(file.path)]).toEqual([0o700, 0o600])

    await chmod(folder, 0o755)
    await chmod(file.path, 0o644)
    await (await openIn(folder)).close()
    expect([await modeOf(folder), await modeOf(file.path)]).toEqual([0o700, 0o600])
  })

  test('is not written through a symbolic link', async () => {
    const folder = await scratchFolder()
    await writeFile(join(folder, 'elsewhere'), '')
    await symlink(join(folder, 'elsewhere'), join(folder, 'chain.jsonl'))
    await expect(openIn(folder)).rejects.toMatchObject({ code: 'ELOOP' })
  })
})

describe('appending', () => {
  test('what one turn brings, or arrives during a flush, is flushed together, in the order of the calls', async () => {
    const disk = faultyDisk()
    const file = await openIn(await scratchFolder(), { disk })
    const append = (at: number): Promise<ChainedLine> => file.append(`{"at":${at}}`)
    const first = Array.from({ length: 200 }, (_, at) => append(at))
    await endOfTurn()
    const appended = await Promise.all([
      ...first,
      ...Array.from({ length: 200 }, (_, at) => append(200 + at)),
    ])
    expect(appended.map(({ n }) => n)).toEqual(Array.from({ length: 400 }, (_, at) => at + 1))
    expect(disk.groups()).toBe(2)
    expect(file.last).toEqual({ n: 400, hash: appended.at(-1)?.hash })
    await file.close()
  })

  test('a record longer than the file takes is refused, and the chain goes on', async () => {
    const file = await openIn(await scratchFolder())
    await expect(file.append(`{"a":"${'x'.repeat(400_000)}"}`)).rejects.toBeInstanceOf(RangeError)
    expect(await file.append(`{"a":"${'x'.repeat(300_000)}"}`)).toMatchObject({ n: 1 })
    await file.close()
  })

  test('closing writes what is pending; after it nothing is taken', async () => {
    const folder = await scratchFolder()
    const file = await openIn(folder)
    const pending = Array.from({ length: 50 }, (_, at) => file.append(`{"at":${at}}`))
    await file.close()
    await file.close()
    expect(await Promise.all(pending)).toHaveLength(50)
    await expect(file.append('{"late":1}')).rejects.toBeInstanceOf(DiskUnavailable)
    const again = await openIn(folder)
    expect(again.last.n).toBe(50)
    await again.close()
  })
})

describe('reading back', () => {
  test('gives the lines from any number on, and none beyond the last', async () => {
    const { folder } = await written(600)
    const file = await openIn(folder)
    const all = await linesOf(file)
    expect(all).toHaveLength(600)
    expect(all[299]).toMatchObject({ n: 300, text: expect.stringContaining('"v300"') })
    for (const from of [1, 2, 256, 257, 258, 512, 513, 599, 600]) {
      expect(await linesOf(file, from)).toEqual(all.slice(from - 1))
    }
    expect(await linesOf(file, 601)).toEqual([])
    expect(await linesOf(file, 5_000)).toEqual([])
    await file.close()
  })

  test('sees what was appended since, also beyond the index made at open', async () => {
    const { folder } = await written(200)
    const file = await openIn(folder)
    const more = await Promise.all(Array.from({ length: 400 }, (_, at) => file.append(`{"more":"ä${at}"}`)))
    expect((await linesOf(file, 514)).map(({ hash }) => hash)).toEqual(
      more.slice(313).map(({ hash }) => hash),
    )
    await file.close()
  })

  test('can be left early while others append', async () => {
    const { folder } = await written(300)
    const file = await openIn(folder)
    for await (const line of file.lines()) if (line.n === 3) break
    expect(await file.append('{"a":1}')).toMatchObject({ n: 301 })
    expect(await linesOf(file, 300)).toHaveLength(2)
    await file.close()
  })
})

describe('opening', () => {
  test('goes on where it ended, and shows every line to who asks', async () => {
    const { folder } = await written(3)
    const seen: number[] = []
    const file = await openIn(folder, { onLine: ({ n }: ChainedLine) => seen.push(n) })
    expect(seen).toEqual([1, 2, 3])
    expect(file.tornBytes).toBe(0)
    expect(await file.append('{"a":1}')).toMatchObject({ n: 4 })
    await file.close()
    await (await openIn(folder)).close()
  })

  test('cuts a half-written last line wherever it ends, and reports it', async () => {
    const { folder, path, bytes } = await written(3)
    const lastStart = bytes.lastIndexOf('\n', bytes.length - 2) + 1
    for (const end of [lastStart + 1, lastStart + 20, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, end))
      const file = await openIn(folder)
      expect(file.tornBytes).toBe(end - lastStart)
      expect(file.last.n).toBe(2)
      expect(await readFile(path)).toEqual(bytes.subarray(0, lastStart))
      expect(await file.append('{"value":"v3"}')).toMatchObject({ n: 3 })
      await file.close()
      expect(await readFile(path)).toEqual(bytes)
    }
  })

  test('refuses a chain with any one byte changed, naming file and line', async () => {
    const { folder, path, bytes } = await written(6)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 2), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ change
        await writeFile(path, changed)
        const line = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1
        const error: unknown = await openIn(folder).then(
          (file) => file.close().then(() => file),
          (reason: unknown) => reason,
        )
        expect(error).toBeInstanceOf(BrokenChain)
        expect(error).toMatchObject({ file: path, line })
      }),
      { numRuns: 150 },
    )
  })

  test.each([
    ['a line removed', (lines: string[]) => lines.toSpliced(2, 1), 3],
    ['two lines swapped', (lines: string[]) => lines.toSpliced(2, 2, lines[3] ?? '', lines[2] ?? ''), 3],
    ['a line twice', (lines: string[]) => lines.toSpliced(2, 0, lines[1] ?? ''), 3],
    ['an empty line', (lines: string[]) => lines.toSpliced(1, 0, ''), 2],
    ['a line of another kind', (lines: string[]) => [...lines, '{"n":6}'], 6],
  ])('refuses %s', async (_what, bend, line) => {
    const { folder, path, bytes } = await written(5)
    const lines = bytes.toString().trimEnd().split('\n')
    await writeFile(path, `${bend(lines).join('\n')}\n`)
    await expect(openIn(folder)).rejects.toMatchObject({ name: 'BrokenChain', line })
  })

  test('refuses a line whose number is not its place, though its hash follows', async () => {
    const { folder, path, bytes } = await written(2)
    const second = bytes.toString().split('\n')[1] ?? ''
    const forged = nextLine({ n: 4, hash: hashOfLine(second) }, '{"value":"x"}')
    await appendFile(path, `${forged.text}\n`)
    await expect(openIn(folder)).rejects.toMatchObject({ name: 'BrokenChain', line: 3 })
    await writeFile(
      path,
      `${bytes.toString()}${nextLine({ n: 2, hash: hashOfLine(second) }, '{"value":"x"}').text}\n`,
    )
    await (await openIn(folder)).close()
  })

  test('refuses a file that was begun under another name', async () => {
    const { folder } = await written(2)
    await expect(openIn(folder, { genesis: 'other' })).rejects.toMatchObject({ name: 'BrokenChain', line: 1 })
  })

  test('refuses a tail longer than any line', async () => {
    const { folder, path } = await written(1)
    await appendFile(path, Buffer.alloc(2 * 1024 * 1024, 0x61))
    await expect(openIn(folder)).rejects.toMatchObject({ name: 'BrokenChain', line: 2 })
  })

  test('reads lines that cross the reader’s chunks', async () => {
    const folder = await scratchFolder()
    const file = await openIn(folder)
    const long = Array.from({ length: 12 }, (_, at) => `{"at":${at},"fill":"${'ä'.repeat(20_000)}"}`)
    await Promise.all(long.map((body) => file.append(body)))
    await file.close()
    const again = await openIn(folder)
    expect((await linesOf(again)).map(({ text }) => text.length)).toHaveLength(12)
    expect(again.last.n).toBe(12)
    await again.close()
  })
})

describe('a disk that fails', () => {
  test.each(['ENOSPC', 'EIO', 'EROFS'])(
    '%s refuses the record, and the next one follows the last good',
    async (code) => {
      const disk = faultyDisk()
      const folder = await scratchFolder()
      const file = await openIn(folder, { disk })
      await file.append('{"good":1}')

      disk.failWith(code, 30)
      const refused = await Promise.allSettled([file.append('{"lost":1}'), file.append('{"lost":2}')])
      for (const outcome of refused) {
        expect(outcome).toMatchObject({
          reason: { name: 'DiskUnavailable', message: expect.stringContaining(code) },
        })
      }
      expect(file.last.n).toBe(1)

      disk.failWith(null)
      expect(await file.append('{"good":2}')).toMatchObject({ n: 2 })
      await file.close()
      const again = await openIn(folder)
      expect((await linesOf(again)).map(({ text }) => text)).toEqual([
        expect.stringContaining('"good":1'),
        expect.stringContaining('"good":2'),
      ])
      await again.close()
    },
  )

  test('that cannot even cut what it wrote is not written on until it can', async () => {
    const disk = faultyDisk()
    const folder = await scratchFolder()
    const file = await openIn(folder, { disk })
    await file.append('{"good":1}')
    disk.failWith('EIO', 10)
    disk.failTruncate(true)
    await expect(file.append('{"lost":1}')).rejects.toBeInstanceOf(DiskUnavailable)
    disk.failWith(null)
    await expect(file.append('{"lost":2}')).rejects.toBeInstanceOf(DiskUnavailable)
    disk.failTruncate(false)
    expect(await file.append('{"good":2}')).toMatchObject({ n: 2 })
    await file.close()
    await (await openIn(folder)).close()
  })

  test('leaves nothing of a refused record behind, even when nothing follows', async () => {
    const disk = faultyDisk()
    const folder = await scratchFolder()
    const file = await openIn(folder, { disk })
    await file.append('{"good":1}')
    const before = await readFile(file.path)
    disk.failWith('EIO', 1_000)
    await expect(file.append('{"lost":1}')).rejects.toBeInstanceOf(DiskUnavailable)
    expect(await readFile(file.path)).toEqual(before)
    await file.close()
  })
})

describe('one process at a time', () => {
  test('a second opening in this process is refused until the first is closed', async () => {
    const folder = await scratchFolder()
    const file = await openIn(folder)
    await expect(openIn(folder)).rejects.toBeInstanceOf(FileInUse)
    await file.close()
    await (await openIn(folder)).close()
  })

  test('the lock of a living process holds, that of a dead or another one under its number does not', async () => {
    const folder = await scratchFolder()
    await mkdir(folder, { recursive: true })
    const lock = join(folder, 'chain.jsonl.lock')
    const parentStart = (await readFile(`/proc/${process.ppid}/stat`, 'utf8').catch(() => ''))
      .split(') ')[1]
      ?.split(' ')[19]

    await writeFile(lock, `${process.ppid} ${parentStart ?? ''}`)
    await expect(openIn(folder)).rejects.toMatchObject({
      name: 'FileInUse',
      message: expect.stringContaining(String(process.ppid)),
    })

    for (const stale of ['4194300 1', `${process.ppid} 1`, '', 'nonsense']) {
      await writeFile(lock, stale)
      const file = await openIn(folder)
      await file.close()
    }
  })

  test('a chain that is refused gives its lock back', async () => {
    const { folder, path, bytes } = await written(2)
    await writeFile(path, Buffer.concat([Buffer.from('x'), bytes]))
    await expect(openIn(folder)).rejects.toBeInstanceOf(BrokenChain)
    await writeFile(path, bytes)
    await (await openIn(folder)).close()
  })
})

describe('a process that is killed', () => {
  /** Appends without end, sixteen at a time, and prints the number of each record once it was acknowledged. */
  const APPENDER = `
    import { writeSync } from 'node:fs'
    const { openChainedFile } = await import(process.argv[1])
    const file = await openChainedFile({ path: process.argv[2], genesis: '${GENESIS}' })
    const work = async () => {
      for (;;) writeSync(1, (await file.append('{"value":"x"}')).n + '\\n')
    }
    for (let worker = 0; worker < 16; worker += 1) void work()
  `
  const BUILT = new URL('../../../dist/kernel/chained-file.js', import.meta.url).href

  /** Kills an appender once it has acknowledged so many records. Returns the highest number it acknowledged. */
  async function killAfter(path: string, records: number): Promise<number> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', APPENDER, BUILT, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    let seen = 0
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      seen += chunk.filter((byte) => byte === 0x0a).length
      if (seen >= records) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const whole = text.slice(0, text.lastIndexOf('\n'))
    return Math.max(...whole.split('\n').map(Number))
  }

  test('loses nothing that it acknowledged, and its successor goes on', async () => {
    const folder = await scratchFolder()
    const path = join(folder, 'chain.jsonl')
    let before = 0
    for (const records of [1, 37, 200, 411]) {
      const acknowledged = await killAfter(path, records)
      expect(acknowledged).toBeGreaterThan(before)
      const file = await openIn(folder)
      expect(file.last.n).toBeGreaterThanOrEqual(acknowledged)
      expect(await linesOf(file)).toHaveLength(file.last.n)
      before = file.last.n
      await file.close()
    }
  })
})
