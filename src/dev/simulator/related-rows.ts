import type { Plant, Row } from './plant/plant.ts'
import type { JoinTerm, Relationship } from './schema/relationships.ts'

/** The rows at the other end of a relationship, in storage order. A null key relates to nothing. */
export function relatedRows(plant: Plant, row: Row, relationship: Relationship): readonly Row[] {
  const lead = relationship.on.find((term) => 'parent' in term)
  if (lead === undefined) return []
  const value = row[lead.parent]
  if (value === undefined) return []
  return plant
    .find(relationship.to, lead.child, value)
    .filter((other) => relationship.on.every((term) => joins(term, row, other)))
}

function joins(term: JoinTerm, row: Row, other: Row): boolean {
  if ('constant' in term) return other[term.child] === term.constant
  const wanted = row[term.parent]
  return wanted !== undefined && other[term.child] === wanted
}
