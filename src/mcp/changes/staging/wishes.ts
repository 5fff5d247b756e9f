import { err, ok, type Result } from '../../../kernel/result.ts'
import type { AllowedState, FoundRecord } from '../../../maximo/contract.ts'
import { isObject } from '../../../maximo/json.ts'
import { suggest } from '../../../maximo/query/did-you-mean.ts'
import { allowedStates } from '../../../maximo/records/record.ts'
import { suggested } from '../../tools/problem/did-you-mean.ts'
import { visible } from '../../tools/result/visible.ts'
import type { ToolProblem } from '../../tools/problem/tool-problem.ts'
import { actionOf } from '../actions.ts'
import { childChanges, isNoChange, valueChanges } from './field-changes.ts'
import { labelOf } from './find-existing.ts'
import { wanted as wantedSchema, type FieldChange, type OfExisting } from '../plan.ts'
import { fieldsProblem, problem } from '../problems.ts'
import type { Examiner, Proposal } from './proposal.ts'
import { attachmentName } from './attached.ts'
import { resolveRows, writtenRows } from './child-rows.ts'

/** What a proposal for a record that is there comes to. */
export interface Wishes {
  readonly wanted: OfExisting
  readonly diff: readonly FieldChange[]
  readonly movesTo: string | null
  readonly warnings: readonly string[]
}

const asked = (wanted: OfExisting, diff: readonly FieldChange[]): Result<Wishes, ToolProblem> =>
  ok({ wanted, diff, movesTo: null, warnings: [] })

/** What it would change, or why there is nothing to plan. @throws MaximoFault */
export async function wishesOf(
  proposal: Exclude<Proposal, { readonly op: 'create' }>,
  found: FoundRecord,
  examiner: Examiner,
): Promise<Result<Wishes, ToolProblem>> {
  const wanted = wantedOf(proposal, found.schema.resource)
  switch (wanted.op) {
    case 'update':
      return updateWishes(wanted, found, examiner)
    case 'status':
      return statusWishes(wanted, found)
    case 'action':
      return actionWishes(wanted, found, examiner)
    case 'answer':
      return answerWishes(wanted, found)
    case 'delete':
      return asked(wanted, [{ field: 'record', before: 'exists', after: 'deleted' }])
    case 'attach':
      return asked(wanted, [
        { field: 'attachment', before: null, after: attachmentName(wanted) },
        ...(wanted.file === undefined
          ? []
          : [{ field: 'attachment content', before: null, after: wanted.file.text }]),
        ...(wanted.description === undefined
          ? []
          : [{ field: 'attachment description', before: null, after: wanted.description }]),
      ])
  }
}

/** A proposal without how its record was named. */
function wantedOf(proposal: Proposal, object: string): OfExisting {
  const own = Object.entries(proposal).filter(([name]) => !BESIDE.has(name))
  const read = wantedSchema.parse({ ...Object.fromEntries(own), object })
  if (read.op === 'create') throw new Error('change: a new record is examined elsewhere')
  return read
}

/** What a proposal says beside what it wants. */
const BESIDE: ReadonlySet<string> = new Set(['site', 'expected', 'answers'])

async function updateWishes(
  wanted: Extract<OfExisting, { readonly op: 'update' }>,
  { record, schema }: FoundRecord,
  { checker, context }: Examiner,
): Promise<Result<Wishes, ToolProblem>> {
  const rows = resolveRows(wanted.children, record)
  if (!rows.ok) return rows
  const { children } = rows.value
  const request = { objectStructure: schema.resource, values: wanted.values, children: writtenRows(children) }
  const checked = await checker.update(request, context.call)
  if (checked.problems.length > 0) return err(fieldsProblem(checked.problems, schema.resource))
  const all = valueChanges(wanted.values, checked.values, { record, schema })
  const [diff, same] = [all.filter((one) => !isNoChange(one)), all.filter(isNoChange)]
  const [added, inRows] = [childChanges(wanted), rows.value.diff]
  if (diff.length + added.length === 0 && inRows.every(isNoChange))
    return err(nothingToDo(labelOf(record, schema)))
  const values = Object.fromEntries(
    Object.entries(wanted.values).filter(([name]) =>
      diff.some(({ field }) => field === name.trim().toLowerCase()),
    ),
  )
  const warnings = same.map(({ field }) => `${field} has this value already.`)
  const whole = { ...wanted, values, ...(children !== undefined && { children }) }
  // Rows are sent whole, so all of them is shown to whoever decides, also what looks unchanged.
  return ok({ wanted: whole, diff: [...diff, ...added, ...inRows], movesTo: null, warnings })
}

/** Maximo says which moves it allows from here; what it does not allow is not planned. */
function statusWishes(
  wanted: Extract<OfExisting, { readonly op: 'status' }>,
  { record, schema }: FoundRecord,
): Result<Wishes, ToolProblem> {
  const status = wanted.status.trim().toUpperCase()
  const now = record.values['status']
  const before = typeof now === 'string' ? now : null
  if (!schema.fields.has('status')) return err(noStatus(schema.resource))
  if (before?.toUpperCase() === status) return err(nothingToDo(labelOf(record, schema)))
  const states = allowedStates(record)
  const move = moveTo(status, states)
  const diff = [{ field: 'status', before, after: move?.value ?? status }, ...detailsOf(wanted)]
  if (move !== undefined)
    return ok({ wanted: { ...wanted, status: move.value }, diff, movesTo: move.internal, warnings: [] })
  if (isObject(record.values['allowedstates']))
    return err(
      noSuchMove(`${labelOf(record, schema)} is ${visible(before ?? 'without a status')}`, status, states),
    )
  return ok({ wanted: { ...wanted, status }, diff, movesTo: null, warnings: [MOVES_UNKNOWN] })
}

/** By its value; where none is called so, by the rule of Maximo that one value alone stands for. */
function moveTo(status: string, states: readonly AllowedState[]): AllowedState | undefined {
  const named = states.find(({ value }) => value.toUpperCase() === status)
  const meant = states.filter(({ internal }) => internal === status)
  return named ?? (meant.length === 1 ? meant[0] : undefined)
}

const detailsOf = ({
  memo,
  date,
}: Extract<OfExisting, { readonly op: 'status' }>): readonly FieldChange[] => [
  ...(memo === undefined ? [] : [{ field: 'memo', before: null, after: memo }]),
  ...(date === undefined ? [] : [{ field: 'status date', before: null, after: date }]),
]

function noSuchMove(now: string, status: string, states: readonly AllowedState[]): ToolProblem {
  const values = states.map(({ value }) => value)
  const may =
    values.length === 0 ? 'It may not move at all.' : `It may move to ${values.map(visible).join(', ')}.`
  const near = suggested(suggest(status, values))
  const what = `${now} and may not move to ${visible(status.slice(0, 40))}.${near} ${may}`
  return problem('invalid_value', what, { next: 'Choose one of these, or leave it as it is.' })
}

async function actionWishes(
  wanted: Extract<OfExisting, { readonly op: 'action' }>,
  { record, schema }: FoundRecord,
  { checker, context }: Examiner,
): Promise<Result<Wishes, ToolProblem>> {
  const action = actionOf(wanted)
  if (action === null)
    return err(
      problem('invalid_value', 'This method cannot be part of a change.', { next: 'Use a tool for it.' }),
    )
  if (action.makes !== undefined) {
    const request = { objectStructure: action.makes, values: wanted.parameters }
    const { problems } = await checker.create(request, context.call)
    if (problems.length > 0) return err(fieldsProblem(problems, action.makes))
  }
  const sets = action.sets?.(wanted.parameters)
  if (sets === undefined)
    return asked(
      wanted,
      Object.entries(wanted.parameters).map(([field, after]) => ({
        field: `new.${field}`,
        before: null,
        after,
      })),
    )
  const checked = Object.fromEntries(
    Object.entries(sets).map(([field, value]) => [field, value.toUpperCase()]),
  )
  const diff = valueChanges(checked, checked, { record, schema })
  return diff.every(isNoChange) ? err(nothingToDo(labelOf(record, schema))) : asked(wanted, diff)
}

function answerWishes(
  wanted: Extract<OfExisting, { readonly op: 'answer' }>,
  { record }: FoundRecord,
): Result<Wishes, ToolProblem> {
  if (record.values['assignstatus'] !== 'ACTIVE') return err(NOT_WAITING)
  const memo = wanted.memo === undefined ? [] : [{ field: 'memo', before: null, after: wanted.memo }]
  const answer = { field: 'answer', before: 'waiting', after: wanted.accepted ? 'accept' : 'reject' }
  return asked(wanted, [answer, ...memo])
}

const nothingToDo = (label: string): ToolProblem =>
  problem('invalid_value', `${visible(label)} is already as it should become.`, {
    why: 'Nothing was staged: there is nothing to change.',
    next: 'Read the record, or ask for something else.',
  })

const noStatus = (object: string): ToolProblem =>
  problem('invalid_field', `${visible(object)} has no status.`, {
    next: `describe_object with object "${visible(object.toLowerCase())}" lists its fields.`,
  })

const MOVES_UNKNOWN =
  'This Maximo does not say which statuses the record may move to; it decides when it is written.'
const NOT_WAITING = problem('conflict', 'This assignment is not waiting for an answer any more.', {
  next: 'Read the inbox again.',
})
