import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { FoundRecord, MaximoCall, RecordRef } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import { isObject } from '../json.ts'
import { compileMember, compileQuery } from '../query/compile.ts'
import type { CompileExtras } from '../query/fields.ts'
import { problem } from '../query/fields.ts'
import type { Condition, QueryProblem, Select } from '../query/query.ts'
import type { ObjectSchema } from '../schema/object-schema.ts'
import { KEY_SCOPES, KEY_TAILS } from '../schema/parse-schema.ts'
import type { MaximoSession } from '../session.ts'
import { isResourceId, parseRecordAddress } from './addresses.ts'
import { readRecords } from './read-records.ts'
import { toRecord } from './record.ts'

export interface FindRequest {
  readonly session: MaximoSession
  readonly schema: ObjectSchema
  readonly extras: CompileExtras
  readonly ref: RecordRef
  readonly select: Select
}

type Found = Result<FoundRecord | null, readonly QueryProblem[]>

/** One record by resource id, by its address, or by its key as people write it. */
export const findRecord = async (request: FindRequest, call: MaximoCall): Promise<Found> => {
  const { ref, session, schema } = request
  const id = ref.id.trim()
  if (isResourceId(id)) return findById(request, id, call)
  if (/^https?:/i.test(id) || id.includes('/os/')) {
    const address = parseRecordAddress(id, session.base)
    if (address?.objectStructure === schema.resource) return findById(request, address.id, call)
    return err([problem('bad_value', 'id', `This is not the address of a ${schema.resource} record here.`)])
  }
  return findByKey(request, id, call)
}

/** Where a record is that is named in any of these ways; null: there is none. @throws MaximoFault foreign_address */
export const locateRecord = async (
  request: FindRequest,
  call: MaximoCall,
): Promise<
  Result<{ readonly objectStructure: string; readonly id: string } | null, readonly QueryProblem[]>
> => {
  const objectStructure = request.schema.resource
  if (isResourceId(request.ref.id)) return ok({ objectStructure, id: request.ref.id })
  const found = await findRecord(request, call)
  if (!found.ok) return found
  if (found.value === null) return ok(null)
  const { id } = found.value.record
  // Its address lies elsewhere: nothing of it can be asked for.
  if (id === null) throw new MaximoFault('bad_upstream', { detail: 'foreign_address', objectStructure })
  return ok({ objectStructure, id })
}

/** 404 is also said of an unknown object structure (BMXAA4216E, BMXAA1283E): that is not an absent record. */
export const isMissingRecord = (error: unknown): boolean =>
  error instanceof MaximoFault &&
  error.kind === 'not_found' &&
  (error.code === null || error.code === 'BMXAA8727E')

const findById = async (request: FindRequest, id: string, call: MaximoCall): Promise<Found> => {
  const { session, schema, extras, select } = request
  const compiled = compileMember(select, schema, extras)
  if (!compiled.ok) return compiled
  const objectStructure = schema.resource
  const segments = ['os', objectStructure.toLowerCase(), id]
  try {
    const row = await session.get(
      { segments, queryString: compiled.value.queryString, objectStructure },
      call,
    )
    if (!isObject(row)) throw new MaximoFault('bad_upstream', { detail: 'shape', objectStructure })
    const shape = { base: session.base, objectStructure, aliases: compiled.value.select.aliases }
    return ok({ record: toRecord(row, shape), schema })
  } catch (error) {
    if (isMissingRecord(error)) return ok(null)
    throw error
  }
}

const findByKey = async (request: FindRequest, id: string, call: MaximoCall): Promise<Found> => {
  const { session, schema, extras, select } = request
  const conditions = keyConditions(id, schema)
  if (!conditions.ok) return conditions
  const query = {
    objectStructure: schema.resource,
    all: conditions.value,
    select: { ...select, fields: [...new Set([...select.fields, ...schema.key])] },
    pageSize: MOST_CANDIDATES,
  }
  const compiled = compileQuery(query, schema, extras)
  if (!compiled.ok) return err(compiled.error.map(asKeyProblem))
  const page = await readRecords({ session, query, compiled: compiled.value }, call)
  if (!page.ok) return page
  const [record, second] = page.value.records
  if (record === undefined) return ok(null)
  if (second === undefined) return ok({ record, schema })
  const keys = page.value.records.map(({ values }) =>
    schema.key.map((name) => String(values[name])).join('/'),
  )
  return err([
    problem('ambiguous_key', 'id', 'More than one record has this number; add what tells them apart.', keys),
  ])
}

/**
 * `BEDFORD/1001` onto the key attributes. What scopes a number (organisation, site) may be left out from the left,
 * a revision from the right; then the number may turn out ambiguous.
 */
export const keyConditions = (
  id: string,
  schema: ObjectSchema,
): Result<readonly Condition[], readonly QueryProblem[]> => {
  const parts = id.split('/').map((part) => part.trim())
  const names = keyNames(schema.key, parts.length)
  if (names === null || parts.includes(''))
    return err([problem('bad_value', 'id', `A ${schema.resource} record is named ${keyForm(schema.key)}.`)])
  return ok(names.map((field, index) => ({ field, op: 'eq', value: parts[index] ?? '' })))
}

const keyNames = (key: readonly string[], parts: number): readonly string[] | null => {
  const core = key.filter((name) => !KEY_SCOPES.includes(name) && !KEY_TAILS.includes(name))
  const scopes = key.filter((name) => KEY_SCOPES.includes(name))
  if (core.length === 0 || parts < core.length || parts > key.length) return null
  if (parts <= scopes.length + core.length)
    return [...scopes.slice(scopes.length - (parts - core.length)), ...core]
  return key.slice(0, parts)
}

const keyForm = (key: readonly string[]): string =>
  key.length === 0 ? 'by its resource id only' : key.map((name) => name.toUpperCase()).join('/')

/** The conditions are ours: what is wrong with them is wrong with the key. */
const asKeyProblem = (found: QueryProblem): QueryProblem =>
  found.path.startsWith('all[') ? { ...found, path: 'id' } : found

const MOST_CANDIDATES = 4
