import { expect, test } from 'vitest'
import { UnansweredUses } from '../../../src/portal/token/unanswered-uses.ts'

const fail = (): Promise<never> => Promise.reject(new Error('the disk is full'))

test('a use that failed before its answer is the next one’s to take, once', async () => {
  const uses = new UnansweredUses()
  await expect(uses.during('code', fail)).rejects.toThrow('full')
  expect(uses.has('code')).toBe(true)
  expect(uses.take('code')).toBe(true)
  expect(uses.take('code')).toBe(false)
})

test('a use that was answered stays answered, whatever fails about it later', async () => {
  const uses = new UnansweredUses()
  await uses.during('refresh', () => Promise.resolve())
  uses.answer('refresh')
  await expect(uses.during('refresh', fail)).rejects.toThrow('full')
  expect(uses.has('refresh')).toBe(false)
})

test('an answer ends what an earlier failure left open', async () => {
  const uses = new UnansweredUses()
  await expect(uses.during('refresh', fail)).rejects.toThrow('full')
  uses.answer('refresh')
  expect(uses.has('refresh')).toBe(false)
})
