import type { FieldSchema, ObjectSchema } from '../../../maximo/schema/object-schema.ts'

/** What people look for in a list, in this order, whatever the object is. */
const PREFERRED = [
  'description',
  'status',
  'worktype',
  'class',
  'type',
  'wopriority',
  'reportedpriority',
  'assetnum',
  'location',
  'itemnum',
  'vendor',
  'displayname',
  'name',
  'lead',
  'owner',
  'reportedby',
  'reportdate',
  'nextdate',
  'orderdate',
  'totalcost',
  'statusdate',
]
const COMPACT_WIDTH = 10

/** The columns of a list when the caller names none: the key, then what is usually asked for. */
export function compactColumns(schema: ObjectSchema): readonly string[] {
  const found = PREFERRED.filter((name) => schema.fields.has(name) && !schema.key.includes(name))
  return [...schema.key.filter((name) => schema.fields.has(name)), ...found].slice(0, COMPACT_WIDTH)
}

type Fields = ReadonlyMap<string, FieldSchema>

/**
 * Which of the columns hold text that anybody could have typed: free text, and everything whose type is not known.
 * Codes (`UPPER`), values of lists and their descriptions come from the people who set Maximo up.
 */
export function untrustedColumns(
  columns: readonly string[],
  { fields }: Pick<ObjectSchema, 'fields'>,
): readonly string[] {
  return columns.filter(
    (column) => (fields.has(column) || column.includes('.')) && isUntrusted(column, fields),
  )
}

/** A column that the schema does not name is not trusted, unless it describes a value of a list. */
export function isUntrusted(column: string, fields: Fields | null | undefined): boolean {
  const described = column.replace(/_(?:description|maxvalue)$/, '')
  if (described !== column && fields?.get(described)?.hasList === true) return false
  const field = fields?.get(column)
  return field === undefined || isFreeText(field)
}

const isFreeText = ({ kind, hasList, subType }: FieldSchema): boolean =>
  (kind === 'text' || kind === 'unknown') && !hasList && (subType === null || !CODES.has(subType))

const CODES: ReadonlySet<string> = new Set(['UPPER', 'LOWER', 'GL'])

/** Maximo's own bookkeeping, which no reader asks for. */
const BOOKKEEPING = /^(?:_|href$|localref$)|_(?:collectionref|maxvalue)$|longdescription$/
const MAX_RECORD_FIELDS = 90
const MAX_NAMED = 10

/** The fields of one record when the caller names none: its own, what people look for first. And what to say of others. */
export function recordFields(schema: ObjectSchema): {
  readonly fields: readonly string[]
  readonly notes: readonly string[]
} {
  const own = [...schema.fields.values()].filter(
    ({ name, subType }) => subType !== null && !BOOKKEEPING.test(name),
  )
  const long = schema.fields.has('description_longdescription') ? ['description_longdescription'] : []
  const names = [...new Set([...compactColumns(schema), ...long, ...own.map(({ name }) => name)])]
  const left = names.slice(MAX_RECORD_FIELDS)
  return { fields: names.slice(0, MAX_RECORD_FIELDS), notes: left.length === 0 ? [] : [leftOut(left)] }
}

function leftOut(names: readonly string[]): string {
  const examples = [...names.slice(0, MAX_NAMED), ...(names.length > MAX_NAMED ? ['…'] : [])]
  return `Not asked for: ${names.length} further fields (${examples.join(', ')}). Name what you need in select.`
}
