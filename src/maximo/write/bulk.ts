import type { MaximoFault } from '../fault.ts'
import { faultIn } from '../http/answer.ts'
import type { JsonObject } from '../json.ts'
import { isObject, listOf, textOf } from '../json.ts'
import type { Known } from '../knowledge.ts'
import { isResourceId } from '../records/addresses.ts'
import type {
  BulkDone,
  BulkItem,
  BulkRequest,
  FieldProblem,
  Outcome,
  RecordOutcome,
  WriteCall,
} from './contract.ts'
import { MAX_BULK } from './contract.ts'
import { failureOf } from './failure.ts'
import { buildPayload, type Payload } from './payload.ts'
import { fieldProblem, invalid } from './problems.ts'
import { sendJson, type Tools } from './send.ts'
import { segmentsOf } from './target.ts'
import { knownFor } from './write-record.ts'
import { shownDone } from './written.ts'

/**
 * Many records in one request (maximo-api §4.5): HTTP 200 whatever became of them, so each item's own part is read.
 * Child rows are for single writes, where a merge is certain.
 */
export const bulk = async (
  request: BulkRequest,
  tools: Tools,
  call: WriteCall,
): Promise<Outcome<BulkDone>> => {
  const { items, together } = request
  if (items.length === 0 || items.length > MAX_BULK)
    return invalid(fieldProblem('bad_request', 'items', `Give 1 to ${MAX_BULK} records at once.`))
  const known = await knownFor(request.objectStructure, items, tools, call)
  const built = items.map((item, index) => buildItem(item, index, { known, tools }))
  const problems = built.flatMap((item) => item.problems)
  if (problems.length > 0) return invalid(...problems)
  const { resource } = known.schema
  const sent = await sendJson(
    {
      segments: ['os', resource.toLowerCase()],
      operation: 'BULK',
      headers: [
        ...['properties', [...new Set(built.flatMap(({ properties }) => properties))].join(',')],
        ...(together ? ['allornothing', '1'] : []),
      ],
      payload: built.map(({ payload }) => payload),
      right: { objectStructure: resource, action: 'change' },
    },
    tools,
    call,
  )
  if (sent.kind !== 'answered') return sent
  const answers = answersById(sent.body)
  return {
    kind: 'done',
    items: built.map((item, index) => itemOutcome(item, answers.get(String(index)), { known, tools })),
  }
}

interface BuiltItem {
  readonly id: string | null
  readonly payload: Payload
  readonly properties: readonly string[]
  readonly problems: readonly FieldProblem[]
}

interface Context {
  readonly known: Known
  readonly tools: Tools
}

const buildItem = (item: BulkItem, index: number, { known, tools }: Context): BuiltItem => {
  const path = `items[${index}].`
  const _bulkid = String(index)
  const { schema } = known
  if (item.action === 'create') {
    const { payload, ...rest } = buildPayload(item, { ...known, isNew: true, path })
    return { id: null, ...rest, payload: { ...payload, _action: 'Add', _bulkid } }
  }
  if (!isResourceId(item.id)) {
    const problem = fieldProblem('bad_request', `${path}id`, 'Name the record by its resource id.')
    return { id: null, payload: {}, properties: [], problems: [problem] }
  }
  const href = tools.session.hrefOf(segmentsOf(schema.resource, item.id))
  const { payload, ...rest } = buildPayload(item, { ...known, isNew: false, path })
  const around = { href, _action: 'Update', _rowstamp: item.rowstamp, _bulkid }
  return { id: item.id, ...rest, payload: { ...payload, ...around } }
}

/** By the id we sent; a Maximo that does not give it back keeps the order. */
const answersById = (body: unknown): ReadonlyMap<string, JsonObject> =>
  new Map(
    listOf(body).flatMap((answer, index) => {
      if (!isObject(answer)) return []
      const { _responsemeta: meta } = answer
      return [[(isObject(meta) ? textOf(meta['_bulkid']) : null) ?? String(index), answer] as const]
    }),
  )

const itemOutcome = (
  item: BuiltItem,
  answer: JsonObject | undefined,
  { known, tools }: Context,
): RecordOutcome => {
  const meta = answer?.['_responsemeta']
  const status = isObject(meta) ? Number(meta['status']) : NaN
  // Something went missing on the way: nobody knows what became of this one.
  if (!isObject(meta) || !Number.isInteger(status)) return { kind: 'unknown', detail: 'no_item' }
  const body = answer?.['_responsedata'] ?? null
  const { schema } = known
  const context = { objectStructure: schema.resource, nowMs: tools.clock.nowMs() }
  const fault = faultIn(body, { status, retryAfter: null }, context)
  if (fault !== null) return itemFailure(fault, body, schema.resource)
  const written = { schema, payload: item.payload, id: item.id }
  return shownDone(written, { body, location: textOf(meta['Location']) }, tools)
}

/** What would end a whole call is here the end of one item. */
const itemFailure = (fault: MaximoFault, body: unknown, objectStructure: string): RecordOutcome => {
  try {
    return failureOf(fault, body, { objectStructure, action: 'change' })
  } catch (error) {
    if (error !== fault) throw error
    return { kind: 'refused', code: fault.code, innerCode: fault.innerCode, untrusted: fault.untrusted }
  }
}
