import { plainText } from '../../../maximo/records/long-text.ts'

const isLongText = (name: string): boolean => name.endsWith('longdescription')

/** A value as a reader wants it: long descriptions without the HTML of Maximo's editor. */
export const readable = (name: string, value: unknown): unknown =>
  typeof value === 'string' && isLongText(name) ? plainText(value) : value

type Values = Readonly<Record<string, unknown>>

/** Takes the cells of one row out of a record; what the columns need is looked at once for all rows. */
export function cellsOf(columns: readonly string[]): (values: Values) => readonly unknown[] {
  if (columns.some(isLongText)) return (values) => columns.map((name) => readable(name, values[name]))
  return (values) => columns.map((name) => values[name])
}
