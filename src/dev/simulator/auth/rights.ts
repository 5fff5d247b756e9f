import { methodNotSupported, notAllowed, notAuthorisedFor } from '../errors.ts'
import type { ObjectStructure } from '../schema/object-structures.ts'
import type { Condition } from '../where/condition.ts'
import type { MaximoUser } from './users.ts'

/** Who may do what: no right to records gives a right to these. */
const ADMINISTRATION: ReadonlySet<string> = new Set(['MXAPIGROUP'])

/** @throws BmxError 400 BMXAA9301E: Maximo refuses a missing right with 400, not 403. */
export function assertMayRead(user: MaximoUser, structure: ObjectStructure): void {
  const isGranted = ADMINISTRATION.has(structure.name)
    ? user.administers
    : user.mayRead === null || user.mayRead.has(structure.name)
  if (!isGranted) throw notAuthorisedFor(structure.name)
}

/** @throws BmxError 400 BMXAA0024E when the user may read the object structure but not do this to it. */
export function assertMayWrite(user: MaximoUser, structure: ObjectStructure, action: string): void {
  if (structure.isReadOnly) throw methodNotSupported(`${action} on ${structure.name}`)
  if (user.mayWrite !== null && !user.mayWrite.has(structure.name)) throw notAllowed(action, structure.mbo)
}

/** Whether the user's sites let a record through; one without a site is everyone's. */
export const inSitesOf = ({ sites }: MaximoUser): Condition => ({
  attribute: 'siteid',
  test: (siteid) => typeof siteid !== 'string' || sites.includes(siteid),
})
