import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { DomainValue, MaximoCall } from '../contract.ts'
import { toDomainValue } from '../directory.ts'
import { problem, resolveField } from '../query/fields.ts'
import type { QueryProblem } from '../query/query.ts'
import { readEveryValue } from './every-value.ts'
import { findRecord, type FindRequest, isMissingRecord, locateRecord } from './find-record.ts'

type Values = Result<readonly DomainValue[] | null, readonly QueryProblem[]>

/**
 * What a field of this record may hold now, as Maximo's own rules choose it: `getlist~` of the record, a collection like
 * any other (REST guide, lookups; maximo-api §2.4). Which rows it has the server decides.
 */
export const readValueList = async (
  request: FindRequest,
  asked: string,
  call: MaximoCall,
): Promise<Values> => {
  const field = resolveField(asked, 'field', request)
  if (!field.ok) return err([field.error])
  const name = asked.trim().toLowerCase()
  if (request.schema.fields.get(name)?.hasList !== true) return err([NO_LIST])
  const at = await locateRecord(request, call)
  if (!at.ok) return at
  if (at.value === null) return ok(null)
  try {
    return await ask(request, { ...at.value, name }, call)
  } catch (error) {
    if (!isMissingRecord(error)) throw error
    // Either the record or the list: Maximo says the same of both.
    const found = await findRecord(request, call)
    return found.ok && found.value === null ? ok(null) : err([NO_LIST])
  }
}

interface Place {
  readonly objectStructure: string
  readonly id: string
  /** Of the field. */
  readonly name: string
}

const ask = async (
  { session }: FindRequest,
  { objectStructure, id, name }: Place,
  call: MaximoCall,
): Promise<Values> => {
  const segments = ['os', objectStructure.toLowerCase(), id, `getlist~${name}`]
  const rows = await readEveryValue(session, { segments, objectStructure, parameters: SELECTED }, call)
  const values = rows.flatMap(toDomainValue)
  return values.length === rows.length ? ok(values) : err([OTHER_RECORDS])
}

const SELECTED = [['oslc.select', 'value,maxvalue,description,siteid,orgid,defaults']] as const
const NO_LIST = problem('not_supported', 'field', 'This field has no value list.')
const OTHER_RECORDS = problem(
  'not_supported',
  'field',
  'Its values are records of another object: query that object instead.',
)
