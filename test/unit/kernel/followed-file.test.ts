import { renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { type FileChange, FollowedFile } from '../../../src/kernel/followed-file.ts'
import { scratchFolder } from '../../support/folder.ts'

let folder: string
let path: string
let changes: FileChange[]
let failing: Error | null
beforeEach(async () => {
  folder = await scratchFolder()
  path = join(folder, 'numbers.json')
  changes = []
  failing = null
})

const follow = () =>
  new FollowedFile<number>({
    ...{ name: 'NUMBERS_FILE', path },
    parse: (text) => {
      if (text === null) throw new Error('cannot be read')
      const { n } = JSON.parse(text.trim()) as { n?: unknown }
      if (typeof n !== 'number') throw new Error('n: must be a number')
      return n
    },
    problemOf: (error) => (error as Error).message,
    record: (change) => {
      changes.push(change)
      return failing === null ? Promise.resolve() : Promise.reject(failing)
    },
  })
let ticks = 0
/** As somebody writes it at another moment. */
function write(text: string): void {
  writeFileSync(path, text)
  ticks += 1
  utimesSync(path, 1_700_000_000 + ticks, 1_700_000_000 + ticks)
}

test('what it says at first counts from the start; what cannot be used then is not begun with', () => {
  write('{"n":1}')
  expect(follow().value).toBe(1)
  write('{"n":"1"}')
  expect(follow).toThrow('n: must be a number')
  rmSync(path)
  expect(follow).toThrow('cannot be read')
})

test('a change counts once it was looked at, and is told once', async () => {
  write('{"n":1}')
  const file = follow()
  await file.look()
  expect([file.value, changes]).toEqual([1, []])
  write('{"n":2}')
  expect(file.value).toBe(1)
  await file.look()
  await file.look()
  expect([file.name, file.value, file.changes]).toEqual(['NUMBERS_FILE', 2, 1])
  expect(changes).toEqual([{ name: 'NUMBERS_FILE', problem: null, digest: expect.stringMatching(/^.{43}$/) }])
})

test('what cannot be used changes nothing, and stays a problem until it is mended', async () => {
  write('{"n":1}')
  const file = follow()
  write('{"n":')
  await file.look()
  await file.look()
  expect([file.value, file.changes, changes.length]).toEqual([1, 0, 1])
  expect(file.problem).toMatch(/JSON/)
  write('{"n":null}')
  await file.look()
  expect([file.value, file.problem]).toEqual([1, 'n: must be a number'])
  write('{"n":1}')
  await file.look()
  expect([file.value, file.problem]).toEqual([1, null])
  expect(changes.map(({ problem }) => problem === null)).toEqual([false, false, true])
})

test('a file that is gone is a problem, not an empty one; when it is back it counts', async () => {
  write('{"n":1}')
  const file = follow()
  rmSync(path)
  await file.look()
  await file.look()
  expect([file.value, file.problem]).toEqual([1, 'cannot be read'])
  expect(changes).toEqual([{ name: 'NUMBERS_FILE', problem: 'cannot be read', digest: null }])
  write('{"n":3}')
  await file.look()
  expect([file.value, file.problem]).toEqual([3, null])
})

test('what could not be recorded does not count, and is tried again', async () => {
  write('{"n":1}')
  const file = follow()
  write('{"n":2}')
  failing = new Error('the disk is full')
  await expect(file.look()).rejects.toThrow('the disk is full')
  expect([file.value, file.problem]).toEqual([1, null])
  failing = null
  await file.look()
  expect([file.value, changes.length]).toEqual([2, 2])
})

test('a folder that is swapped behind a link is a change; so is what only looks untouched, when urged', async () => {
  const [one, two, link] = ['one', 'two', 'link'].map((name) => join(folder, name))
  writeFileSync(one ?? '', '{"n":1}')
  writeFileSync(two ?? '', '{"n":2}')
  symlinkSync(one ?? '', link ?? '')
  path = link ?? ''
  const file = follow()
  await file.look()
  symlinkSync(two ?? '', join(folder, 'next'))
  renameSync(join(folder, 'next'), path)
  await file.look()
  expect(file.value).toBe(2)
  writeFileSync(two ?? '', '{"n":3}')
  utimesSync(two ?? '', 1_700_000_000, 1_700_000_000)
  await file.look()
  writeFileSync(two ?? '', '{"n":4}')
  utimesSync(two ?? '', 1_700_000_000, 1_700_000_000)
  await file.look()
  expect(file.value).toBe(3)
  await file.look(true)
  expect(file.value).toBe(4)
})

test('one look at a time: whoever asks meanwhile waits for the same', async () => {
  write('{"n":1}')
  const file = follow()
  write('{"n":2}')
  await Promise.all([file.look(), file.look(), file.look(true)])
  expect([file.value, changes.length]).toEqual([2, 1])
})
