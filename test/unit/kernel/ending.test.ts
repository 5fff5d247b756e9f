import { expect, test } from 'vitest'
import { Ending } from '../../../src/kernel/ending.ts'

/** An ending of three, the names of which are noted as they are closed; `broken` cannot be. */
function anEnding(broken: string): { ending: Ending; closed: string[] } {
  const ending = new Ending()
  const closed: string[] = []
  for (const name of ['first', 'second', 'third'])
    ending.hold(name, (it) => {
      closed.push(it)
      return it === broken ? Promise.reject(new Error(`${it} cannot be closed`)) : Promise.resolve()
    })
  return { ending, closed }
}

test('what was opened last is closed first, and all of it once', async () => {
  const { ending, closed } = anEnding('nobody')
  expect(ending.hasBegun).toBe(false)
  const both = [ending.end(), ending.end()]
  expect(ending.hasBegun).toBe(true)
  await Promise.all(both)
  expect(closed).toEqual(['third', 'second', 'first'])
})

test('one that cannot be closed keeps no other open, and is told', async () => {
  const { ending, closed } = anEnding('third')
  await expect(ending.end()).rejects.toThrow('third cannot be closed')
  expect(closed).toEqual(['third', 'second', 'first'])
})

test('one that fails at once is as one that fails later', async () => {
  const { ending, closed } = anEnding('nobody')
  ending.add(() => {
    throw new Error('at once')
  })
  await expect(ending.end()).rejects.toThrow('at once')
  expect(closed).toEqual(['third', 'second', 'first'])
})
