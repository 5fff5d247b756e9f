import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import { MAX_RECORDS } from '../../changes/plan.ts'
import { code, longText, reason, values } from '../staging/inputs.ts'
import { defineTool } from '../tool.ts'
import { changeOutput, planAnswer } from './change-text.ts'
import { proposalsOf } from './operations.ts'

const operation = z
  .strictObject({
    op: z.enum(['create', 'update', 'status', 'add_child', 'update_child', 'remove_child', 'delete']),
    object: z.string().min(1).max(60),
    id: z.string().min(1).max(200).optional().describe('SITE/NUMBER; not for create'),
    child: z.string().min(1).max(64).optional().describe('child object of *_child'),
    row: values.optional().describe('what only the row to update or remove holds now'),
    values: values.optional(),
    status: code.optional(),
    memo: longText.optional(),
    expect_rowstamp: z.string().max(30).optional(),
  })
  .superRefine((given, context) => {
    for (const name of NEEDS[given.op])
      if (given[name] === undefined)
        context.addIssue({ code: 'custom', path: [name], message: `is needed for ${given.op}` })
  })
export type Operation = z.output<typeof operation>

const NEEDS = {
  create: [],
  update: ['id', 'values'],
  status: ['id', 'status'],
  add_child: ['id', 'child', 'values'],
  update_child: ['id', 'child', 'row', 'values'],
  remove_child: ['id', 'child', 'row'],
  delete: ['id'],
} as const

const input = z.strictObject({
  operations: z.array(operation).min(1).max(MAX_RECORDS),
  all_or_nothing: z
    .boolean()
    .default(false)
    .describe('new records and updates of one object only; else it stops at the first that fails'),
  reason,
})

export const planChange = defineTool({
  name: 'plan_change',
  title: 'Plan a change',
  description:
    'Stages changes of any object: checks fields, value lists, allowed status moves and rights, and returns a change_id with a field-by-field diff, warnings, risk and the approval needed. Nothing is written; commit_change writes it.',
  toolset: 'change',
  picture: 'change-review',
  scopes: ['maximo:write'],
  effect: 'stage',
  risk: 'high',
  costUnits: 1,
  reachesOutside: true,
  input,
  output: changeOutput,
  async run({ operations, all_or_nothing: isTogether, reason: why }, context) {
    const request = { tool: planChange, reason: why, isTogether, proposals: proposalsOf(operations) }
    const staged = await context.changes.stage(request, context)
    return staged.ok ? ok(planAnswer(staged.value, context, { isAgreed: false })) : staged
  },
})
