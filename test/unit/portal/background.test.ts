import { expect, test } from 'vitest'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { repeat } from '../../../src/portal/background.ts'
import { captureLog } from '../../support/log.ts'

test('runs at once and again, one at a time, and goes on after a failure', async () => {
  const { log, events } = captureLog()
  let running = 0
  let runs = 0
  const job = repeat({
    name: 'job',
    everyMs: 1,
    log,
    work: async () => {
      running += 1
      expect(running).toBe(1)
      await Promise.resolve()
      running -= 1
      runs += 1
      if (runs === 1) throw new StoreUnavailable('silent')
      if (runs === 2) throw new Error('a bug')
    },
  })
  await expect.poll(() => runs).toBeGreaterThan(4)
  await job.close()
  const after = runs
  await new Promise((resolve) => setImmediate(resolve))
  expect(runs).toBe(after)
  expect(events().map(({ msg, level }) => [msg, level])).toEqual([
    ['job could not run', 40],
    ['job failed', 50],
  ])
})

test('closing waits for the run that is under way', async () => {
  let finish: () => void = () => undefined
  let isDone = false
  const job = repeat({
    name: 'job',
    everyMs: 60_000,
    log: captureLog().log,
    work: async () => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      isDone = true
    },
  })
  const closing = job.close()
  finish()
  await closing
  expect(isDone).toBe(true)
})
