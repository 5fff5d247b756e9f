import type { RecordRef } from '../contract.ts'
import { parseRecordAddress } from '../records/addresses.ts'
import type {
  ActionDone,
  ActionRequest,
  Done,
  Existing,
  FieldProblem,
  Outcome,
  WorkflowRequest,
  WriteCall,
  WriteValues,
} from './contract.ts'
import { fieldProblem, invalid } from './problems.ts'
import { callHeaders, sendJson, sendOnce, type Answered, type Tools } from './send.ts'
import { locate, lookUpUnchanged, segmentsOf } from './target.ts'
import { renderParameters } from '../query/parameters.ts'
import type { Failure } from './failure.ts'

/** A method of the record's own service (maximo-api §4.6). */
export const act = async (
  request: ActionRequest,
  tools: Tools,
  call: WriteCall,
): Promise<Outcome<ActionDone>> => {
  const { method, parameters } = request
  if (!NAME.test(method))
    return invalid(fieldProblem('bad_request', 'method', 'This is no name of a method.'))
  const problems = parameterProblems(parameters)
  if (problems.length > 0) return invalid(...problems)
  const sent = await sendAction(`wsmethod:${method}`, { ref: request, parameters }, tools, call)
  if (sent.kind !== 'answered') return sent
  const created = sent.location === null ? null : parseRecordAddress(sent.location, tools.session.base)
  return { kind: 'done', answer: sent.body, created }
}

/** Puts the record into a workflow process (maximo-api §4.8). */
export const startWorkflow = async (
  request: WorkflowRequest,
  tools: Tools,
  call: WriteCall,
): Promise<Outcome<Done>> => {
  const { process } = request
  if (!NAME.test(process))
    return invalid(fieldProblem('bad_request', 'process', 'This is no name of a process.'))
  const sent = await sendAction(`workflow:${process}`, { ref: request, parameters: {} }, tools, call)
  return sent.kind === 'answered' ? { kind: 'done' } : sent
}

/** An action on a record, with parameters that were checked. */
export const sendAction = async (
  action: string,
  at: {
    readonly ref: RecordRef & { readonly rowstamp?: string }
    readonly parameters: WriteValues
  },
  tools: Tools,
  call: WriteCall,
): Promise<Answered | Failure> => {
  const { rowstamp, ...ref } = at.ref
  // Actions take no row stamp (maximo-api §4.6), so it is compared just before.
  const found =
    rowstamp === undefined
      ? await locate(ref, tools, call)
      : await lookUpUnchanged({ ...ref, rowstamp }, { select: { fields: [] }, tools }, call)
  if (found.kind !== 'located' && found.kind !== 'found') return found
  const objectStructure = ref.objectStructure.toUpperCase()
  return sendJson(
    {
      segments: segmentsOf(objectStructure, found.id),
      operation: 'PATCH',
      parameters: [['action', action]],
      headers: [],
      payload: at.parameters,
      right: { objectStructure, action },
    },
    tools,
    call,
  )
}

/** Deletes a record that is still the one that was read. */
export const deleteRecord = async (
  existing: Existing,
  tools: Tools,
  call: WriteCall,
): Promise<Outcome<Done>> => {
  const found = await lookUpUnchanged(existing, { select: { fields: [] }, tools }, call)
  if (found.kind !== 'found') return found
  const objectStructure = existing.objectStructure.toUpperCase()
  const sent = await sendDelete(segmentsOf(objectStructure, found.id), { objectStructure, tools }, call)
  return sent.kind === 'answered' ? { kind: 'done' } : sent
}

export const sendDelete = (
  segments: readonly string[],
  { objectStructure, tools }: { readonly objectStructure: string; readonly tools: Tools },
  call: WriteCall,
): Promise<Answered | Failure> =>
  sendOnce(
    {
      segments,
      operation: 'DELETE',
      queryString: renderParameters([['interactive', '1']]),
      headers: callHeaders(call),
      body: '',
    },
    { right: { objectStructure, action: 'delete' }, tools },
    call,
  )

/** The names are the method's own: only that they are names, and the values single ones, can be checked. */
const parameterProblems = (parameters: WriteValues): readonly FieldProblem[] =>
  Object.entries(parameters).flatMap(([name, value]) => {
    if (!NAME.test(name))
      return [fieldProblem('bad_request', 'parameters', 'This is no name of a parameter.')]
    const isFine =
      typeof value === 'string'
        ? !UNPRINTABLE.test(value)
        : typeof value !== 'number' || Number.isFinite(value)
    return isFine
      ? []
      : [fieldProblem('bad_value', `parameters.${name}`, `${name} cannot be sent like this.`)]
  })

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,59}$/
const UNPRINTABLE = /[^\P{Cc}\t\n\r]|\p{Cs}/u
