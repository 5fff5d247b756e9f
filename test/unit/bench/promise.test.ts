import { describe, expect, test } from 'vitest'
import { openJudge } from '../../../src/dev/bench/promise.ts'

describe('a promise of the bench', () => {
  test.each([
    [3, { atLeast: 3 }, 0],
    [2.99, { atLeast: 3 }, 1],
    [0.05, { atMost: 0.05 }, 0],
    [0.0501, { atMost: 0.05 }, 1],
    [Number.NaN, { atLeast: 3 }, 1],
    [Number.NaN, { atMost: 1.1 }, 1],
  ])('%f against %j: exit code %i', (measured, promised, expected) => {
    const lines: string[] = []
    const { judge, exitCode } = openJudge((line) => lines.push(line))
    judge('this', measured, promised)
    expect(exitCode()).toBe(expected)
    expect(lines).toEqual([
      expect.stringMatching(/^this: (NaN|[\d.]+)× {2}\(promised: at (least|most) [\d.]+×/),
    ])
    expect(lines[0]?.endsWith('NOT HELD)')).toBe(expected === 1)
  })

  test('that was broken stays broken when the next one holds', () => {
    const { judge, exitCode } = openJudge(() => undefined)
    judge('one', 1, { atLeast: 2 })
    judge('two', 3, { atLeast: 2 })
    expect(exitCode()).toBe(1)
  })
})
