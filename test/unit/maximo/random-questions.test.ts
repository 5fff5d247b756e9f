import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { createOracle, type Oracle } from '../../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { MaximoClient } from '../../../src/maximo/contract.ts'
import type { Egress } from '../../../src/maximo/egress/egress.ts'
import { openEgress } from '../../../src/maximo/egress/egress.ts'
import { askForGroups, askForRows } from '../../support/ask-both.ts'
import { SUBJECTS } from '../../support/question-subjects.ts'
import { orders, questionsAbout, wantedOf } from '../../support/random-questions.ts'
import { clientOf } from '../../support/simulated-client.ts'

/** Together 2,000 questions over HTTP, each judged by the oracle; `npm run soak` asks 100,000. */
const RUNS = 2000 / (2 * SUBJECTS.length)

const A_CALL = { signal: new AbortController().signal, correlationId: 'zone' }
let simulator: Simulator
let egress: Egress
let maximo: MaximoClient
let oracle: Oracle
let zone: string

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, clock: systemClock })
  egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
  maximo = clientOf(simulator, egress, 'planner@example.com')
  zone = (await maximo.whoAmI(A_CALL)).timeZone ?? ''
  oracle = createOracle(simulator.plant)
})
afterAll(async () => {
  await egress.close()
  await simulator.close()
})

describe.each(SUBJECTS)('$objectStructure', (subject) => {
  test(
    'random conditions find exactly the oracle’s rows, count and order',
    { timeout: 300_000 },
    async () => {
      let answered = 0
      await fc.assert(
        fc.asyncProperty(
          questionsAbout(subject, simulator.plant, zone),
          orders(subject),
          async (asked, by) => {
            if (await askForRows(subject, asked, { maximo, oracle, order: by })) answered += 1
          },
        ),
        { numRuns: Math.ceil(RUNS) },
      )
      expect(answered).toBeGreaterThan(RUNS * 0.9)
    },
  )

  test('and exactly its groups and figures', { timeout: 300_000 }, async () => {
    let answered = 0
    await fc.assert(
      fc.asyncProperty(
        questionsAbout(subject, simulator.plant, zone),
        wantedOf(subject),
        async (asked, what) => {
          if (await askForGroups(subject, asked, { maximo, oracle, wanted: what })) answered += 1
        },
      ),
      { numRuns: Math.ceil(RUNS) },
    )
    expect(answered).toBeGreaterThan(RUNS * 0.8)
  })
})
