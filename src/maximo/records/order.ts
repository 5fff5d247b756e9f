import type { JsonObject } from '../json.ts'
import type { CompiledOrder } from '../query/order.ts'
import { parseInstant } from '../query/instant.ts'

/**
 * The order of a merged answer: instants as instants, numbers as numbers, text by code unit; nothing counts as most, as
 * in Oracle and DB2.
 */
export const comparator =
  (order: readonly CompiledOrder[]) =>
  (a: JsonObject, b: JsonObject): number => {
    for (const term of order) {
      const difference = compare(a[term.field], b[term.field], term)
      if (difference !== 0) return difference
    }
    return 0
  }

const compare = (a: unknown, b: unknown, { kind, isDescending }: CompiledOrder): number => {
  const [left, right] = [sortable(a, kind), sortable(b, kind)]
  if (left === right) return 0
  const isLess = right === null || (left !== null && left < right)
  return isLess === isDescending ? 1 : -1
}

const sortable = (value: unknown, kind: CompiledOrder['kind']): number | string | null => {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return null
  return kind === 'datetime' ? (parseInstant(value) ?? value) : value
}

/** Orders two figures: numbers as numbers, dates as instants (their offsets differ across summer time). */
export const compareFigures = (a: number | string, b: number | string): number => {
  const [left, right] = [figure(a), figure(b)]
  if (left === right) return 0
  return left < right ? -1 : 1
}

const figure = (value: number | string): number | string =>
  typeof value === 'string' ? (parseInstant(value) ?? value) : value
