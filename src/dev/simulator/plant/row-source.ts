import type { Row, Value } from './plant.ts'

/** The values of one attribute, by the position of their row. */
export type Column = readonly (Value | undefined)[]

/**
 * Rows that can be looked through one attribute at a time. A scan of a column touches no row: with tens of thousands of
 * wide rows in memory that is most of what a question costs.
 */
export interface RowSource {
  readonly rows: readonly Row[]
  column(attribute: string): Column
}

/** A few rows that are no table. */
export const looseRows = (rows: readonly Row[]): RowSource => ({
  rows,
  column: (attribute) => rows.map((row) => row[attribute]),
})

/**
 * The values of one attribute. Texts that were put together from parts lie scattered in memory; they are copied next to
 * one another, which makes looking for words in all of them twice as fast.
 */
export function columnOf(rows: readonly Row[], attribute: string): (Value | undefined)[] {
  const values = rows.map((row) => row[attribute])
  const copies = (
    JSON.parse(JSON.stringify(values.filter((value) => typeof value === 'string'))) as string[]
  ).values()
  return values.map((value) => (typeof value === 'string' ? copies.next().value : value))
}
