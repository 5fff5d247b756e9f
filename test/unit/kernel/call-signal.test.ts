import { describe, expect, test, vi } from 'vitest'
import { abortSignalOf, CallController } from '../../../src/kernel/call-signal.ts'

/** Both must behave alike, as far as a call looks. */
const kinds = [
  ['ours', () => new CallController()],
  [
    'an AbortController',
    () => {
      const controller = new AbortController()
      return Object.assign(controller.signal, { abort: (reason: unknown) => controller.abort(reason) })
    },
  ],
] as const

describe.each(kinds)('the signal of a call: %s', (_name, make) => {
  test('tells each listener once, with the first reason', () => {
    const signal = make()
    const [listener, removed] = [vi.fn(), vi.fn()]
    signal.addEventListener('abort', listener)
    signal.addEventListener('abort', removed)
    signal.removeEventListener('abort', removed)
    expect([signal.aborted, signal.reason]).toEqual([false, undefined])
    signal.abort('first')
    signal.abort('second')
    expect([signal.aborted, signal.reason]).toEqual([true, 'first'])
    expect([listener.mock.calls.length, removed.mock.calls.length]).toEqual([1, 0])
  })

  test('who comes too late hears nothing', () => {
    const signal = make()
    const listener = vi.fn()
    signal.abort('over')
    signal.addEventListener('abort', listener)
    signal.abort('again')
    expect(listener).not.toHaveBeenCalled()
  })

  test('as a real AbortSignal it ends with it, before or after', () => {
    const [early, late] = [make(), make()]
    early.abort('before')
    expect(abortSignalOf(early).reason).toBe('before')
    const real = abortSignalOf(late)
    expect(real).toBeInstanceOf(AbortSignal)
    late.abort('after')
    expect([real.aborted, real.reason]).toEqual([true, 'after'])
  })
})
