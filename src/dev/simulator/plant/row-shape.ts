import type { Mbo } from '../schema/mbo.ts'
import type { Value } from './plant.ts'

/** A row that is still being filled. */
export type Slots = Record<string, Value | undefined>

const shapes = new WeakMap<Mbo, Slots>()

/**
 * A row with a slot for every attribute of its object. All rows of a table then share one hidden class: a large plant
 * takes a fraction of the memory that rows of single entries would, and reads are faster.
 */
export function newRow(mbo: Mbo, attributes: Readonly<Slots>, rowstamp: string): Slots {
  const row: Slots = { ...shapeOf(mbo) }
  for (const name of Object.keys(attributes)) row[name] = attributes[name]
  row['_rowstamp'] = rowstamp
  return row
}

function shapeOf(mbo: Mbo): Slots {
  const known = shapes.get(mbo)
  if (known !== undefined) return known
  const names = [...mbo.attributes.keys(), '_rowstamp']
  // What JSON.parse makes stays a fast object with this many members; one that is filled slot by slot does not.
  const shape = JSON.parse(`{${names.map((name) => `"${name}":null`).join(',')}}`) as Slots
  for (const name of names) shape[name] = undefined
  shapes.set(mbo, shape)
  return shape
}
