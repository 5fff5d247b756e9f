import { describe, expect, test } from 'vitest'
import { Bulkhead, type Urgency } from '../../../src/maximo/http/bulkhead.ts'
import { CallEnd } from '../../../src/maximo/http/call-end.ts'
import { Rest } from '../../../src/maximo/http/rest.ts'
import { MaximoFault } from '../../../src/maximo/fault.ts'
import { manualClock } from '../../support/clock.ts'

/** A full bulkhead: 16 calls run until they are told to end. */
function full() {
  const bulkhead = new Bulkhead()
  const running: (() => void)[] = []
  const begun: string[] = []
  const start = (name: string, urgency: Urgency, end = new CallEnd()) =>
    bulkhead.run(
      () =>
        new Promise<string>((resolve) => {
          begun.push(name)
          running.push(() => resolve(name))
        }),
      end,
      urgency,
    )
  const first = Array.from({ length: 16 }, (_, at) => start(`first-${at}`, 'batch'))
  const finishOne = async () => {
    running.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { start, first, begun, finishOne }
}
const outcome = (call: Promise<string>) =>
  call.then(
    () => 'done',
    (error: unknown) => (error as MaximoFault).detail,
  )

describe('the bulkhead of an environment', () => {
  test('lets people go before programs and programs before batches, each in their order', async () => {
    const { start, begun, finishOne } = full()
    for (const [name, urgency] of [
      ['report', 'batch'],
      ['sync-1', 'program'],
      ['person-1', 'person'],
      ['sync-2', 'program'],
      ['person-2', 'person'],
    ] as const)
      void start(name, urgency)
    for (let at = 0; at < 5; at += 1) await finishOne()
    expect(begun.slice(16)).toEqual(['person-1', 'person-2', 'sync-1', 'sync-2', 'report'])
  })

  test('gives a person the place of the newest batch where the queue is full', async () => {
    const { start, begun, finishOne } = full()
    const reports = Array.from({ length: 32 }, (_, at) => start(`report-${at}`, 'batch'))
    const person = start('person', 'person')
    expect(await outcome(reports[31]!)).toBe('queue_full')
    await finishOne()
    expect(begun.at(-1)).toBe('person')
    await finishOne()
    expect(begun.at(-1)).toBe('report-0')
    void person
  })

  test('refuses a batch, and a person among people, where the queue is full', async () => {
    const { start } = full()
    for (let at = 0; at < 32; at += 1) void start(`person-${at}`, 'person')
    expect(await outcome(start('late', 'person'))).toBe('queue_full')
    expect(await outcome(start('report', 'batch'))).toBe('queue_full')
  })

  test('forgets who gives up, and never runs him', async () => {
    const { start, begun, finishOne } = full()
    const end = new CallEnd()
    const gone = start('gone', 'person', end)
    void start('stays', 'person')
    end.end(new MaximoFault('timeout', { detail: 'whole' }))
    expect(await outcome(gone)).toBe('whole')
    await finishOne()
    expect(begun.slice(16)).toEqual(['stays'])
  })

  test('has all its slots again after calls that failed', async () => {
    const bulkhead = new Bulkhead()
    for (let at = 0; at < 40; at += 1)
      await bulkhead
        .run(() => Promise.reject(new Error('no')), new CallEnd(), 'person')
        .catch(() => undefined)
    expect(await bulkhead.run(() => Promise.resolve('yes'), new CallEnd(), 'batch')).toBe('yes')
  })
})

describe('an environment that said when to come back', () => {
  const told = (httpStatus: number, retryAfterSeconds?: number) =>
    new MaximoFault('rate_limited', {
      httpStatus,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    })

  test.each([
    [429, 3, 2_999, 3_001],
    [503, 600, 9_999, 10_001],
  ])('%d with %d s is left alone until then, for ten seconds at most', (status, seconds, stillMs, overMs) => {
    const clock = manualClock()
    const rest = new Rest(clock)
    rest.learn(told(status, seconds))
    clock.advance(stillMs)
    expect(() => rest.throwIfResting()).toThrow(
      expect.objectContaining({ detail: 'resting', retryAfterSeconds: 1 }),
    )
    clock.advance(overMs - stillMs)
    rest.throwIfResting()
  })

  test.each([
    ['no time', told(429)],
    ['another status', told(500, 9)],
    ['our own queue', new MaximoFault('rate_limited', { detail: 'queue_full', retryAfterSeconds: 1 })],
    ['no fault of Maximo', new Error('bug')],
  ])('%s says nothing of the kind', (_name, error) => {
    const rest = new Rest(manualClock())
    rest.learn(error)
    rest.throwIfResting()
  })
})
