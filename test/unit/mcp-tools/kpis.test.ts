import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KpiOracle } from '../../../src/dev/simulator/oracle-kpis.ts'
import type { Value } from '../../../src/dev/simulator/plant/plant.ts'
import {
  argumentsOf,
  askPart,
  cents,
  expectFigures,
  expectHundredths,
  figuresIn,
  openRoughPlants,
  oracleOf,
  partsOf,
} from '../../support/maximo/kpi-questions.ts'
import type { PlantDoor, ToolReply } from '../../support/maximo/plant-door.ts'

let plants: readonly PlantDoor[]
beforeAll(async () => {
  plants = await openRoughPlants()
})
afterAll(async () => {
  for (const plant of plants) await plant.close()
})

const WHOLE = { timeout: 120_000 }

test(
  'whatever the plant, its part, the period and the zone: the figures are the oracle’s',
  WHOLE,
  async () => {
    let counted = 0
    await fc.assert(
      fc.asyncProperty(partsOf(plants), async (asked) => {
        const oracle = oracleOf(asked)
        expectFigures(figuresIn(await askPart(asked, 'get_maintenance_kpis', argumentsOf(asked))), oracle)
        counted += oracle.pmCompliance.under + oracle.mttr.under + oracle.mtbf.under
      }),
      { numRuns: 25 },
    )
    expect(counted).toBeGreaterThan(20)
  },
)

/** Rows of a table by column name. */
const objects = ({ body, text, isError }: ToolReply): Record<string, unknown>[] => {
  if (isError) throw new Error(text)
  return (body['rows'] as unknown[][]).map((row) =>
    Object.fromEntries((body['cols'] as string[]).map((name, index) => [name, row[index]])),
  )
}

/** Largest first, equal ones by name: what a ranking must show, with its shares. */
function expectRanking(
  reply: ToolReply,
  expected: ReadonlyMap<Value | null, number>,
  names: (row: Record<string, unknown>) => string,
) {
  const whole = [...expected].filter(([key]) => key !== null)
  const sum = whole.reduce((total, [, amount]) => total + amount, 0)
  const sorted = whole
    .filter(([, amount]) => amount > 0)
    .sort(([a, one], [b, other]) =>
      cents(one) === cents(other) ? (String(a) < String(b) ? -1 : 1) : other - one,
    )
  const rows = objects(reply)
  const column = (reply.body['cols'] as string[]).at(-3) ?? ''
  const shown = sorted.slice(0, rows.length)
  expect(rows.map(names)).toEqual(shown.map(([key]) => key))
  expect(rows.map((row) => row[column])).toEqual(shown.map(([, amount]) => cents(amount)))
  expect(reply.body['total']).toBe(sorted.length)
  let before = 0
  for (const [index, [, amount]] of shown.entries()) {
    before += amount
    expectHundredths(rows[index]?.['share'], (amount / sum) * 100)
    expectHundredths(rows[index]?.['cumulative'], (before / sum) * 100)
  }
}

const RANKINGS = {
  failures: 'failuresByAsset',
  repair_hours: 'repairHoursByAsset',
  cost: 'costByAsset',
} as const
const LEVELS = {
  class: 'failuresByClass',
  problem: 'failuresByProblem',
  cause: 'failuresByCause',
  remedy: 'failuresByRemedy',
} as const satisfies Record<string, keyof KpiOracle>

test('and so are bad actors, the Pareto at every level and the backlog by craft', WHOLE, async () => {
  await fc.assert(
    fc.asyncProperty(partsOf(plants), async ({ asset, ...asked }) => {
      const part = { ...asked, asset: undefined }
      const oracle = oracleOf(part)
      for (const [by, figure] of Object.entries(RANKINGS))
        expectRanking(
          await askPart(part, 'rank_bad_actors', { ...argumentsOf(part), by, limit: 50 }),
          oracle[figure],
          ({ siteid, assetnum }) => `${String(siteid)}/${String(assetnum)}`,
        )
      const whole = { ...asked, asset }
      for (const [level, figure] of Object.entries(LEVELS)) {
        const reply = await askPart(whole, 'get_failure_pareto', { ...argumentsOf(whole), level })
        expectRanking(reply, oracleOf(whole)[figure], ({ code }) => String(code))
      }
      const { site, location } = argumentsOf(part)
      const crafts = objects(
        await askPart(part, 'get_backlog', { site, ...(location !== undefined && { location }) }),
      )
      expect(
        new Map(crafts.map((row) => [row['craft'], [row['hours'], row['work_orders'], row['people']]])),
      ).toEqual(
        new Map(
          [...oracle.backlogByCraft].map(([craft, { hours, orders, people }]) => [
            craft,
            [cents(hours), orders, craft === null ? null : people],
          ]),
        ),
      )
    }),
    { numRuns: 12 },
  )
})
