import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../src/dev/simulator/contract.ts'
import { createOracle, type Oracle } from '../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { MaximoClient } from '../../src/maximo/contract.ts'
import type { Egress } from '../../src/maximo/egress/egress.ts'
import { openEgress } from '../../src/maximo/egress/egress.ts'
import { askForGroups, askForRows } from '../support/mcp/ask-both.ts'
import { SUBJECTS } from '../support/maximo/question-subjects.ts'
import { orders, questionsAbout, wantedOf } from '../support/maximo/random-questions.ts'
import { clientOf } from '../support/maximo/simulated-client.ts'
import { figure, soakShare, timed } from '../support/soak.ts'

/** The questions of `npm test`, fifty times as many, and by users in two time zones. */
const QUESTIONS = 100_000
const ACCOUNTS = ['planner@example.com', 'admin@example.com']
const RUNS = Math.ceil((QUESTIONS * soakShare()) / (2 * SUBJECTS.length * ACCOUNTS.length))

let simulator: Simulator
let egress: Egress
let oracle: Oracle

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, clock: systemClock })
  egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
  oracle = createOracle(simulator.plant)
})
afterAll(async () => {
  await egress.close()
  await simulator.close()
})

describe.each(ACCOUNTS)('%s', (account) => {
  let maximo: MaximoClient
  let zone = ''
  beforeAll(async () => {
    maximo = clientOf(simulator, egress, account)
    const call = { signal: new AbortController().signal, correlationId: 'zone' }
    zone = (await maximo.whoAmI(call)).timeZone ?? ''
  })

  test.each(SUBJECTS)('rows of $objectStructure', async (subject) => {
    const questions = questionsAbout(subject, simulator.plant, zone)
    let answered = 0
    const { ms } = await timed(() =>
      fc.assert(
        fc.asyncProperty(questions, orders(subject), async (asked, order) => {
          if (await askForRows(subject, asked, { maximo, oracle, order })) answered += 1
        }),
        { numRuns: RUNS },
      ),
    )
    expect(answered).toBeGreaterThan(RUNS * 0.9)
    figure(`${account} ${subject.objectStructure}: questions for rows answered`, answered, `of ${RUNS}`)
    figure(`${account} ${subject.objectStructure}: each`, ms / RUNS, 'ms')
  })

  test.each(SUBJECTS)('groups of $objectStructure', async (subject) => {
    const questions = questionsAbout(subject, simulator.plant, zone)
    let answered = 0
    await fc.assert(
      fc.asyncProperty(questions, wantedOf(subject), async (asked, wanted) => {
        if (await askForGroups(subject, asked, { maximo, oracle, wanted })) answered += 1
      }),
      { numRuns: RUNS },
    )
    expect(answered).toBeGreaterThan(RUNS * 0.8)
    figure(`${account} ${subject.objectStructure}: questions for groups answered`, answered, `of ${RUNS}`)
  })
})
