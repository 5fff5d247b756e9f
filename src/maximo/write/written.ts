import type { MaximoRecord } from '../contract.ts'
import { isObject } from '../json.ts'
import { parseInstant } from '../query/instant.ts'
import { parseRecordAddress } from '../records/addresses.ts'
import { plainText } from '../records/long-text.ts'
import { toRecord } from '../records/record.ts'
import type { FieldSchema, ObjectSchema } from '../schema/object-schema.ts'
import type { RecordDone, WriteCall, WriteWarning } from './contract.ts'
import type { Payload } from './payload.ts'
import type { Answered, Tools } from './send.ts'

export interface WrittenRecord {
  readonly schema: ObjectSchema
  readonly payload: Payload
  /** Of a record that was there before. */
  readonly id: string | null
}

/**
 * What became of a record: as the answer shows it, else read back. That it cannot be read back changes nothing about
 * its having been written.
 */
export const recordDone = async (
  written: WrittenRecord,
  answered: Answered,
  tools: Tools,
  call: WriteCall,
): Promise<RecordDone> => {
  const done = shownDone(written, answered, tools)
  if (done.record !== null || done.id === null) return done
  const record = await readBack(done.id, written, tools, call)
  return record === null ? done : { ...done, record, warnings: warningsOf(record, written) }
}

/** As far as the answer itself shows it. */
export const shownDone = (
  written: WrittenRecord,
  { body, location }: Pick<Answered, 'body' | 'location'>,
  tools: Tools,
): RecordDone => {
  const record = recordIn(body, written.schema, tools)
  const id = written.id ?? idIn(location, written.schema, tools) ?? record?.id ?? null
  return { kind: 'done', id, record, warnings: record === null ? [] : warningsOf(record, written) }
}

const recordIn = (body: unknown, { resource }: ObjectSchema, { session }: Tools): MaximoRecord | null =>
  isObject(body) && typeof body['_rowstamp'] === 'string'
    ? toRecord(body, { base: session.base, objectStructure: resource, aliases: NONE })
    : null

/** Where Maximo says it put the record, if that is one of this object structure here. */
const idIn = (location: string | null, { resource }: ObjectSchema, { session }: Tools): string | null => {
  const address = location === null ? null : parseRecordAddress(location, session.base)
  return address?.objectStructure === resource ? address.id : null
}

const readBack = async (
  id: string,
  { schema, payload }: WrittenRecord,
  { client }: Tools,
  call: WriteCall,
): Promise<MaximoRecord | null> => {
  const fields = [...new Set([...schema.key, ...Object.keys(payload)])].filter((name) =>
    schema.fields.has(name),
  )
  try {
    const found = await client.findRecord({ objectStructure: schema.resource, id }, { fields }, call)
    return found.ok && found.value !== null ? found.value.record : null
  } catch {
    // Whatever stands in the way of reading: the write is done, and to say anything else would be wrong.
    return null
  }
}

/** Fields that came out otherwise than they were sent. */
const warningsOf = (record: MaximoRecord, { payload, schema }: WrittenRecord): readonly WriteWarning[] =>
  Object.entries(payload).flatMap(([name, sent]) => {
    const field = schema.fields.get(name)
    if (field === undefined || isTransient(field) || isSame(sent, record.values[name] ?? null, field))
      return []
    const message = `Maximo did not keep the value for ${name}: it is read-only for this record, or a rule changed it.`
    return [{ reason: 'not_taken', field: name, message }]
  })

/** `newreading` and the like live only while the record is saved; long texts are kept elsewhere, but kept. */
const isTransient = (field: FieldSchema): boolean => !field.isPersistent && field.subType !== 'LONGALN'

const isSame = (sent: unknown, kept: unknown, { kind, subType }: FieldSchema): boolean => {
  if (sent === kept) return true
  if (typeof sent === 'number' && typeof kept === 'number') return Math.abs(sent - kept) < ROUNDING
  if (typeof sent !== 'string' || typeof kept !== 'string') return false
  if (kind === 'datetime') return parseInstant(sent) === parseInstant(kept)
  if (kind === 'date') return kept.startsWith(sent)
  // Maximo puts a time of day behind a day that means nothing.
  if (kind === 'time') return kept.includes(sent)
  return subType === 'LONGALN' ? plainText(sent) === plainText(kept) : sent.trim() === kept.trim()
}

/** Maximo rounds to the scale of the column, two digits at least. */
const ROUNDING = 0.0051
const NONE: ReadonlyMap<string, string> = new Map()
