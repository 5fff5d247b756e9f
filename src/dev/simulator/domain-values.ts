import type { Plant, Row } from './plant/plant.ts'
import { relatedRows } from './related-rows.ts'
import type { Attribute } from './schema/attribute.ts'
import type { Relationship } from './schema/relationships.ts'

/** The domain row behind a value; one of the record's own site wins over one for all sites. */
export function findDomainValue(plant: Plant, attribute: Attribute, row: Row): Row | null {
  const value = row[attribute.name]
  if (attribute.domain === null || value === undefined) return null
  const candidates = domainRows(plant, attribute.domain).filter((one) => one['value'] === value)
  return (
    candidates.find((one) => one['siteid'] === row['siteid']) ??
    candidates.find((one) => one['siteid'] === undefined) ??
    null
  )
}

/** All values of a synonym or ALN domain. */
export const domainRows = (plant: Plant, domainId: string): readonly Row[] =>
  [relatedDomain('SYNONYMDOMAIN'), relatedDomain('ALNDOMAIN')].flatMap((relationship) =>
    relatedRows(plant, { domainid: domainId }, relationship),
  )

const relatedDomain = (table: string): Relationship => ({
  name: table,
  from: 'MAXDOMAIN',
  to: table,
  on: [{ child: 'domainid', parent: 'domainid' }],
})
