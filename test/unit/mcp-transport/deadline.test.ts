import { EventEmitter } from 'node:events'
import type { FastifyReply } from 'fastify'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CallEnded } from '../../../src/mcp/tools/run/run-work.ts'
import { deadlineOf } from '../../../src/mcp/transport/deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** The part of a reply that ends: its socket's side. */
function aReply(): { reply: FastifyReply; raw: EventEmitter & { writableFinished: boolean } } {
  const raw = Object.assign(new EventEmitter(), { writableFinished: false })
  return { reply: { raw } as unknown as FastifyReply, raw }
}

test('a call ends after 40 seconds, before its lease does', () => {
  const { signal } = deadlineOf(aReply().reply)
  vi.advanceTimersByTime(39_999)
  expect(signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(signal.reason).toEqual(new CallEnded('deadline'))
})

test('a call ends with its client', () => {
  const { reply, raw } = aReply()
  const { signal } = deadlineOf(reply)
  raw.emit('close')
  expect(signal.reason).toEqual(new CallEnded('client'))
})

test('a connection that closes after the answer ends nothing', () => {
  const { reply, raw } = aReply()
  const { signal } = deadlineOf(reply)
  raw.writableFinished = true
  raw.emit('close')
  expect(signal.aborted).toBe(false)
})

test('what is done leaves no timer and no listener behind', () => {
  const { reply, raw } = aReply()
  const { signal, clear } = deadlineOf(reply)
  clear()
  vi.advanceTimersByTime(60_000)
  raw.emit('close')
  expect([signal.aborted, vi.getTimerCount(), raw.listenerCount('close')]).toEqual([false, 0, 0])
})
