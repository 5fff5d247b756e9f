import type { MaximoCall } from '../contract.ts'
import type {
  ChildChange,
  CreateRequest,
  RecordOutcome,
  UpdateRequest,
  WriteCall,
  WriteValues,
} from './contract.ts'
import type { Known } from '../knowledge.ts'
import type { Condition } from '../query/query.ts'
import { buildPayload, type Wanted } from './payload.ts'
import { sendJson, type Letter, type Tools } from './send.ts'
import { locate, segmentsOf } from './target.ts'
import { recordDone } from './written.ts'

/** A new record, or with SYNC the one that has its key. */
export const createRecord = async (
  request: CreateRequest,
  operation: 'post' | 'SYNC',
  tools: Tools,
  call: WriteCall,
): Promise<RecordOutcome> => {
  const known = await knownFor(request.objectStructure, [request], tools, call)
  const built = buildPayload(request, { ...known, isNew: true, path: '' })
  if (built.problems.length > 0) return { kind: 'invalid', problems: built.problems, code: null }
  const { resource } = known.schema
  const letter: Letter = {
    segments: ['os', resource.toLowerCase()],
    operation,
    headers: ['properties', built.properties.join(',')],
    payload: built.payload,
    right: { objectStructure: resource, action: operation === 'SYNC' ? 'create or change' : 'create' },
  }
  const sent = await sendJson(letter, tools, call)
  return sent.kind === 'answered'
    ? recordDone({ schema: known.schema, payload: built.payload, id: null }, sent, tools, call)
    : sent
}

/** A merge of the values into the record, if it is still the one that was read. */
export const updateRecord = async (
  request: UpdateRequest,
  tools: Tools,
  call: WriteCall,
): Promise<RecordOutcome> => {
  const known = await knownFor(request.objectStructure, [request], tools, call)
  const built = buildPayload(request, { ...known, isNew: false, path: '' })
  if (built.problems.length > 0) return { kind: 'invalid', problems: built.problems, code: null }
  const { resource } = known.schema
  const at = await locate(request, tools, call)
  if (at.kind !== 'located') return at
  const letter: Letter = {
    segments: segmentsOf(resource, at.id),
    operation: 'PATCH',
    headers: ['properties', built.properties.join(',')],
    payload: { ...built.payload, _rowstamp: request.rowstamp },
    right: { objectStructure: resource, action: 'change' },
  }
  const sent = await sendJson(letter, tools, call)
  return sent.kind === 'answered'
    ? recordDone({ schema: known.schema, payload: built.payload, id: at.id }, sent, tools, call)
    : sent
}

/** The schema and whatever else it takes to check these records. */
export const knownFor = (
  objectStructure: string,
  wanted: readonly Wanted[],
  { knowledge }: Tools,
  call: MaximoCall,
): Promise<Known> => {
  const conditions = wanted.flatMap(({ values, children = {} }) => [
    ...conditionsOf(values, ''),
    ...Object.entries(children).flatMap(([name, rows]) =>
      rows.flatMap((row) => conditionsOf(valuesOf(row), `${name}.`)),
    ),
  ])
  const children = wanted.flatMap((one) => Object.keys(one.children ?? {}))
  const mentions = { filter: { all: conditions }, names: [], children }
  return knowledge.gather(objectStructure, mentions, call, knowledge.isNaive)
}

const valuesOf = (row: ChildChange): WriteValues => (row.action === 'delete' ? {} : row.values)

const conditionsOf = (values: WriteValues, before: string): readonly Condition[] =>
  Object.entries(values).map(([name, value]) => ({ field: `${before}${name}`, op: 'eq', value }))
