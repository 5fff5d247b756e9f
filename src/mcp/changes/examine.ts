import { err, ok, type Result } from '../../kernel/result.ts'
import type { FoundRecord } from '../../maximo/contract.ts'
import { isObject } from '../../maximo/json.ts'
import type { ObjectSchema } from '../../maximo/schema/object-schema.ts'
import { allowedStates } from '../../maximo/records/record.ts'
import type { WriteChecker } from '../../maximo/write/check.ts'
import type { WriteValues } from '../../maximo/write/contract.ts'
import { suggest } from '../../maximo/query/did-you-mean.ts'
import { suggested } from '../tools/did-you-mean.ts'
import { findSchema } from '../tools/read/object-schema.ts'
import { whoAmI } from '../tools/read/who-am-i.ts'
import { visible } from '../tools/result/visible.ts'
import type { ToolProblem } from '../tools/tool-problem.ts'
import type { ToolContext } from '../tools/tool.ts'
import { actionOf } from './actions.ts'
import { likelyDuplicates } from './duplicates.ts'
import { childChanges, isNoChange, valueChanges } from './field-changes.ts'
import { findExisting, labelOf, titleOf } from './find-existing.ts'
import { countRowsLike, recordsLike } from './look-alikes.ts'
import type { FieldChange, OfExisting, PlannedRecord, Wanted } from './plan.ts'
import { fieldsProblem, problem } from './problems.ts'

/** What one record of a plan is, once Maximo was asked about it. */
export interface Examined {
  readonly planned: PlannedRecord
  /** Internal value of the status that it moves to. */
  readonly movesTo: string | null
  readonly warnings: readonly string[]
}

export type Proposal = Wanted & {
  readonly site?: string | undefined
  /** The row stamp that the caller read: another one is a conflict. */
  readonly expected?: string | undefined
}

type Examination = Promise<Result<Examined, ToolProblem>>

export interface Examiner {
  readonly context: ToolContext
  readonly checker: WriteChecker
}

/** Asks Maximo everything that can be asked before a change is made, and writes nothing. @throws MaximoFault */
export async function examine(proposal: Proposal, examiner: Examiner): Examination {
  const schema = await findSchema(proposal.object, examiner.context)
  if (!schema.ok) return schema
  return proposal.op === 'create'
    ? examineNew(proposal, schema.value, examiner)
    : examineExisting(proposal, schema.value, examiner)
}

async function examineNew(
  proposal: Extract<Proposal, { readonly op: 'create' }>,
  schema: ObjectSchema,
  { context, checker }: Examiner,
): Examination {
  const values = await withSite(proposal, schema, context)
  const request = { objectStructure: schema.resource, values, ...childrenOf(proposal) }
  const checked = await checker.create(request, context.call)
  if (checked.problems.length > 0) return err(fieldsProblem(checked.problems, schema.resource))
  const diff = valueChanges(values, checked.values, { record: null, schema })
  const like = { client: context.maximo, call: context.call }
  return ok({
    planned: {
      wanted: { op: 'create', object: schema.resource, values, ...childrenOf(proposal) },
      at: null,
      label: `new ${schema.resource.toLowerCase()}`,
      title: null,
      diff: [...diff, ...childChanges(proposal.children)],
      alike: { records: list(await recordsLike(checked.values, schema, like)), rows: {} },
    },
    movesTo: null,
    warnings: await likelyDuplicates(checked.values, schema, context),
  })
}

const list = (ids: readonly string[] | null): string[] | null => (ids === null ? null : [...ids])

const childrenOf = ({ children }: Pick<Extract<Wanted, { readonly op: 'create' }>, 'children'>) =>
  children === undefined ? {} : { children }

/** A record of a site that nobody named belongs to the user's own. */
async function withSite(
  { values, site }: { readonly values: WriteValues; readonly site?: string | undefined },
  schema: ObjectSchema,
  context: ToolContext,
): Promise<Record<string, WriteValues[string]>> {
  if (!schema.key.includes('siteid') && !schema.fields.has('siteid')) return { ...values }
  if (Object.keys(values).some((name) => name.trim().toLowerCase() === 'siteid')) return { ...values }
  if (site !== undefined) return { ...values, siteid: site.toUpperCase() }
  const { insertSite, defaultSite } = await whoAmI(context)
  const own = insertSite ?? defaultSite
  return own === null ? { ...values } : { ...values, siteid: own }
}

async function examineExisting(
  proposal: Exclude<Proposal, { readonly op: 'create' }>,
  schema: ObjectSchema,
  examiner: Examiner,
): Examination {
  const { context } = examiner
  const children = Object.fromEntries(addedChildren(proposal).map(([child]) => [child, ['*']]))
  const fields = [...schema.key, 'description', ...fieldsOf(proposal)].filter((name) =>
    schema.fields.has(name),
  )
  const select = { fields: [...new Set(fields)], children, allowedStates: proposal.op === 'status' }
  const found = await findExisting(proposal, { schema, select }, context)
  if (!found.ok) return found
  const { record } = found.value
  const { id, rowstamp } = record
  if (id === null || rowstamp === null) return err(NO_ROW_STAMP)
  if (proposal.expected !== undefined && proposal.expected !== rowstamp) return err(OTHER_STAMP)
  const wishes = await wishesOf(proposal, found.value, examiner)
  if (!wishes.ok) return wishes
  const { wanted, diff, movesTo, warnings } = wishes.value
  const rows = Object.fromEntries(
    addedChildren(wanted).map(([child, added]) => [
      child,
      added.map((values) => countRowsLike(record, child, values)),
    ]),
  )
  const named = { at: { id, rowstamp }, label: labelOf(record, schema), title: titleOf(record) }
  const planned = { wanted, ...named, diff: [...diff], alike: { records: null, rows } }
  return ok({ planned, movesTo, warnings })
}

/** Rows that it will add to child objects. */
export function addedChildren(
  wanted: Wanted,
): readonly (readonly [child: string, rows: readonly WriteValues[]])[] {
  if (wanted.op === 'update' || wanted.op === 'create')
    return Object.entries(wanted.children ?? {}).map(([child, rows]) => [
      child,
      rows.map(({ values }) => values),
    ])
  const adds = wanted.op === 'action' ? actionOf(wanted)?.adds : undefined
  return adds === undefined ? [] : [[adds.child, [adds.values]]]
}

/** Fields that it changes. */
export function fieldsOf(wanted: OfExisting): readonly string[] {
  switch (wanted.op) {
    case 'update':
      return Object.keys(wanted.values).map((name) => name.trim().toLowerCase())
    case 'status':
      return ['status']
    case 'action':
      return Object.keys(actionOf(wanted)?.sets?.(wanted.parameters) ?? {})
    case 'answer':
      return ['assignstatus', 'processname', 'assigncode']
    case 'delete':
    case 'attach':
      return ['status']
  }
}

interface Wishes {
  readonly wanted: OfExisting
  readonly diff: readonly FieldChange[]
  readonly movesTo: string | null
  readonly warnings: readonly string[]
}

const asked = (wanted: OfExisting, diff: readonly FieldChange[]): Result<Wishes, ToolProblem> =>
  ok({ wanted, diff, movesTo: null, warnings: [] })

async function wishesOf(
  proposal: Exclude<Proposal, { readonly op: 'create' }>,
  found: FoundRecord,
  examiner: Examiner,
): Promise<Result<Wishes, ToolProblem>> {
  const { site: _site, expected: _expected, ...rest } = proposal
  const object = found.schema.resource
  const wanted: OfExisting = { ...rest, object }
  switch (wanted.op) {
    case 'update':
      return updateWishes(wanted, found, examiner)
    case 'status':
      return statusWishes(wanted, found)
    case 'action':
      return actionWishes(wanted, found)
    case 'answer':
      return answerWishes(wanted, found)
    case 'delete':
      return asked(wanted, [{ field: 'record', before: 'exists', after: 'deleted' }])
    case 'attach':
      return asked(wanted, [{ field: 'attachment', before: null, after: wanted.url }])
  }
}

async function updateWishes(
  wanted: Extract<OfExisting, { readonly op: 'update' }>,
  { record, schema }: FoundRecord,
  { checker, context }: Examiner,
): Promise<Result<Wishes, ToolProblem>> {
  const request = { objectStructure: schema.resource, values: wanted.values, ...childrenOf(wanted) }
  const checked = await checker.update(request, context.call)
  if (checked.problems.length > 0) return err(fieldsProblem(checked.problems, schema.resource))
  const all = valueChanges(wanted.values, checked.values, { record, schema })
  const [diff, same] = [all.filter((one) => !isNoChange(one)), all.filter(isNoChange)]
  const added = childChanges(wanted.children)
  if (diff.length + added.length === 0) return err(nothingToDo(labelOf(record, schema)))
  const values = Object.fromEntries(
    Object.entries(wanted.values).filter(([name]) =>
      diff.some(({ field }) => field === name.trim().toLowerCase()),
    ),
  )
  const warnings = same.map(({ field }) => `${field} has this value already.`)
  return ok({ wanted: { ...wanted, values }, diff: [...diff, ...added], movesTo: null, warnings })
}

/** Maximo says which moves it allows from here; what it does not allow is not planned. */
function statusWishes(
  wanted: Extract<OfExisting, { readonly op: 'status' }>,
  { record, schema }: FoundRecord,
): Result<Wishes, ToolProblem> {
  const status = wanted.status.trim().toUpperCase()
  const now = record.values['status']
  const before = typeof now === 'string' ? now : null
  const diff = [
    { field: 'status', before, after: status },
    ...(wanted.memo === undefined ? [] : [{ field: 'memo', before: null, after: wanted.memo }]),
    ...(wanted.date === undefined ? [] : [{ field: 'status date', before: null, after: wanted.date }]),
  ]
  if (!schema.fields.has('status')) return err(fieldsProblem([], schema.resource))
  if (before?.toUpperCase() === status) return err(nothingToDo(labelOf(record, schema)))
  const states = allowedStates(record)
  const move = states.find(({ value }) => value.toUpperCase() === status)
  if (move !== undefined)
    return ok({ wanted: { ...wanted, status: move.value }, diff, movesTo: move.internal, warnings: [] })
  if (!isObject(record.values['allowedstates']))
    return ok({ wanted: { ...wanted, status }, diff, movesTo: null, warnings: [MOVES_UNKNOWN] })
  const values = states.map(({ value }) => value)
  const may =
    values.length === 0 ? 'It may not move at all.' : `It may move to ${values.map(visible).join(', ')}.`
  const near = suggested(suggest(status, values))
  const what = `${labelOf(record, schema)} is ${visible(before ?? 'without a status')} and may not move to ${visible(status.slice(0, 40))}.${near} ${may}`
  return err(problem('invalid_value', what, { next: 'Choose one of these, or leave it as it is.' }))
}

function actionWishes(
  wanted: Extract<OfExisting, { readonly op: 'action' }>,
  { record, schema }: FoundRecord,
): Result<Wishes, ToolProblem> {
  const action = actionOf(wanted)
  if (action === null)
    return err(
      problem('invalid_value', 'This method cannot be part of a change.', { next: 'Use a tool for it.' }),
    )
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

const MOVES_UNKNOWN =
  'This Maximo does not say which statuses the record may move to; it decides when it is written.'
const NOT_WAITING = problem('conflict', 'This assignment is not waiting for an answer any more.', {
  next: 'Read the inbox again.',
})
const NO_ROW_STAMP = problem('bad_upstream', 'Maximo gave this record without a row stamp.', {
  why: 'Without one nobody can tell whether it was changed in between.',
  next: 'Ask whoever runs Maximo; nothing was staged.',
})
const OTHER_STAMP = problem('conflict', 'The record was changed since you read it.', {
  next: 'Read it again, look at what changed, and stage the change anew.',
})
