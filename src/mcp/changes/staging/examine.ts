import { err, ok, type Result } from '../../../kernel/result.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { WriteValues } from '../../../maximo/write/contract.ts'
import { visible } from '../../tools/result/visible.ts'
import { findSchema } from '../../tools/read/object-schema.ts'
import { whoAmI } from '../../tools/read/who-am-i.ts'
import type { ToolProblem } from '../../tools/problem/tool-problem.ts'
import type { ToolContext } from '../../tools/tool.ts'
import { ATTACHED, countAttachedLike } from './attached.ts'
import { isFinance } from './business-objects.ts'
import { likelyDuplicates } from './duplicates.ts'
import { childChanges, valueChanges } from './field-changes.ts'
import { findExisting, labelOf, titleOf } from './find-existing.ts'
import { countRowsLike, recordsLike } from './look-alikes.ts'
import type { PlannedRecord, Wanted } from '../plan.ts'
import { fieldsProblem, problem } from '../problems.ts'
import { childrenOf, type Examiner, type Proposal } from './proposal.ts'
import { addedChildren, changedChildren, fieldsOf } from './touched.ts'
import { wishesOf } from './wishes.ts'

/** What one record of a plan is, once Maximo was asked about it. */
export interface Examined {
  readonly planned: PlannedRecord
  /** Internal value of the status that it moves to. */
  readonly movesTo: string | null
  /** Business objects that it writes to; upper case. */
  readonly writesTo: readonly string[]
  readonly warnings: readonly string[]
}

type Examination = Promise<Result<Examined, ToolProblem>>

/** Asks Maximo everything that can be asked before a change is made, and writes nothing. @throws MaximoFault */
export async function examine(proposal: Proposal, examiner: Examiner): Examination {
  const schema = await findSchema(proposal.object, examiner.context)
  if (!schema.ok) return schema
  const { scopes } = examiner.context.admitted.caller.facts
  if (isFinance(writtenBy(proposal, schema.value)) && !scopes.has('maximo:finance'))
    return err(needsFinance(schema.value.resource))
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
  const writesTo = [...writtenBy(proposal, schema)]
  return ok({
    planned: {
      wanted: { op: 'create', object: schema.resource, values, ...childrenOf(proposal) },
      at: null,
      label: `new ${schema.resource.toLowerCase()}`,
      title: null,
      diff: [...diff, ...childChanges(proposal)],
      writesTo,
      ...answersOf(proposal),
      alike: { records: list(await recordsLike(checked.values, schema, like)), rows: {} },
    },
    movesTo: null,
    writesTo,
    warnings: await likelyDuplicates(checked.values, schema, context),
  })
}

const list = (ids: readonly string[] | null): string[] | null => (ids === null ? null : [...ids])

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
  const children = Object.fromEntries(changedChildren(proposal).map(([child]) => [child, ['*']]))
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
  const ref = { objectStructure: schema.resource, id }
  const attached =
    wanted.op === 'attach'
      ? await countAttachedLike(wanted, ref, { client: context.maximo, call: context.call })
      : null
  const added = Object.fromEntries(
    addedChildren(wanted).map(([child, added]) => [
      child,
      added.map((values) => countRowsLike(record, child, values)),
    ]),
  )
  const rows = attached === null ? added : { [ATTACHED]: [attached] }
  const named = { at: { id, rowstamp }, label: labelOf(record, schema), title: titleOf(record) }
  const planned = {
    wanted,
    ...named,
    diff: [...diff],
    ...answersOf(proposal),
    alike: { records: null, rows },
  }
  return ok({ planned, movesTo, writesTo: writtenBy(wanted, found.value.schema), warnings })
}

const answersOf = ({ answers }: Proposal): Pick<PlannedRecord, 'answers'> =>
  answers === undefined ? {} : { answers: [...answers] }

/** The business object of a structure, and those of the child rows that it touches. */
const writtenBy = (wanted: Wanted, { objectName, children }: ObjectSchema): readonly string[] => [
  objectName,
  ...changedChildren(wanted).map(([child]) => {
    const name = child.trim().toLowerCase()
    return (children.get(name)?.objectName ?? name).toUpperCase()
  }),
]

const needsFinance = (object: string): ToolProblem =>
  problem(
    'needs_scope',
    `Changing ${visible(object)} needs the scope maximo:finance, which this token does not have.`,
    { next: 'Connect again and ask for maximo:finance and maximo:write.' },
  )

const NO_ROW_STAMP = problem('bad_upstream', 'Maximo gave this record without a row stamp.', {
  why: 'Without one nobody can tell whether it was changed in between.',
  next: 'Ask whoever runs Maximo; nothing was staged.',
})
const OTHER_STAMP = problem('conflict', 'The record was changed since you read it.', {
  next: 'Read it again, look at what changed, and stage the change anew.',
})
