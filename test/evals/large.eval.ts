import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  argumentsOf,
  askPart,
  expectFigures,
  figuresIn,
  oracleOf,
  type AskedPart,
} from '../support/maximo/kpi-questions.ts'
import { askBoth, HEAD, lineOf, sumLine, type Outcome } from './ask-all.ts'
import { QUESTIONS } from './questions.ts'
import { connectOurs, type Connected } from './tools.ts'
import { ACCOUNT, openWorld, type World } from './world.ts'

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

describe('every figure is the oracle’s', () => {
  const figures = async (part: Omit<AskedPart, 'plant' | 'account' | 'types' | 'location' | 'asset'>) => {
    const asked = { ...part, plant: world.plant, account: ACCOUNT, types: ['CM', 'EM'] }
    const whole = { ...asked, location: undefined, asset: undefined }
    const reply = await askPart(whole, 'get_maintenance_kpis', argumentsOf(whole))
    return { found: figuresIn(reply), oracle: oracleOf(whole) }
  }

  test.each(['BEDFORD', 'NASHUA', '*'])('last month at %s', async (site) => {
    const { found, oracle } = await figures({ site, ...world.lastMonth })
    expectFigures(found, oracle)
    expect(oracle.scheduleCompliance.under).toBeGreaterThan(5_000)
  })

  test('a year at both sites, but for the repairs, which are too many to be read: they have no figure', async () => {
    const year = { from: world.day(-365), to: world.day(-1) }
    const { found, oracle } = await figures({ site: '*', ...year })
    expectFigures(found, oracle, ['mttr'])
    expect(found.get('mttr')).toMatchObject({ value: null, complete: false })
    expect(found.get('mttr')?.reason).toMatch(/^1\d,\d{3} work orders would have to be read one by one/)
    expect(oracle.mttr.under).toBeGreaterThan(10_000)
  })
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
