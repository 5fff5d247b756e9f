import { Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { DURATION_BUCKETS_S, Durations } from '../../../src/kernel/durations.ts'

const NAMED = { name: 'taken_seconds', help: 'How long it took.' }
/** On a bound, beside it, below all and above all. */
const SECONDS = [0, 0.0001, 0.00010001, 0.003, 0.01, 0.05, 0.0500001, 1, 29.99, 30, 30.01, 4_000]

function both(labelNames: string[]) {
  const [own, theirs] = [new Registry(), new Registry()]
  const buckets = [...DURATION_BUCKETS_S]
  return {
    own: new Durations({ ...NAMED, labelNames }, own),
    theirs: new Histogram({ ...NAMED, labelNames, buckets, registers: [theirs] }),
    texts: async () => [await own.metrics(), await theirs.metrics()] as const,
  }
}

test('reads as a histogram of prom-client reads, before anything was observed and after', async () => {
  const { own, theirs, texts } = both([])
  const [before, same] = await texts()
  expect(before).toBe(same)
  expect(before).toContain('taken_seconds_count 0')
  for (const seconds of SECONDS) {
    own.observe(seconds)
    theirs.observe(seconds)
  }
  const [after, sameAfter] = await texts()
  expect(after).toBe(sameAfter)
  expect(after).toContain('taken_seconds_bucket{le="0.05"} 6')
  expect(after).toContain(`taken_seconds_count ${SECONDS.length}`)
})

test('each of its members by itself, in the order in which they were first seen', async () => {
  const { own, theirs, texts } = both(['stage', 'outcome'])
  const [before, same] = await texts()
  expect(before).toBe(same)
  const stages = [
    ['identify', 'ok'],
    ['admit', 'ok'],
    ['identify', 'refused'],
  ] as const
  for (const [at, seconds] of SECONDS.entries()) {
    const labels = stages[at % stages.length] ?? stages[0]
    own.labels(...labels).observe(seconds)
    theirs.labels(...labels).observe(seconds)
  }
  const [after, sameAfter] = await texts()
  expect(after).toBe(sameAfter)
  expect(after).toContain('taken_seconds_count{stage="admit",outcome="ok"} 4')
})

test('a member is named by all of its labels', () => {
  const { own } = both(['stage'])
  expect(() => own.labels()).toThrow('taken_seconds has 1 labels, not 0')
  expect(() => own.labels('admit', 'ok')).toThrow('taken_seconds has 1 labels, not 2')
  expect(() => own.observe(1)).toThrow(RangeError)
})

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is no time, here and there', async (seconds) => {
  const { own, theirs, texts } = both([])
  expect(() => own.observe(seconds)).toThrow(TypeError)
  expect(() => theirs.observe(seconds)).toThrow(TypeError)
  const [after, same] = await texts()
  expect(after).toBe(same)
})

test('no second one of the same name', () => {
  const registry = new Registry()
  const one = new Durations({ ...NAMED, labelNames: [] }, registry)
  expect(() => new Durations({ ...NAMED, labelNames: [] }, registry)).toThrow('already been registered')
  one.observe(1)
})
