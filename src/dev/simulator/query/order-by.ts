import { BmxError } from '../errors.ts'
import type { Row, Value } from '../plant/plant.ts'
import { looseRows, type RowSource } from '../plant/row-source.ts'
import type { SimulatorRules } from '../rules.ts'
import type { Mbo } from '../schema/mbo.ts'
import { queryable } from '../where/predicate.ts'
import { compare } from '../where/value-test.ts'
import type { PositionOrder } from './slice-in-order.ts'

export interface OrderTerm {
  readonly name: string
  readonly descending: boolean
}

/**
 * Parses signed names, `-reportdate,+wonum`. A raw `+` in a URL arrives as a blank and fails here, as in Maximo.
 *
 * @throws BmxError BMXAA8744E when a sign or a name is missing.
 */
export function parseOrder(text: string): OrderTerm[] {
  let column = 1
  return text.split(',').map((part) => {
    const [, sign, name] = /^([+-])((?:spi:)?[A-Za-z_][\w.]*)$/.exec(part) ?? []
    if (sign === undefined || name === undefined) throw unsigned(part, column)
    column += part.length + 1
    return { name: name.replace(/^spi:/, '').toLowerCase(), descending: sign === '-' }
  })
}

const unsigned = (part: string, column: number): BmxError =>
  new BmxError(
    400,
    'BMXAA8744E',
    `The order cannot be parsed. Encountered "${part}" at line 1, column ${column}. Was expecting <SORT_ORDER_SIGN>.`,
  )

interface Sorting {
  readonly mbo: Mbo
  readonly rules: SimulatorRules
}

/** Rows that are no table, sorted. @throws BmxError for an attribute that cannot be sorted by. */
export function sortRows(rows: readonly Row[], order: readonly OrderTerm[], from: Sorting): Row[] {
  const compare = positionOrder(order, looseRows(rows), from)
  const positions = Array.from(rows.keys()).sort(compare)
  return positions.map((position) => rows[position]).filter((row) => row !== undefined)
}

/**
 * How the rows at two positions compare, by persistent attributes of the object itself; nulls come last ascending and
 * first descending, and equals stay in storage order.
 *
 * @throws BmxError for an attribute that cannot be sorted by.
 */
export function positionOrder(order: readonly OrderTerm[], source: RowSource, from: Sorting): PositionOrder {
  const terms = order.map(({ name, descending }) => ({
    column: source.column(queryable(name, from.mbo, from.rules).name),
    factor: descending ? -1 : 1,
  }))
  return (a, b) => {
    for (const { column, factor } of terms) {
      const difference = compareNullable(column[a], column[b]) * factor
      if (difference !== 0) return difference
    }
    return a - b
  }
}

export function compareNullable(left: Value | undefined, right: Value | undefined): number {
  if (left === undefined || right === undefined) {
    if (left === right) return 0
    return left === undefined ? 1 : -1
  }
  return compare(left, right)
}
