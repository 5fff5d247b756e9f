import { notAuthorisedFor } from '../errors.ts'
import type { Plant, Row } from '../plant/plant.ts'
import type { ObjectStructure } from '../schema/object-structures.ts'
import type { MaximoUser } from './users.ts'

/** @throws BmxError 400 BMXAA9301E: Maximo refuses a missing right with 400, not 403. */
export function assertMayRead(user: MaximoUser, structure: ObjectStructure): void {
  if (user.mayRead !== null && !user.mayRead.has(structure.name)) throw notAuthorisedFor(structure.name)
}

/** The rows of a table that the user's sites let through; rows without a site are everyone's. */
export function visibleRows(plant: Plant, table: string, user: MaximoUser): readonly Row[] {
  return plant.rows(table).filter(({ siteid }) => typeof siteid !== 'string' || user.sites.includes(siteid))
}
