import type { PlantBuilder } from '../builder.ts'
import type { Row } from '../plant.ts'
import { SITES } from './sites.ts'

/** What a store has, at its last price. */
export interface Part {
  readonly itemnum: Row[string]
  readonly description: Row[string]
  readonly unitcost: number
}

export const cents = (amount: number): number => Math.round(amount * 100) / 100

/** The parts in the stores of each site. */
export function stockOf(plant: PlantBuilder): ReadonlyMap<Row[string], readonly Part[]> {
  const descriptions = new Map(plant.rows('ITEM').map((row) => [row['itemnum'], row['description']]))
  const costs = plant.rows('INVCOST')
  return new Map(
    SITES.map((siteid) => {
      const here = costs.filter((row) => row['siteid'] === siteid)
      const parts = here.map(({ itemnum, lastcost }) => ({
        ...{ itemnum, description: descriptions.get(itemnum), unitcost: cents(Number(lastcost)) },
      }))
      return [siteid, parts]
    }),
  )
}
