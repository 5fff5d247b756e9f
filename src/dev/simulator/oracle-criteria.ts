import type { Plant, Row, Value } from './plant/plant.ts'
import { relatedRows } from './related-rows.ts'
import { findRelationship } from './schema/catalog.ts'

/**
 * A question as the reference page means it (maximo-api §2.2), in no syntax at all. A missing value meets nothing but
 * `empty`, as in SQL; along a relationship it is enough that some row at the other end meets the criterion.
 */
export type Criterion =
  | { readonly all: readonly Criterion[] }
  | { readonly any: readonly Criterion[] }
  | { readonly along: string; readonly some: Criterion }
  | { readonly attribute: string; readonly is: Meeting }

export type Meeting =
  | { readonly kind: 'empty' | 'set' }
  | { readonly kind: 'one-of' | 'none-of'; readonly values: readonly Value[] }
  /** Both ends belong to it; each may be missing. */
  | { readonly kind: 'within'; readonly from?: Value; readonly to?: Value }
  /** `%` stands for any run of characters; letter case means nothing. */
  | { readonly kind: 'like'; readonly pattern: string }

/** Whether a row of `table` meets a criterion. */
export function meets(
  criterion: Criterion,
  row: Row,
  at: { readonly plant: Plant; readonly table: string },
): boolean {
  if ('all' in criterion) return criterion.all.every((part) => meets(part, row, at))
  if ('any' in criterion) return criterion.any.some((part) => meets(part, row, at))
  if ('attribute' in criterion) return valueMeets(criterion.is, row[criterion.attribute])
  const relationship = findRelationship(at.table, criterion.along)
  if (relationship === null) throw new Error(`there is no relationship ${criterion.along} of ${at.table}`)
  const there = { plant: at.plant, table: relationship.to }
  return relatedRows(at.plant, row, relationship).some((other) => meets(criterion.some, other, there))
}

function valueMeets(is: Meeting, value: Value | undefined): boolean {
  if (value === undefined) return is.kind === 'empty'
  switch (is.kind) {
    case 'empty':
      return false
    case 'set':
      return true
    case 'one-of':
      return is.values.includes(value)
    case 'none-of':
      return !is.values.includes(value)
    case 'within':
      return (is.from === undefined || value >= is.from) && (is.to === undefined || value <= is.to)
    case 'like':
      return typeof value === 'string' && isLike(value.toUpperCase(), is.pattern.toUpperCase().split('%'))
  }
}

/** The first and the last part stand at the ends; those between are found one after the other, each as early as it can. */
function isLike(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
