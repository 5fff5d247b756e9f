import { Database } from '../../../src/dev/simulator/plant/database.ts'
import type { Plant, Row, Value } from '../../../src/dev/simulator/plant/plant.ts'
import { createRandom, type Random } from '../../../src/dev/simulator/plant/random.ts'

const HOUR_MS = 3_600_000
const STATUSES = ['WAPPR', 'WPCOND', 'APPR S1', 'INPRG', 'COMP', 'CLOSE', 'CAN', 'HISTEDIT', 'COMP', 'CLOSE']
const TYPES = ['CM', 'EM', 'PM', 'CAL']
const CRAFTS = ['MECH', 'ELEC', 'PIPE']
const CODES = ['LEAK', 'NOISE']

/**
 * Puts work orders into a plant of which figures are easily wrong: dates within seconds of midnight in several zones,
 * finishes before their starts, and holes wherever Maximo allows one.
 */
export function addRoughOrders(plant: Plant, { seed, count }: { seed: number; count: number }): void {
  if (!(plant instanceof Database)) throw new Error('not a plant that can be written')
  const random = createRandom(seed)
  const models = plant.rows('WORKORDER').filter((row) => row['istask'] === false)
  for (let index = 0; index < count; index += 1) {
    const model = random.pick(models)
    const wonum = `R${seed}-${index}`
    if (random.chance(0.5)) addPlan(plant, random, { wonum, siteid: model['siteid'] })
    plant.insert('WORKORDER', {
      ...withoutKeys(model),
      wonum,
      status: random.pick(STATUSES),
      worktype: random.maybe(0.9, () => random.pick(TYPES)),
      problemcode: random.maybe(0.7, () => random.pick(CODES)),
      reportdate: nearMidnight(plant, random),
      targcompdate: random.maybe(0.8, () => nearMidnight(plant, random)),
      schedfinish: random.maybe(0.8, () => nearMidnight(plant, random)),
      actstart: random.maybe(0.8, () => nearMidnight(plant, random)),
      actfinish: random.maybe(0.8, () => nearMidnight(plant, random)),
      estlabhrs: random.between(0, 9) / 4,
      actlabhrs: random.between(0, 9) / 4,
    })
  }
}

/** A crew of several, or nobody's craft. */
const addPlan = (plant: Database, random: Random, key: Row): Row =>
  plant.insert('WPLABOR', {
    ...{ ...key, craft: random.maybe(0.7, () => random.pick(CRAFTS)) },
    ...{ quantity: random.between(1, 3), laborhrs: random.between(0, 6) / 4, rate: 0, linecost: 0 },
  })

const withoutKeys = (row: Row): Readonly<Record<string, Value | undefined>> =>
  Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'workorderid' && name !== '_rowstamp'))

/** In the last 60 days, a second before, at or after midnight of UTC, New York or Kolkata. */
const nearMidnight = (plant: Plant, random: Random): number =>
  plant.startOfDayMs -
  random.between(0, 60) * 24 * HOUR_MS +
  random.pick([0, 4, 5, -5.5]) * HOUR_MS +
  random.pick([-1, 0, 1]) * 1000
