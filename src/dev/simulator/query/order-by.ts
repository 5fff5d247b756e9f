import { BmxError } from '../errors.ts'
import type { Row, Value } from '../plant/plant.ts'
import type { SimulatorRules } from '../rules.ts'
import type { Mbo } from '../schema/mbo.ts'
import { queryable } from '../where/predicate.ts'
import { compare } from '../where/value-test.ts'

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

/**
 * Sorts by persistent attributes of the object itself; nulls come last ascending and first descending. Without an
 * order the rows stay in storage order.
 *
 * @throws BmxError for an attribute that cannot be sorted by.
 */
export const sortRows = (
  rows: readonly Row[],
  order: readonly OrderTerm[],
  from: { readonly mbo: Mbo; readonly rules: SimulatorRules },
): Row[] => rows.toSorted(rowOrder(order, from))

/** How two rows compare. @throws BmxError for an attribute that cannot be sorted by. */
export function rowOrder(
  order: readonly OrderTerm[],
  from: { readonly mbo: Mbo; readonly rules: SimulatorRules },
): (a: Row, b: Row) => number {
  const terms = order.map(({ name, descending }) => ({
    name: queryable(name, from.mbo, from.rules).name,
    factor: descending ? -1 : 1,
  }))
  return (a, b) => {
    for (const { name, factor } of terms) {
      const difference = compareNullable(a[name], b[name]) * factor
      if (difference !== 0) return difference
    }
    return 0
  }
}

export function compareNullable(left: Value | undefined, right: Value | undefined): number {
  if (left === undefined || right === undefined) {
    if (left === right) return 0
    return left === undefined ? 1 : -1
  }
  return compare(left, right)
}
