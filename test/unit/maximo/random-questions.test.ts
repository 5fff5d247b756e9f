import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { createOracle, type Oracle } from '../../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { MaximoClient } from '../../../src/maximo/contract.ts'
import type { Egress } from '../../../src/maximo/egress/egress.ts'
import { openEgress } from '../../../src/maximo/egress/egress.ts'
import { askForGroups, askForRows } from '../../support/mcp/ask-both.ts'
import { SUBJECTS } from '../../support/maximo/question-subjects.ts'
import { orders, questionsAbout, wantedOf } from '../../support/maximo/random-questions.ts'
import { clientOf } from '../../support/maximo/simulated-client.ts'

/**
 * Together 2,000 questions over HTTP that Maximo answers, each answer judged by the oracle; `npm run soak` asks 100,000.
 * Those that are too broad come on top and are few.
 */
const ANSWERED = Math.ceil(2000 / (2 * SUBJECTS.length))

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

/** A question that was not answered is no run: another is asked in its place. */
const tally = (judged: { answered: number; tooBroad: number }, isAnswered: boolean): void => {
  if (isAnswered) judged.answered += 1
  else judged.tooBroad += 1
  fc.pre(isAnswered)
}

describe.each(SUBJECTS)('$objectStructure', (subject) => {
  test(
    'random conditions find exactly the oracle’s rows, count and order',
    { timeout: 300_000 },
    async () => {
      const judged = { answered: 0, tooBroad: 0 }
      await fc.assert(
        fc.asyncProperty(questionsAbout(subject, simulator.plant, zone), orders(subject), async (asked, by) =>
          tally(judged, await askForRows(subject, asked, { maximo, oracle, order: by })),
        ),
        { numRuns: ANSWERED },
      )
      expect(judged.answered).toBeGreaterThanOrEqual(ANSWERED)
      expect(judged.tooBroad).toBeLessThan(ANSWERED * 0.1)
    },
  )

  test('and exactly its groups and figures', { timeout: 300_000 }, async () => {
    const judged = { answered: 0, tooBroad: 0 }
    await fc.assert(
      fc.asyncProperty(
        questionsAbout(subject, simulator.plant, zone),
        wantedOf(subject),
        async (asked, what) =>
          tally(judged, await askForGroups(subject, asked, { maximo, oracle, wanted: what })),
      ),
      { numRuns: ANSWERED },
    )
    expect(judged.answered).toBeGreaterThanOrEqual(ANSWERED)
    expect(judged.tooBroad).toBeLessThan(ANSWERED * 0.2)
  })
})

test('whatever the text, Maximo answers this question and no other', { timeout: 300_000 }, async () => {
  const sites = ['BEDFORD', 'NASHUA']
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  )
  let asked = 0
  await fc.assert(
    fc.asyncProperty(texts, fc.constantFrom(...sites), async (text, site) => {
      const page = await maximo.query(
        {
          objectStructure: 'mxapiwodetail',
          all: [
            {
              any: [
                { field: 'description', op: 'eq', value: text },
                { field: 'siteid', op: 'eq', value: site },
              ],
            },
          ],
          select: { fields: [] },
          pageSize: 1,
          count: true,
        },
        A_CALL,
      )
      if (!page.ok) {
        expect(page.error.map(({ path }) => path)).toEqual(['all[0].any[0].value'])
        return
      }
      asked += 1
      const expected = oracle.matching('WORKORDER', {
        any: [
          { attribute: 'description', is: { kind: 'one-of', values: [text] } },
          { attribute: 'siteid', is: { kind: 'one-of', values: [site] } },
        ],
      })
      expect(page.value.total).toBe(expected.length)
    }),
    { numRuns: 300 },
  )
  expect(asked).toBeGreaterThan(30)
})
