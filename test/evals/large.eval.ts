import { afterAll, beforeAll, expect, test } from 'vitest'
import { askBoth, HEAD, lineOf, sumLine, type Outcome } from './ask-all.ts'
import { QUESTIONS } from './questions.ts'
import { connectOurs, type Connected } from './tools.ts'
import { openWorld, type World } from './world.ts'

/** The plant of 50,000 work orders. A line per question, for whoever quotes it. */
let world: World
let client: Connected
const outcomes: Outcome[] = []
beforeAll(async () => {
  world = await openWorld('large')
  client = await connectOurs(world)
  console.log(HEAD)
})
afterAll(async () => {
  console.log(sumLine(outcomes, client))
  await client.close()
  await world.plant.close()
})

test.each(QUESTIONS)('$id: $asks', async (question) => {
  const outcome = await askBoth(question, world, client)
  console.log(lineOf(outcome))
  expect(outcome.fault).toBeNull()
  outcomes.push(outcome)
})

test('the bare tool costs many times as much, and no question many calls of ours', () => {
  expect(outcomes.length).toBe(QUESTIONS.length)
  const sum = (of: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0)
  expect(sum(({ our }) => our.tokens) * 20).toBeLessThan(sum(({ bare }) => bare.tokens))
  for (const { question, our } of outcomes) {
    expect([question.id, our.calls <= 3]).toEqual([question.id, true])
    expect([question.id, our.tokens <= 10_000]).toEqual([question.id, true])
  }
})
