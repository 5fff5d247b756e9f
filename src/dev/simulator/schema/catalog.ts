import * as assets from './asset-tables.ts'
import type { Mbo } from './mbo.ts'
import { objectStructures, type ObjectStructure } from './object-structures.ts'
import * as peopleAndStores from './people-and-stores-tables.ts'
import { relationships, type Relationship } from './relationships.ts'
import * as purchasing from './purchasing-tables.ts'
import * as safety from './safety-tables.ts'
import * as support from './support-tables.ts'
import * as workflow from './workflow-tables.ts'
import * as work from './work-tables.ts'

const MBOS: ReadonlyMap<string, Mbo> = new Map(
  [work, assets, peopleAndStores, purchasing, safety, support, workflow].flatMap((room) =>
    Object.values(room).map((object): [string, Mbo] => [object.name, object]),
  ),
)

const RELATIONSHIPS: ReadonlyMap<string, Relationship> = new Map(
  relationships.map((relationship) => [`${relationship.from}.${relationship.name}`, relationship]),
)

/** @throws for a table that is not described: a bug of the simulator. */
export function mboNamed(name: string): Mbo {
  const found = MBOS.get(name)
  if (found === undefined) throw new Error(`no such table: ${name}`)
  return found
}

export const allMbos = (): readonly Mbo[] => [...MBOS.values()]

/** Names of object structures are matched without regard to case, as observed. */
export const findObjectStructure = (name: string): ObjectStructure | null =>
  objectStructures.find((structure) => structure.name === name.toUpperCase()) ?? null

/** Relationship names are matched without regard to case. */
export const findRelationship = (mbo: string, name: string): Relationship | null =>
  RELATIONSHIPS.get(`${mbo}.${name.toUpperCase()}`) ?? null
