import { z } from 'zod'
import type { Route } from '../../changes/approval.ts'
import type { ChangeReport } from '../../changes/report.ts'
import { shownDiff, type Plan, type PlannedRecord } from '../../changes/plan.ts'
import type { WriteQuestion } from '../../../maximo/write/contract.ts'
import { inverseOf, isUndoable } from '../../changes/staging/undo.ts'
import { asOf } from '../result/as-of.ts'
import { instantText } from '../result/answer-text.ts'
import { visibleJson } from '../result/visible.ts'
import type { ToolAnswer, ToolContext } from '../tool.ts'

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** What the answers of the tools of change hold. */
export const changeOutput = z.looseObject({
  ...{ env: z.string(), env_id: z.string(), as_of: z.iso.datetime() },
  change_id: z.string(),
  state: z.enum([
    'planned',
    'approved',
    'discarded',
    'written',
    'partly_written',
    'not_written',
    'unknown',
    'unclear',
    'writing',
  ]),
  risk: z.enum(['low', 'medium', 'high']),
  records: z.array(
    z.looseObject({ record: z.string(), diff: z.array(z.tuple([z.string(), cell, cell])).optional() }),
  ),
  untrusted: z.array(z.string()),
})

const originOf = (context: ToolContext) => ({
  env: context.environment.host,
  env_id: context.environment.id,
  ...asOf(context),
})

/** A plan that waits: what it would do, field by field, and who has to agree. */
export function planAnswer(
  plan: Plan,
  context: ToolContext,
  { isAgreed }: { readonly isAgreed: boolean },
): ToolAnswer {
  const route = context.changes.route(plan, context, context.asking)
  const text = visibleJson({
    ...originOf(context),
    change_id: plan.id,
    state: isAgreed ? 'approved' : 'planned',
    risk: plan.risk,
    because: plan.because,
    approval: isAgreed ? 'A person has agreed to it.' : approvalText(route),
    ...(!isAgreed && pageOf(route, context.changes.approvalUrl)),
    expires: instantText(plan.endsMs),
    ...(plan.together === true && { all_or_nothing: true }),
    records: plan.records.map(plannedRow),
    ...(plan.warnings.length > 0 && { warnings: plan.warnings }),
    undo: undoText(plan),
    next: 'Nothing is written yet. commit_change with this change_id writes it; discard_change drops it.',
    untrusted: ['title', 'diff', 'warnings'],
  })
  return { text, recordCount: plan.records.length }
}

const plannedRow = (planned: PlannedRecord): object => ({
  record: planned.label,
  ...(planned.title === null ? {} : { title: planned.title }),
  does: planned.wanted.op,
  diff: shownDiff(planned).map(({ field, before, after }) => [field, before, after]),
})

/** Whoever is asked by the client may open the page as well. */
function pageOf(route: Route, page: string): { readonly approve_at?: string; readonly approver?: string } {
  if (route.kind !== 'page') return route.kind === 'ask' ? { approve_at: page } : {}
  return { approve_at: page, ...(route.second && { approver: 'second_person' }) }
}

function approvalText(route: Route): string {
  switch (route.kind) {
    case 'approved':
      return route.approval.by === 'policy'
        ? 'Nobody has to agree: its risk is low.'
        : 'This token may do it alone.'
    case 'ask':
      return 'The client asks its person when it is committed.'
    case 'page':
      return route.second
        ? 'Somebody else than its owner agrees to it on the approval page.'
        : 'Its owner agrees to it on the approval page.'
    case 'refused':
      return `Nobody can be asked, and this token may make changes of risk ${route.allowed} only: it will be refused.`
  }
}

/** Said before it is written. */
function undoText({ records }: Plan): string {
  const left = records.find((planned) => !isUndoable(planned))
  if (left === undefined) return 'It can be undone: plan_undo stages the opposite.'
  const inverse = inverseOf({ planned: left, madeId: null })
  return inverse.kind === 'none' ? `It cannot be undone: ${inverse.why}` : 'It cannot be undone as a whole.'
}

/** A change that was begun: what became of each record. */
export function reportAnswer(
  report: ChangeReport,
  context: ToolContext,
  asked: WriteQuestion | null = null,
): ToolAnswer {
  const { plan, change, state, records } = report
  const text = visibleJson({
    ...originOf(context),
    change_id: plan.id,
    state,
    risk: plan.risk,
    approved_by: change.approval.by,
    records: records.map(({ label, outcome, why, sentence, now, warnings }, index) => ({
      record: label,
      does: plan.records[index]?.wanted.op,
      outcome,
      ...(why !== null && { why }),
      ...(sentence !== null && { said: sentence }),
      ...(now !== null && { now }),
      ...(warnings.length > 0 && { warnings }),
    })),
    ...(asked !== null && {
      question: { code: asked.code, text: asked.untrusted, choices: asked.choices },
      next: 'answer_question stages what was not written with one of these choices; a person agrees to it first.',
    }),
    ...(state === 'unknown' && {
      next: 'It may have been written. get_change looks again; nothing is sent twice.',
    }),
    untrusted: ['now', ...(asked === null ? [] : ['question.text'])],
  })
  return { text, recordCount: records.filter(({ outcome }) => outcome === 'written').length }
}

/** A plan that was dropped. */
export function discardedAnswer(plan: Plan, context: ToolContext): ToolAnswer {
  const text = visibleJson({
    ...originOf(context),
    change_id: plan.id,
    state: 'discarded',
    risk: plan.risk,
    records: plan.records.map(({ label }) => ({ record: label })),
    untrusted: [],
  })
  return { text, recordCount: 0 }
}
