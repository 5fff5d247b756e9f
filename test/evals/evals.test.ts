import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askBoth } from './ask-all.ts'
import { check } from './question.ts'
import { QUESTIONS } from './questions.ts'
import { connectOurs, type Connected } from './tools.ts'
import { WRONG_SCRIPTS } from './wrong.ts'
import { openWorld, type World } from './world.ts'

/** The questions of `npm run evals`, at a small plant. */
let world: World
let client: Connected
beforeAll(async () => {
  world = await openWorld('small')
  client = await connectOurs(world)
})
afterAll(async () => {
  await client.close()
  await world.plant.close()
})

test.each(QUESTIONS)('$id: $asks', async (question) => {
  const { fault, our, bare } = await askBoth(question, world, client)
  expect(fault).toBeNull()
  expect(Math.min(our.calls, bare.calls)).toBeGreaterThan(0)
})

test('there are enough of them, of everybody, each under a name of its own', () => {
  expect(QUESTIONS.length).toBeGreaterThanOrEqual(60)
  expect(new Set(QUESTIONS.map(({ id }) => id)).size).toBe(QUESTIONS.length)
  expect(new Set(QUESTIONS.map(({ who }) => who)).size).toBe(5)
})

describe('a script that makes a mistake fails the checker', () => {
  test.each(WRONG_SCRIPTS)('$of: $mistake', async ({ of, our }) => {
    const question = QUESTIONS.find(({ id }) => id === of)
    const answer = await our(client.tools().our, world)
    expect(check(answer, question?.truth(world))).toMatch(/^got .*, and it is /)
  })
})

describe('the checker', () => {
  test.each<[unknown, unknown]>([
    [3, 4],
    [3, null],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1.02 }, { a: 1.03 }],
    [undefined, 0],
    ['3', 3],
  ])('tells %j from %j', (got, want) => {
    expect(check(got, want)).not.toBeNull()
    expect(check(want, want)).toBeNull()
  })

  test('takes sums of decimals for what they are, and names in any order', () => {
    expect(check({ b: 0.1 + 0.2, a: 1 }, { a: 1, b: 0.3 })).toBeNull()
  })
})
