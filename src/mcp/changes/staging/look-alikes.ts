import type { MaximoCall, MaximoClient, MaximoRecord } from '../../../maximo/contract.ts'
import { parseInstant } from '../../../maximo/query/instant.ts'
import { CHANGE_MARK } from '../plan.ts'
import type { FieldSchema, ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { WriteValue, WriteValues } from '../../../maximo/write/contract.ts'

/**
 * Resource ids of the newest records that say of themselves what these values say: before a create, what must not be
 * taken for it; after one whose answer was lost, what it may have made, also where a rule of Maximo changed a field. Null:
 * this cannot be asked.
 */
export async function recordsLike(
  values: WriteValues,
  schema: ObjectSchema,
  { client, call, mark = CHANGE_MARK }: Asking,
): Promise<readonly string[] | null> {
  const telling = tellingOf(values, mark)
  const conditions = telling.flatMap((field) => {
    const value = values[field] ?? null
    return isComparable(schema.fields.get(field)) && value !== null ? [{ field, op: 'eq', value }] : []
  })
  if (conditions.length === 0) return null
  const newest = schema.uniqueId === null ? [] : [{ field: schema.uniqueId, direction: 'desc' } as const]
  const query = { objectStructure: schema.resource, select: { fields: [...schema.key] }, pageSize: MOST }
  const found = await client.query({ ...query, all: conditions, orderBy: newest }, call)
  if (!found.ok) return null
  const { records } = found.value
  // In no order of age, a new one may stand behind those that came.
  if (schema.uniqueId === null && records.length === MOST) return null
  return records.flatMap(({ id }) => id ?? [])
}

interface Asking {
  readonly client: Pick<MaximoClient, 'query'>
  readonly call: MaximoCall
  /** What stands in a new record for the id of its change. */
  readonly mark?: string
}

/** The field in which a new record carries the id of the change that makes it. */
export const MARKED_BY = 'externalrefid'

function tellingOf(values: WriteValues, mark: string): readonly string[] {
  if (values[MARKED_BY] === mark) return [MARKED_BY]
  return typeof values['description'] === 'string' ? ['description', 'siteid'] : Object.keys(values)
}

/** How many rows of a child object hold these values. */
export function countRowsLike(record: MaximoRecord, child: string, values: WriteValues): number {
  const rows: unknown = record.values[child]
  if (!Array.isArray(rows)) return 0
  return rows.filter((row: unknown) => isRow(row) && holds(row, values)).length
}

const isRow = (row: unknown): row is Readonly<Record<string, unknown>> =>
  typeof row === 'object' && row !== null

/** Long texts are kept as HTML and elsewhere: they are compared only where there is nothing else. */
export function holds(row: Readonly<Record<string, unknown>>, values: WriteValues): boolean {
  const short = Object.entries(values).filter(([field]) => !field.endsWith('_longdescription'))
  return short.length > 0 && short.every(([field, value]) => isSameValue(value, row[field] ?? null))
}

/** As Maximo keeps it: rounded, in capitals, a day with a time of day, an instant in another zone. */
export function isSameValue(wanted: WriteValue, kept: unknown): boolean {
  if (isEmpty(wanted)) return isEmpty(kept)
  if (typeof wanted === 'string' && typeof kept === 'string') return isSameText(wanted.trim(), kept.trim())
  // What leaves a store is kept as a negative quantity.
  if (typeof wanted === 'number' && typeof kept === 'number')
    return Math.abs(Math.abs(wanted) - Math.abs(kept)) < ROUNDING
  return wanted === kept
}

/** A number under the other sign: to whoever names or changes a value, another one. */
export const isOpposite = (wanted: WriteValue, kept: unknown): boolean =>
  typeof wanted === 'number' && typeof kept === 'number' && wanted * kept < 0

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === ''

function isSameText(wanted: string, kept: string): boolean {
  if (wanted.toUpperCase() === kept.toUpperCase()) return true
  if (!STARTS_WITH_DAY.test(wanted) || !STARTS_WITH_DAY.test(kept)) return false
  if (wanted.length === DAY_LENGTH) return kept.startsWith(wanted)
  const at = parseInstant(wanted)
  return at !== null && at === parseInstant(kept)
}

const isComparable = (field: FieldSchema | undefined): boolean =>
  field?.isPersistent === true &&
  field.subType !== 'LONGALN' &&
  (field.kind === 'text' || field.kind === 'integer' || field.kind === 'boolean')

/** Maximo rounds to the scale of the column, two digits at least. */
const ROUNDING = 0.0051
const MOST = 50
const STARTS_WITH_DAY = /^\d{4}-\d{2}-\d{2}/
const DAY_LENGTH = 10
