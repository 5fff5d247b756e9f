/** A stored attribute. DATETIME is milliseconds since the epoch, DATE is `yyyy-MM-dd`; null is absence. */
export type Value = string | number | boolean

/** One record of a table. Besides its attributes it carries `_rowstamp`, a decimal string. */
export type Row = Readonly<Record<string, Value | undefined>>

/** The simulated database: tables by MBO name in upper case. */
export interface Plant {
  /** Rows in the order of storage, which means nothing; empty for a table that does not exist. */
  rows(table: string): readonly Row[]
  /** The midnight (UTC) around which its dates are spread. */
  readonly startOfDayMs: number
}
