import { describe, expect, test } from 'vitest'
import { MaximoFault } from '../../../src/maximo/fault.ts'
import { retryDelayMs } from '../../../src/maximo/http/retry.ts'

const busy = (retryAfterSeconds: number) => new MaximoFault('rate_limited', { retryAfterSeconds })
const down = new MaximoFault('unavailable', { httpStatus: 503 })

describe('the wait before a read is asked again', () => {
  test.each([
    ['any time up to 200 ms the first time', down, 0, [0, 100, 200]],
    ['twice that the second time', down, 1, [0, 200, 400]],
    ['never a third time', down, 2, [null, null, null]],
    ['at least what Maximo says, and not for all at once', busy(3), 0, [3000, 3100, 3200]],
    ['the same the second time', busy(3), 1, [3000, 3100, 3200]],
    ['ten seconds at most', busy(10), 0, [10_000, 10_100, 10_200]],
    ['nothing for a longer one: that is left to the caller', busy(11), 0, [null, null, null]],
  ] as const)('is %s', (_name, fault, retries, waits) => {
    expect([0, 0.5, 1].map((random) => retryDelayMs(fault, retries, () => random))).toEqual(waits)
  })

  test('is by chance where nobody chooses', () => {
    const waits = Array.from({ length: 50 }, () => retryDelayMs(down, 1))
    expect(new Set(waits).size).toBeGreaterThan(25)
    expect(waits.every((wait) => wait !== null && wait >= 0 && wait < 400)).toBe(true)
  })

  test.each([
    ['another end of the connection', new MaximoFault('unreachable', { detail: 'dns' })],
    ['a queue of ours', new MaximoFault('rate_limited', { detail: 'queue_full' })],
    ['an error of our own', new Error('reset')],
  ])('is none for %s', (_name, error) => {
    expect(retryDelayMs(error, 0, () => 0.5)).toBeNull()
  })
})
