import { join } from 'node:path'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type ChainedFile, openChainedFile } from '../../../src/kernel/chained-file.ts'
import { scratchFolder } from '../../support/folder.ts'
import { faultyDisk, type FaultyDisk } from '../../support/store/disk.ts'

let disk: FaultyDisk
let file: ChainedFile
beforeEach(async () => {
  disk = faultyDisk()
  file = await openChainedFile({ path: join(await scratchFolder(), 'chain.jsonl'), genesis: 'test', disk })
  // Only what a crowd waits for: the device and the turns of the event loop go on.
  vi.useFakeTimers({ toFake: ['setTimeout'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await file.close()
})

const appendMany = (count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => file.append('{"a":1}')))

/** A group of so many, and one record that came while it was written. */
async function writtenBeside(count: number): Promise<{ readonly late: Promise<unknown> }> {
  const first = appendMany(count)
  await endOfTurn()
  const late = appendMany(1)
  await first
  return { late }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await endOfTurn()
}

test('behind a crowd a group stays open for a moment, and takes what comes in it', async () => {
  const { late } = await writtenBeside(8)
  await turns(50)
  expect(disk.groups()).toBe(1)
  const later = appendMany(3)
  await vi.advanceTimersByTimeAsync(2)
  await Promise.all([late, later])
  expect([disk.groups(), file.last.n]).toEqual([2, 12])
})

test('behind fewer nobody waits', async () => {
  const { late } = await writtenBeside(7)
  await late
  expect([disk.groups(), file.last.n]).toEqual([2, 8])
})

test('one who comes when the crowd is gone waits once, and nobody after', async () => {
  await appendMany(50)
  const one = appendMany(1)
  await turns(50)
  expect(disk.groups()).toBe(1)
  await vi.advanceTimersByTimeAsync(2)
  await one
  for (let at = 0; at < 3; at += 1) await appendMany(1)
  expect([disk.groups(), file.last.n]).toEqual([5, 54])
})

test('a group that is full waits for nobody', async () => {
  const first = appendMany(8)
  await endOfTurn()
  const full = appendMany(512)
  await Promise.all([first, full])
  expect([disk.groups(), file.last.n]).toEqual([2, 520])
  const one = appendMany(1)
  await vi.advanceTimersByTimeAsync(2)
  await one
})

test('closing waits for a group that is still open', async () => {
  const { late } = await writtenBeside(8)
  const closed = file.close()
  await vi.advanceTimersByTimeAsync(2)
  await Promise.all([late, closed])
  expect(file.last.n).toBe(9)
})
