import type { Plant, Row } from './plant/plant.ts'
import type { Attribute } from './schema/attribute.ts'

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
export const domainRows = (plant: Plant, domainId: string): readonly Row[] => [
  ...plant.rows('SYNONYMDOMAIN').filter((row) => row['domainid'] === domainId),
  ...plant.rows('ALNDOMAIN').filter((row) => row['domainid'] === domainId),
]
