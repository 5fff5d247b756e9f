import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AnswerDeadline, SILENT_TIMES } from '../../../src/kernel/answer-deadline.ts'
import { manualClock } from '../../support/clock.ts'

const AFTER_MS = 150
const TICK_MS = 10

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function setting() {
  const clock = manualClock()
  let silences = 0
  const deadline = new AnswerDeadline({
    ...{ clock, afterMs: AFTER_MS },
    error: () => new Error('too late'),
    onSilence: () => (silences += 1),
  })
  /** Lets the loop run for so long, or be held up in ticks of so long. */
  const pass = async (ms: number, tickMs = TICK_MS): Promise<void> => {
    for (let passed = 0; passed < ms; passed += tickMs) {
      clock.advance(tickMs)
      await vi.advanceTimersByTimeAsync(TICK_MS)
    }
  }
  const asked = (): { settle: (value: string) => void; outcome: () => string } => {
    let outcome = 'waits'
    let settle: (value: string) => void = () => undefined
    const call = new Promise<string>((resolve) => (settle = resolve))
    deadline.hold(call).then(
      (value) => (outcome = value),
      (error: unknown) => (outcome = error instanceof Error ? error.message : 'no error'),
    )
    return { settle, outcome: () => outcome }
  }
  return { deadline, pass, asked, silences: () => silences }
}

describe('a deadline for answers', () => {
  test('passes once the loop was free for so long', async () => {
    const { pass, asked } = setting()
    const call = asked()
    await pass(AFTER_MS - TICK_MS)
    expect(call.outcome()).toBe('waits')
    await pass(2 * TICK_MS)
    expect(call.outcome()).toBe('too late')
  })

  test('does not pass while the loop is held up, until it has by the wall several times over', async () => {
    const { pass, asked } = setting()
    const call = asked()
    await pass(AFTER_MS * (SILENT_TIMES - 1), 100)
    expect(call.outcome()).toBe('waits')
    await pass(AFTER_MS + 100, 100)
    expect(call.outcome()).toBe('too late')
  })

  test('is each call’s own, and an answer ends it', async () => {
    const { pass, asked } = setting()
    const first = asked()
    await pass(100)
    const second = asked()
    first.settle('in time')
    await pass(100)
    expect([first.outcome(), second.outcome()]).toEqual(['in time', 'waits'])
    await pass(100)
    expect(second.outcome()).toBe('too late')
  })

  test('passes on what the call itself fails with', async () => {
    const { deadline } = setting()
    await expect(deadline.hold(Promise.reject(new Error('its own')))).rejects.toThrow('its own')
  })

  test('after several of them without any answer the other side is gone, once', async () => {
    const { pass, asked, silences } = setting()
    asked()
    await pass(AFTER_MS * SILENT_TIMES - TICK_MS)
    expect(silences()).toBe(0)
    await pass(AFTER_MS * SILENT_TIMES)
    expect(silences()).toBe(1)
  })

  test('an answer that comes too late for its call still says that the other side is there', async () => {
    const { pass, asked, silences } = setting()
    const late = asked()
    await pass(AFTER_MS * 2)
    late.settle('late')
    await pass(AFTER_MS * SILENT_TIMES)
    expect([late.outcome(), silences()]).toEqual(['too late', 0])
  })

  test('a call that failed is answered: nobody waits for it, and the other side is there', async () => {
    const { deadline, pass, silences } = setting()
    await expect(deadline.hold(Promise.reject(new Error('its own')))).rejects.toThrow('its own')
    await pass(AFTER_MS * SILENT_TIMES * 2)
    expect([silences(), vi.getTimerCount()]).toEqual([0, 0])
  })

  test('an answer that is doubted once it is there is none, though somebody gave it', async () => {
    const { deadline, pass, silences } = setting()
    const doubts: (Error | null)[] = [new Error('of another one'), null]
    const doubt = (): Error | null => doubts.shift() ?? null
    await expect(deadline.hold(Promise.resolve('theirs'), doubt)).rejects.toThrow('of another one')
    await expect(deadline.hold(Promise.resolve('ours'), doubt)).resolves.toBe('ours')
    // What failed is not doubted besides.
    doubts.push(new Error('never asked'))
    await expect(deadline.hold(Promise.reject(new Error('its own')), doubt)).rejects.toThrow('its own')
    await pass(AFTER_MS * SILENT_TIMES * 2)
    expect([silences(), doubts.length]).toEqual([0, 1])
  })

  test('runs no timer while nobody waits', async () => {
    const { pass, asked } = setting()
    const call = asked()
    expect(vi.getTimerCount()).toBe(1)
    call.settle('done')
    await pass(2 * TICK_MS)
    expect(vi.getTimerCount()).toBe(0)
  })
})
