import type { Plant, Row } from '../plant/plant.ts'
import { relatedRows } from '../related-rows.ts'
import { findRelationship, mboNamed } from '../schema/catalog.ts'
import type { Mbo } from '../schema/mbo.ts'
import type { Relationship } from '../schema/relationships.ts'

/** A chain of relationships from one object. */
export interface RelationPath {
  readonly target: Mbo
  /** The first related row: a dotted name shows only that one. */
  first(plant: Plant, row: Row): Row | null
  /** How many steps of the chain lead to a row. */
  existing(plant: Plant, row: Row): number
  all(plant: Plant, row: Row): readonly Row[]
}

/** Resolves relation names, or null when one does not exist: an unknown name is ignored, not refused. */
export function relatedAlong(from: Mbo, names: readonly string[]): RelationPath | null {
  const chain: Relationship[] = []
  let target = from
  for (const name of names) {
    const relationship = findRelationship(target.name, name)
    if (relationship === null) return null
    chain.push(relationship)
    target = mboNamed(relationship.to)
  }
  return {
    target,
    first: (plant, row) => stepsAlong(chain, plant, row)[chain.length - 1] ?? null,
    existing: (plant, row) => stepsAlong(chain, plant, row).length,
    all: (plant, row) =>
      chain.reduce<readonly Row[]>(
        (rows, relationship) => rows.flatMap((one) => relatedRows(plant, one, relationship)),
        [row],
      ),
  }
}

/** The first row at each step, as far as there is one. */
function stepsAlong(chain: readonly Relationship[], plant: Plant, row: Row): Row[] {
  const steps: Row[] = []
  let at: Row | undefined = row
  for (const relationship of chain) {
    at = relatedRows(plant, at, relationship)[0]
    if (at === undefined) break
    steps.push(at)
  }
  return steps
}
