import { describe, expect, test } from 'vitest'
import { LineIndex } from '../../../src/kernel/line-index.ts'

const LINE_BYTES = 10

/** Adds so many lines that stand for one record each. */
function addLines(index: LineIndex, count: number, { n = 1, at = 0 } = {}): LineIndex {
  for (let line = 0; line < count; line += 1) index.add(n + line, at + line * LINE_BYTES)
  return index
}

describe('where a line begins', () => {
  test('is not known of any in an empty file', () => {
    expect(new LineIndex().before(1)).toBeNull()
  })

  test.each([
    [0, 1],
    [1, 1],
    [256, 1],
    [257, 257],
    [258, 257],
    [512, 257],
    [513, 513],
    [768, 513],
    [769, 769],
    [1_024, 769],
    [9_999, 769],
  ])('to come to record %i, one begins to read at %i', (asked, n) => {
    expect(addLines(new LineIndex(), 1_000).before(asked)).toEqual({ n, at: (n - 1) * LINE_BYTES })
  })

  test('is found where the first line stands for several records', () => {
    const index = addLines(new LineIndex(), 1, { n: 1 })
    addLines(index, 299, { n: 41, at: LINE_BYTES })
    expect([index.before(40), index.before(295), index.before(296)]).toEqual([
      { n: 1, at: 0 },
      { n: 1, at: 0 },
      { n: 296, at: 256 * LINE_BYTES },
    ])
  })
})

test('a file whose head was rewritten is read from the same lines behind it, where they lie now', () => {
  const before = addLines(new LineIndex(), 600)
  // The first 256 lines became one, of half as many bytes as each of them.
  const after = new LineIndex()
  after.add(1, 0)
  const tailAt = 256 * LINE_BYTES
  after.continueWith(before, tailAt, 5 - tailAt)
  expect([after.before(256), after.before(257), after.before(513)]).toEqual([
    { n: 1, at: 0 },
    { n: 257, at: 5 },
    { n: 513, at: 5 + 256 * LINE_BYTES },
  ])
  // It goes on where the lines before were counted to.
  addLines(after, 200, { n: 601, at: 5 + 344 * LINE_BYTES })
  expect([after.before(768), after.before(800)]).toEqual([
    { n: 513, at: 5 + 256 * LINE_BYTES },
    { n: 769, at: 5 + 512 * LINE_BYTES },
  ])
})
