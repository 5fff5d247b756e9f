import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import type { ChangeReport } from '../../changes/report.ts'
import { rightsProblem } from '../../changes/committing/commit-problems.ts'
import { inverseOf, isWritten } from '../../changes/staging/undo.ts'
import { asOf } from '../result/as-of.ts'
import { instantText } from '../result/answer-text.ts'
import { plainOutput } from '../result/outputs.ts'
import { visible, visibleJson } from '../result/visible.ts'
import { reason } from '../staging/inputs.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolFacts } from '../tool.ts'
import { changeOutput, discardedAnswer, planAnswer, reportAnswer } from './change-text.ts'
import { changeId } from './commit-change.ts'

const FACTS = { toolset: 'change', isOnRequest: true, costUnits: 1 } as const satisfies Partial<ToolFacts>

export const getChange = defineTool({
  ...FACTS,
  name: 'get_change',
  picture: 'change-review',
  title: 'Get a change',
  description:
    'A planned change with its diff and approval, or what became of a committed one. It looks into Maximo where an answer was lost.',
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  reachesOutside: true,
  input: z.strictObject({ change_id: changeId }),
  output: changeOutput,
  async run({ change_id }, context) {
    const report = await context.changes.report(change_id, context)
    if (report !== null) {
      const asked = await context.changes.questionIn(report)
      return ok(reportAnswer(report, context, asked?.question))
    }
    const plan = await context.changes.findPlan(change_id, context)
    if (!plan.ok) return plan
    const hidden = context.changes.hiddenIn(plan.value, context)
    if (hidden !== null) return err(hidden)
    const agreed = await context.changes.plans.findAgreed(plan.value)
    return ok(planAnswer(plan.value, context, { isAgreed: agreed !== null }))
  },
})

export const listChanges = defineTool({
  ...FACTS,
  name: 'list_changes',
  title: 'List changes',
  description: 'Your changes that wait and the newest that were committed, with state and risk.',
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  reachesOutside: false,
  input: z.strictObject({ limit: z.int().min(1).max(50).default(20) }),
  output: plainOutput,
  async run({ limit }, context) {
    const { subject, environment, grantId } = context.admitted.caller.facts
    const waiting = (await context.changes.plans.waitingFor(subject)).filter(
      (plan) => plan.sub === subject && plan.env === environment && plan.gid === grantId,
    )
    const begun = await context.changes.history(context, limit)
    const rows = [
      ...waiting.map((plan) => ({ plan, state: 'planned', atMs: plan.madeMs })),
      ...begun.map(({ plan, state, change }) => ({ plan, state, atMs: change.begunMs })),
    ]
      .sort((left, right) => right.atMs - left.atMs)
      .slice(0, limit)
    const text = visibleJson({
      env: context.environment.host,
      env_id: context.environment.id,
      ...asOf(context),
      returned: rows.length,
      changes: rows.map(({ plan, state, atMs }) => ({
        ...{ change_id: plan.id, state, risk: plan.risk, tool: plan.tool, at: instantText(atMs) },
        records: plan.records.map(({ label }) => label),
      })),
    })
    return ok({ text, recordCount: rows.length })
  },
})

export const discardChange = defineTool({
  ...FACTS,
  name: 'discard_change',
  title: 'Discard a change',
  description: 'Drops a planned change, so that it can never be committed.',
  scopes: ['maximo:write'],
  effect: 'stage',
  risk: 'none',
  reachesOutside: false,
  input: z.strictObject({ change_id: changeId }),
  output: changeOutput,
  async run({ change_id }, context) {
    const report = await context.changes.report(change_id, context)
    if (report !== null) return err(tooLate(report))
    const plan = await context.changes.findPlan(change_id, context)
    if (!plan.ok) return plan
    const isDropped = await context.changes.discard(plan.value)
    return isDropped ? ok(discardedAnswer(plan.value, context)) : err(BEING_WRITTEN)
  },
})

export const planUndo = defineTool({
  ...FACTS,
  name: 'plan_undo',
  picture: 'change-review',
  title: 'Plan an undo',
  description: 'Stages the opposite of a committed change where there is one; commit_change writes it.',
  scopes: ['maximo:write'],
  effect: 'stage',
  risk: 'medium',
  reachesOutside: true,
  input: z.strictObject({ change_id: changeId, reason }),
  output: changeOutput,
  async run({ change_id, reason: why }, context) {
    const report = await context.changes.report(change_id, context)
    if (report === null) return err(NOT_BEGUN)
    const refusal = rightsProblem(report.plan, context)
    if (refusal !== null) return err(refusal)
    const written = report.records.flatMap((record, index) => {
      const planned = report.plan.records[index]
      return isWritten(record) && planned !== undefined
        ? [
            {
              label: record.label,
              inverse: inverseOf({ planned, madeId: report.change.steps.get(index)?.made?.id ?? null }),
            },
          ]
        : []
    })
    if (written.length === 0) return err(nothingWritten(report))
    const final = written.find(({ inverse }) => inverse.kind === 'none')
    if (final?.inverse.kind === 'none') return err(noOpposite(final.label, final.inverse.why))
    const proposals = written.flatMap(({ inverse }) =>
      inverse.kind === 'proposal' ? [inverse.proposal] : [],
    )
    const staged = await context.changes.stage({ tool: planUndo, reason: why, proposals }, context)
    return staged.ok ? ok(planAnswer(staged.value, context, { isAgreed: false })) : staged
  },
})

const tooLate = ({ state }: ChangeReport): ToolProblem => ({
  kind: 'conflict',
  what: `This change was committed already; its state is ${state}.`,
  why: null,
  next: 'plan_undo stages its opposite where there is one.',
})

const BEING_WRITTEN: ToolProblem = {
  kind: 'conflict',
  what: 'This change is being written or was dropped in this very moment.',
  why: null,
  next: 'get_change says what became of it.',
}

const NOT_BEGUN: ToolProblem = {
  kind: 'not_found',
  what: 'There is no committed change with this id.',
  why: 'Only what was committed by you in this environment within 30 days can be undone.',
  next: 'list_changes names your changes; discard_change drops one that still waits.',
}

const nothingWritten = ({ state }: ChangeReport): ToolProblem => ({
  kind: 'conflict',
  what: `Nothing of this change is known to be written; its state is ${state}.`,
  why: null,
  next: 'get_change looks again where the outcome is not known.',
})

const noOpposite = (label: string, why: string): ToolProblem => ({
  kind: 'refused',
  what: `${visible(label)} cannot be put back: ${why}`,
  why: 'A change is undone as a whole or not at all.',
  next: 'Stage by hand what should be different.',
})
