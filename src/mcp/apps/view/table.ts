import { cellText } from '../../tools/result/cell-text.ts'
import { objectOf, type JsonObject } from './bridge.ts'

/** An answer with rows, as the reading tools write it (compact or json format). */
export interface Table {
  /** Host of the Maximo that answered. */
  readonly environment: string
  readonly asOf: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
  /** Null: not known. */
  readonly total: number | null
  readonly isComplete: boolean
  readonly cursor: string | null
  readonly notes: readonly string[]
  /** What was asked, in words of ours. */
  readonly reading: string
}

/** Null: the text is no such answer; a csv, an error, or something else. */
export function readTable(text: string): Table | null {
  const answer = readJson(text)
  const { rows } = answer
  if (!Array.isArray(rows)) return null
  const columns = columnsOf(answer, rows)
  return {
    environment: textOf(answer['env']),
    asOf: textOf(answer['as_of']),
    columns,
    rows: rows.map((row: unknown) => cellsOf(row, columns)),
    total: typeof answer['total'] === 'number' ? answer['total'] : null,
    isComplete: answer['complete'] === true,
    cursor: typeof answer['cursor'] === 'string' ? answer['cursor'] : null,
    notes: textsOf(answer['notes']),
    reading: textOf(answer['reading']),
  }
}

/** The object in a text; empty where there is none. */
export function readJson(text: string): JsonObject {
  try {
    return objectOf(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** The `json` format names the cells of each row instead. */
const columnsOf = ({ cols }: JsonObject, rows: readonly unknown[]): readonly string[] =>
  Array.isArray(cols) ? cols.map(cellText) : [...new Set(rows.flatMap((row) => Object.keys(objectOf(row))))]

function cellsOf(row: unknown, columns: readonly string[]): readonly unknown[] {
  if (Array.isArray(row)) return row
  const named = objectOf(row)
  return columns.map((column) => named[column])
}

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

/** How much of everything a picture shows, in words. Never more than what the answer says of itself. */
export function extentOf({ rows, total, isComplete }: Table, [one, many]: readonly [string, string]): string {
  const noun = rows.length === 1 ? one : many
  if (isComplete) return rows.length === 0 ? `No ${many}.` : `All ${rows.length} ${noun}.`
  return total === null
    ? `The first ${rows.length} ${noun}; there are more.`
    : `${rows.length} of ${total} ${many}; the others are not here.`
}
