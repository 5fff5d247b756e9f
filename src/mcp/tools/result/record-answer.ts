import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { originOf } from './as-of.ts'
import type { Format } from '../query/inputs.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolAnswer, ToolContext } from '../tool.ts'
import { childTable, countOf, rowsIn, type ChildTable } from './child-table.ts'
import { untrustedColumns } from './columns.ts'
import { csvLine } from './csv.ts'
import { readable } from './readable.ts'
import { visibleJson } from './visible.ts'

export interface RecordShown {
  readonly record: MaximoRecord
  readonly schema: ObjectSchema
  readonly fields: readonly string[]
  readonly children: readonly string[]
  readonly format: Format
  /** Records of other objects that belong to it. */
  readonly tables?: readonly ChildTable[]
  readonly notes?: readonly string[]
  /** Said beside the record, under names of our own. */
  readonly extra?: Readonly<Record<string, unknown>>
}

const MAX_CHARACTERS = 100_000

/** One record as text: its fields by name, its children as tables. */
export function recordAnswer(shown: RecordShown, context: ToolContext): Result<ToolAnswer, ToolProblem> {
  const { record, fields, children, schema, format } = shown
  const own = children.map((name) => childTable(name, record.values, schema))
  const tables = format === 'csv' ? [] : [...own, ...(shown.tables ?? [])]
  const present = fields.filter((name) => hasValue([name, record.values[name]]))
  const head = {
    ...originOf(context),
    object: schema.resource.toLowerCase(),
    id: record.id,
    ...notesOf(shown),
    ...shown.extra,
    untrusted: [...untrustedColumns(present, schema), ...tables.flatMap((table) => table.untrusted)],
  }
  const text = format === 'csv' ? csvText(head, shown) : jsonText(head, shown, tables)
  return text.length > MAX_CHARACTERS ? err(TOO_LARGE) : ok({ text, recordCount: 1 })
}

const TOO_LARGE: ToolProblem = {
  kind: 'too_large',
  what: 'The record does not fit into one answer.',
  why: null,
  next: 'Name the fields you need in select, and expand fewer child objects; query_records can filter child rows.',
}

function notesOf({ format, record, children, notes = [] }: RecordShown): {
  readonly notes?: readonly string[]
} {
  const left =
    format === 'csv' && children.length > 0 ? ['CSV holds the record without its child objects.'] : []
  const said = [...notes, ...left, ...children.flatMap((name) => unshown(name, record))]
  return said.length === 0 ? {} : { notes: said }
}

/** Attachments come as a number: what there is must not look like nothing. */
function unshown(name: string, { values }: MaximoRecord): readonly string[] {
  const count = countOf(name, values) ?? 0
  if (count <= rowsIn(values[name]).length) return []
  return [`${name}: ${count} in all, shown by list_attachments.`]
}

const csvText = (head: object, { record, fields }: RecordShown): string =>
  [
    visibleJson(head),
    csvLine(fields),
    csvLine(fields.map((name) => readable(name, record.values[name]))),
  ].join('\n')

function jsonText(
  head: object,
  { record, fields, format }: RecordShown,
  tables: readonly ChildTable[],
): string {
  const own = Object.fromEntries(
    fields.map((name) => [name, readable(name, record.values[name])] as const).filter(hasValue),
  )
  const nested = tables.map(
    (table) => [table.name, format === 'json' ? table.objects : table.compact] as const,
  )
  return visibleJson({
    ...head,
    record: own,
    ...(nested.length > 0 && { children: Object.fromEntries(nested) }),
  })
}

const hasValue = ([, value]: readonly [string, unknown]): boolean => value !== undefined && value !== null
