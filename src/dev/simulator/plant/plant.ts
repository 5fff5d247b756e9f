import type { RowSource } from './row-source.ts'

/** A stored attribute. DATETIME is milliseconds since the epoch, DATE is `yyyy-MM-dd`; null is absence. */
export type Value = string | number | boolean

/** One record of a table. Besides its attributes it carries `_rowstamp`, a decimal string. A change makes a new row. */
export type Row = Readonly<Record<string, Value | undefined>>

/** Both ends belong to it. */
export interface Range {
  readonly from?: Value
  readonly to?: Value
}

/** The simulated database as readers see it: tables by MBO name in upper case. */
export interface Plant {
  /** Rows in the order of storage, which means nothing; empty for a table that does not exist. */
  rows(table: string): readonly Row[]
  /** The same rows, with their attributes as columns. */
  source(table: string): RowSource
  /** The rows whose attribute has this value, through an index. */
  find(table: string, attribute: string, value: Value): readonly Row[]
  /** The rows with `from <= value <= to`, through an index; an absent end is open. */
  range(table: string, attribute: string, ends: Range): readonly Row[]
  /** The midnight (UTC) around which its dates are spread. */
  readonly startOfDayMs: number
}
