import type { Plant, Row, Value } from '../plant/plant.ts'
import { looseRows, type RowSource } from '../plant/row-source.ts'
import { kindOf, type Attribute } from '../schema/attribute.ts'
import type { Mbo } from '../schema/mbo.ts'
import { readInstant, type DateReading } from '../where/date-literal.ts'
import { isPattern } from '../where/like.ts'
import type { Literal, Term } from '../where/parse-where.ts'

/**
 * The rows that can satisfy a clause of ANDed terms: those of its most selective equality or range of time, read from
 * an index; when they are many, the whole table, whose columns are looked through faster. The clause itself still
 * decides; this only spares it rows that cannot match.
 */
export function narrowest(
  plant: Plant,
  mbo: Mbo,
  by: { readonly terms: readonly Term[]; readonly dates: DateReading },
): RowSource {
  const choices = by.terms.map((term) => bucketsOf(plant, mbo, term)).filter((choice) => choice !== null)
  const ranges = rangesIn(mbo, by.terms, by.dates).map(({ name, ends }) => [
    plant.range(mbo.name, name, ends),
  ])
  const best = [...choices, ...ranges].reduce(
    (least, one) => (sizeOf(one) < sizeOf(least) ? one : least),
    [plant.rows(mbo.name)],
  )
  return sizeOf(best) > FEW || best[0] === plant.rows(mbo.name)
    ? plant.source(mbo.name)
    : looseRows(best.flat())
}

/** Rows that are sooner read one by one than a column of the largest table. */
const FEW = 1000

const sizeOf = (buckets: readonly (readonly Row[])[]): number =>
  buckets.reduce((sum, bucket) => sum + bucket.length, 0)

interface TimeRange {
  readonly name: string
  readonly ends: { readonly from?: number; readonly to?: number }
}

/** What the terms say of each date-time attribute; whether an end itself belongs to it, the clause decides. */
function rangesIn(mbo: Mbo, terms: readonly Term[], dates: DateReading): TimeRange[] {
  const found = new Map<string, TimeRange['ends']>()
  for (const term of terms) {
    const bound = boundOf(mbo, term)
    if (bound === null) continue
    const at = readInstant(bound.value, dates)
    found.set(bound.name, { ...found.get(bound.name), ...(bound.isLower ? { from: at } : { to: at }) })
  }
  return [...found].map(([name, ends]) => ({ name, ends }))
}

function boundOf(mbo: Mbo, term: Term): { name: string; value: string; isLower: boolean } | null {
  if (term.kind !== 'compare' || term.literal.kind !== 'text' || term.path.length !== 1) return null
  const attribute = mbo.attributes.get(term.path[0] ?? '')
  if (attribute === undefined || kindOf(attribute) !== 'datetime' || !/^[<>]/.test(term.operator)) return null
  return { name: attribute.name, value: term.literal.value, isLower: term.operator.startsWith('>') }
}

function bucketsOf(plant: Plant, mbo: Mbo, term: Term): (readonly Row[])[] | null {
  const [name = '', ...deeper] = term.path
  const attribute = mbo.attributes.get(name)
  if (deeper.length > 0 || attribute === undefined || term.kind === 'nested') return null
  if (term.kind === 'compare' && term.operator !== '=') return null
  const literals = term.kind === 'in' ? term.literals : [term.literal]
  const values = literals.map((literal) => indexed(attribute, literal, term.kind))
  if (values.includes(null)) return null
  const unique = new Set(values.filter((value) => value !== null))
  return [...unique].map((value) => plant.find(mbo.name, name, value))
}

/** A literal that stands for one stored value; null for what only the clause can judge: patterns, dates, wrong types. */
function indexed(attribute: Attribute, literal: Literal, kind: Term['kind']): Value | null {
  if (literal.kind === 'number') return kindOf(attribute) === 'number' ? literal.value : null
  if (literal.kind !== 'text' || kindOf(attribute) !== 'text') return null
  if (kind === 'compare' && (literal.value === '*' || isPattern(literal.value))) return null
  return attribute.subType === 'UPPER' ? literal.value.toUpperCase() : literal.value
}
