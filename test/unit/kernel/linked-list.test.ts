import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Link, LinkedList } from '../../../src/kernel/linked-list.ts'

const itemsOf = <T>(list: LinkedList<T>): readonly T[] => [...list].map(({ item }) => item)

/** Adds one, or removes the one that was added as the nth; of what is gone already too. */
const steps = fc.array(fc.option(fc.nat({ max: 12 }), { freq: 2 }), { maxLength: 40 })

test('holds what was added and not removed, in that order, and says what it did', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const list = new LinkedList<number>()
      const links: Link<number>[] = []
      let model: number[] = []
      for (const step of sequence) {
        const link = step === null ? undefined : links[step]
        if (link === undefined) {
          model.push(links.length)
          links.push(list.add(links.length))
        } else {
          expect(list.remove(link)).toBe(model.includes(link.item))
          model = model.filter((item) => item !== link.item)
        }
        expect(itemsOf(list)).toEqual(model)
        expect(list.size).toBe(model.length)
      }
    }),
  )
})

test('the one that is looked at may be removed', () => {
  const list = new LinkedList<number>()
  for (const item of [1, 2, 3, 4]) list.add(item)
  const met: number[] = []
  for (const link of list) {
    met.push(link.item)
    if (link.item !== 2) list.remove(link)
  }
  expect([met, itemsOf(list)]).toEqual([[1, 2, 3, 4], [2]])
})

test('what has left points at nothing that came after it', () => {
  const list = new LinkedList<number>()
  const [first, second] = [list.add(1), list.add(2)]
  list.add(3)
  list.remove(second)
  list.remove(first)
  for (const link of [first, second])
    expect(Object.values(link).filter((value) => typeof value === 'object')).toEqual([null, null])
})
