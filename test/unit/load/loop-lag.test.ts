import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LoopLag } from '../../../src/kernel/load/loop-lag.ts'

const block = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('lateness counts once it lasts; one long task does not, however long it was', async () => {
  const lag = new LoopLag(100)
  await sleep(250)
  block(600)
  await sleep(20)
  expect(lag.ms()).toBeLessThan(100)
  for (let turn = 0; turn < 4; turn += 1) {
    block(250)
    await sleep(0)
  }
  expect(lag.ms()).toBeGreaterThan(100)
  await lag.close()
})
