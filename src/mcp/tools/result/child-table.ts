import type { FieldSchema, ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { isUntrusted } from './columns.ts'
import { readable } from './readable.ts'

/** The rows of one child object, in both forms that results use. */
export interface ChildTable {
  readonly name: string
  readonly compact: {
    readonly cols: readonly string[]
    readonly rows: readonly (readonly unknown[])[]
    readonly cut?: number
    /** Of records that were asked for by themselves; null where Maximo does not say. */
    readonly total?: number | null
  }
  readonly objects: readonly Readonly<Record<string, unknown>>[]
  /** `child.field` of columns whose text anybody could have typed. */
  readonly untrusted: readonly string[]
}

type Row = Readonly<Record<string, unknown>>

const MAX_ROWS = 100
/** References and versions are Maximo's, not the reader's. */
const PLUMBING = /^(?:_|href$|localref$)|_collectionref$/

/** Rows of a child as Maximo gave them: an array, an object with a `member` list or without it (attachments), or nothing. */
export function childTable(name: string, values: Row, schema: ObjectSchema): ChildTable {
  const total = countOf(name, values)
  const fields = schema.children.get(name)?.fields ?? null
  return tableOf(name, rowsIn(values[name]), total === null ? { fields } : { fields, total })
}

/** How many rows a child has where Maximo was asked that; null: it was not, or does not say. */
export function countOf(name: string, values: Row): number | null {
  const count = values[`${name}._dbcount`]
  return typeof count === 'number' ? count : null
}

interface Told {
  readonly fields: ReadonlyMap<string, FieldSchema> | null
  readonly total?: number | null
}

/** Rows by name as a table: the columns are those that have a value in some row. */
export function tableOf(name: string, all: readonly Row[], { fields, total }: Told): ChildTable {
  const objects = all.slice(0, MAX_ROWS).map(plain)
  const cols = [...new Set(objects.flatMap((row) => Object.keys(row)))]
  const texts = cols.filter((column) => objects.some((row) => typeof row[column] === 'string'))
  const rows = objects.map((row) => cols.map((column) => row[column] ?? null))
  return {
    name,
    compact: {
      cols,
      rows,
      ...(all.length > MAX_ROWS && { cut: all.length - MAX_ROWS }),
      ...(total !== undefined && { total }),
    },
    objects,
    untrusted: texts.filter((column) => isUntrusted(column, fields)).map((column) => `${name}.${column}`),
  }
}

export const isRow = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function rowsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.filter(isRow)
  return isRow(value) && Array.isArray(value['member']) ? value['member'].filter(isRow) : []
}

const plain = (row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([key, cell]) => !PLUMBING.test(key) && cell !== null && cell !== undefined)
      .map(([key, cell]) => [key, readable(key, cell)]),
  )
