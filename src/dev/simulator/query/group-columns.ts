import { BmxError } from '../errors.ts'
import type { Row, Value } from '../plant/plant.ts'
import type { SimulatorRules } from '../rules.ts'
import { kindOf, type Attribute } from '../schema/attribute.ts'
import type { Mbo } from '../schema/mbo.ts'
import { compare } from '../where/value-test.ts'
import { queryable } from '../where/predicate.ts'

/** One aggregate of `gbcols`: `count.*`, `max.estdur`. */
export interface Measure {
  /** Name in the answer, `count` or `max_estdur`. */
  readonly key: string
  of(rows: readonly Row[]): Value | undefined
}

export interface GroupColumns {
  readonly by: readonly Attribute[]
  readonly measures: readonly Measure[]
}

/**
 * Parses `gbcols`: at least one persistent attribute of the object itself, and aggregates.
 *
 * @throws BmxError for an unknown function or attribute, or when there is nothing to group by.
 */
export function parseGroupColumns(text: string, mbo: Mbo, rules: SimulatorRules): GroupColumns {
  const by: Attribute[] = []
  const measures: Measure[] = []
  for (const part of text.split(',').map((column) => column.trim().toLowerCase())) {
    const [head = '', tail] = part.split('.')
    if (tail === undefined) by.push(queryable(head, mbo, rules))
    else measures.push(measureOf(head, tail, { mbo, rules }))
  }
  if (by.length === 0) throw badColumns('at least one attribute to group by is needed')
  return { by, measures }
}

function measureOf(name: string, target: string, from: { mbo: Mbo; rules: SimulatorRules }): Measure {
  if (name === 'count') return countMeasure(target, from)
  const attribute = queryable(target, from.mbo, from.rules)
  const key = `${name}_${attribute.name}`
  const valuesOf = (rows: readonly Row[]): Value[] =>
    rows.map((row) => row[attribute.name]).filter((value) => value !== undefined)
  if (name === 'max') return { key, of: (rows) => valuesOf(rows).toSorted(compare).at(-1) }
  if (name === 'min') return { key, of: (rows) => valuesOf(rows).toSorted(compare)[0] }
  if (kindOf(attribute) !== 'number') throw badColumns(`${name} needs a number`)
  if (name === 'sum') return { key, of: (rows) => sumOf(valuesOf(rows)) }
  if (name === 'avg') return { key, of: (rows) => averageOf(valuesOf(rows)) }
  throw badColumns(`the function ${name} does not exist`)
}

function countMeasure(target: string, from: { mbo: Mbo; rules: SimulatorRules }): Measure {
  if (target === '*') return { key: 'count', of: (rows) => rows.length }
  const attribute = queryable(target, from.mbo, from.rules)
  return {
    key: `count_${attribute.name}`,
    of: (rows) => rows.filter((row) => row[attribute.name] !== undefined).length,
  }
}

/** As in SQL, nothing has no sum. */
const sumOf = (values: readonly Value[]): number | undefined =>
  values.length === 0 ? undefined : round(values.reduce<number>((sum, value) => sum + Number(value), 0))

function averageOf(values: readonly Value[]): number | undefined {
  const sum = sumOf(values)
  return sum === undefined ? undefined : sum / values.length
}

/** Decimal columns add up exactly in a database. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6

const badColumns = (why: string): BmxError =>
  new BmxError(400, 'BMXAA8744E', `The group columns are not valid: ${why}.`)
