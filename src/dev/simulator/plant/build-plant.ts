import { PlantBuilder } from './builder.ts'
import type { Database } from './database.ts'
import { buildLargePlant } from './large/build-large-plant.ts'
import { addSmallPlant } from './small-plant.ts'

export type PlantSize = 'small' | 'large'

/**
 * Builds a plant. The same seed on the same day (UTC) gives the same rows.
 *
 * @param nowMs Around this day the dates are spread: some work is overdue, some lies ahead.
 */
export function buildPlant(seed: number, nowMs: number, size: PlantSize = 'small'): Database {
  if (size === 'large') return buildLargePlant(seed, nowMs)
  const plant = new PlantBuilder(seed, nowMs)
  addSmallPlant(plant)
  return plant.build()
}
