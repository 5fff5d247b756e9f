import type { Plant, Row, Value } from './plant/plant.ts'
import type { JoinTerm, Relationship } from './schema/relationships.ts'

/** The rows at the other end of a relationship, in storage order. A null key relates to nothing. */
export function relatedRows(plant: Plant, row: Row, relationship: Relationship): readonly Row[] {
  const lead = relationship.on.find((term) => 'parent' in term)
  if (lead === undefined) return []
  const value = row[lead.parent]
  if (value === undefined) return []
  const candidates = indexOf(plant.rows(relationship.to), lead.child).get(value) ?? []
  return candidates.filter((other) => relationship.on.every((term) => joins(term, row, other)))
}

function joins(term: JoinTerm, row: Row, other: Row): boolean {
  if ('constant' in term) return other[term.child] === term.constant
  const wanted = row[term.parent]
  return wanted !== undefined && other[term.child] === wanted
}

type Index = ReadonlyMap<Value, readonly Row[]>

/** By table array, then attribute. A table that changes becomes another array, so an index never goes stale. */
const indexes = new WeakMap<readonly Row[], Map<string, Index>>()

function indexOf(table: readonly Row[], attribute: string): Index {
  const known = indexes.get(table) ?? new Map<string, Index>()
  indexes.set(table, known)
  const index = known.get(attribute) ?? buildIndex(table, attribute)
  known.set(attribute, index)
  return index
}

function buildIndex(table: readonly Row[], attribute: string): Index {
  const index = new Map<Value, Row[]>()
  for (const row of table) {
    const value = row[attribute]
    if (value === undefined) continue
    const rows = index.get(value) ?? []
    rows.push(row)
    index.set(value, rows)
  }
  return index
}
