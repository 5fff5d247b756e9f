import type { MaximoCall } from '../contract.ts'
import type { CreateRequest, FieldProblem, UpdateRequest, WriteValue } from './contract.ts'
import { buildPayload } from './payload.ts'
import type { Tools } from './send.ts'
import { knownFor } from './write-record.ts'

/**
 * What Maximo's schema and value lists say about a write, before anybody decides on it. It asks and never sends one, so
 * whoever plans a change needs no {@link MaximoWriter}. Throws as a reading client does.
 */
export interface WriteChecker {
  create(request: CreateRequest, call: MaximoCall): Promise<CheckedWrite>
  update(request: ToUpdate, call: MaximoCall): Promise<CheckedWrite>
}

export type ToUpdate = Pick<UpdateRequest, 'objectStructure' | 'values' | 'children'>

export interface CheckedWrite {
  /** With any of these nothing would be sent. */
  readonly problems: readonly FieldProblem[]
  /** As Maximo would get them: in the letters of the value lists, instants in the user's time zone. */
  readonly values: Readonly<Record<string, WriteValue>>
}

export const createWriteChecker = (tools: Tools): WriteChecker => ({
  create: (request, call) => check(request, true, tools, call),
  update: (request, call) => check(request, false, tools, call),
})

const check = async (
  request: ToUpdate,
  isNew: boolean,
  tools: Tools,
  call: MaximoCall,
): Promise<CheckedWrite> => {
  const known = await knownFor(request.objectStructure, [request], tools, call)
  const { problems, payload } = buildPayload(request, { ...known, isNew, path: '' })
  const own = Object.entries(payload).filter(
    (entry): entry is [string, WriteValue] => !Array.isArray(entry[1]),
  )
  return { problems, values: Object.fromEntries(own) }
}
