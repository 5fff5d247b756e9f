import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import type { Proposal } from '../../changes/proposal.ts'
import { MAX_RECORDS } from '../../changes/plan.ts'
import { code, longText, reason, values } from '../staging/inputs.ts'
import { defineTool } from '../tool.ts'
import { changeOutput, planAnswer } from './change-text.ts'

const operation = z
  .strictObject({
    op: z.enum(['create', 'update', 'status', 'add_child', 'delete']),
    object: z.string().min(1).max(60),
    id: z.string().min(1).max(200).optional().describe('SITE/NUMBER; not for create'),
    child: z.string().min(1).max(64).optional().describe('for add_child'),
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

const NEEDS = {
  create: [],
  update: ['id', 'values'],
  status: ['id', 'status'],
  add_child: ['id', 'child', 'values'],
  delete: ['id'],
} as const

const input = z.strictObject({
  operations: z.array(operation).min(1).max(MAX_RECORDS),
  reason,
})

export const planChange = defineTool({
  name: 'plan_change',
  title: 'Plan a change',
  description:
    'Stages changes of any object: checks fields, value lists, allowed status moves and rights, and returns a change_id with a field-by-field diff, warnings, risk and the approval needed. Nothing is written; commit_change writes it.',
  toolset: 'change',
  scopes: ['maximo:write'],
  effect: 'stage',
  risk: 'high',
  costUnits: 1,
  reachesOutside: true,
  input,
  output: changeOutput,
  async run({ operations, reason: why }, context) {
    const proposals = operations.map(proposalOf)
    const staged = await context.changes.stage({ tool: planChange, reason: why, proposals }, context)
    return staged.ok ? ok(planAnswer(staged.value, context, { isAgreed: false })) : staged
  },
})

/** The input was checked for what its kind needs. */
function proposalOf({
  op,
  object,
  id,
  child,
  values: given = {},
  status = '',
  memo,
  expect_rowstamp,
}: z.output<typeof operation>): Proposal {
  const place = {
    object,
    record: id ?? '',
    ...(expect_rowstamp !== undefined && { expected: expect_rowstamp }),
  }
  switch (op) {
    case 'create':
      return { op, object, values: given }
    case 'update':
      return { op, ...place, values: given }
    case 'status':
      return { op, ...place, status, ...(memo !== undefined && { memo }) }
    case 'add_child':
      return {
        op: 'update',
        ...place,
        values: {},
        children: { [child ?? '']: [{ action: 'add', values: given }] },
      }
    case 'delete':
      return { op, ...place }
  }
}
