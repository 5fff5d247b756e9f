import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Committed } from '../../changes/committing/committed.ts'
import { shownDiff, type Plan } from '../../changes/plan.ts'
import type { ChangeReport } from '../../changes/report.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolAnswer, type ToolContext } from '../tool.ts'
import { changeOutput, reportAnswer } from './change-text.ts'
import { outcomeProblem } from './outcome-problem.ts'

export const changeId = z.string().min(1).max(60).describe('from the tool that staged it')

export const commitChange = defineTool({
  name: 'commit_change',
  title: 'Write a planned change',
  description:
    'Writes a planned change to Maximo, exactly once however often it is called, and returns the verified result of each record. What a person has to approve waits until they did.',
  toolset: 'change',
  scopes: ['maximo:write'],
  effect: 'change',
  risk: 'high',
  costUnits: 2,
  reachesOutside: true,
  input: z.strictObject({ change_id: changeId }),
  output: changeOutput,
  async run({ change_id }, context) {
    const answer = await readReply(change_id, context)
    if (!answer.ok) return answer
    const committed = await context.changes.commit(
      change_id,
      { canElicit: context.asking.canElicit, answer: answer.value },
      context,
    )
    return committed.ok ? answerOf(committed.value, context) : committed
  },
})

/** What the person at the client said to the question that an earlier call ended in. */
async function readReply(
  id: string,
  { asking, changes, admitted }: ToolContext,
): Promise<Result<'accept' | 'decline' | null, ToolProblem>> {
  const { reply } = asking
  if (reply === null) return ok(null)
  const isOurs = await changes.questions.isAbout(id, reply.state, admitted.caller.facts)
  if (!isOurs) return err(FOREIGN_ANSWER)
  return ok(reply.isAccepted ? 'accept' : 'decline')
}

async function answerOf(
  committed: Committed,
  context: ToolContext,
): Promise<Result<ToolAnswer, ToolProblem>> {
  switch (committed.kind) {
    case 'report':
      return reported(committed.report, context)
    case 'ask': {
      const message = questionOf(committed.plan)
      // What does not fit into a question is not agreed to by one.
      if (message.length > MAX_QUESTION) return err(waits(committed.plan, 'page', context))
      const state = await context.changes.questions.ask(committed.plan)
      return ok({ text: message, recordCount: 0, ask: { message, state } })
    }
    case 'page':
    case 'second':
      return err(waits(committed.plan, committed.kind, context))
    case 'declined':
      return err(DECLINED)
  }
}

async function reported(
  report: ChangeReport,
  context: ToolContext,
): Promise<Result<ToolAnswer, ToolProblem>> {
  if (report.state === 'written') return ok(reportAnswer(report, context))
  return err(outcomeProblem(report, await context.changes.restage(report, context)))
}

/** Everything that will be done, in words; every text in it was typed by somebody. */
function questionOf({ host, records, reason }: Plan): string {
  const lines = records.flatMap((planned) =>
    shownDiff(planned).map(
      ({ field, before, after }) =>
        `${planned.label}: ${field} ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
    ),
  )
  return visible([`Write this to Maximo at ${host}?`, ...lines, `Reason given: ${reason}`].join('\n'))
}

const waits = ({ id, risk }: Plan, who: 'page' | 'second', { changes }: ToolContext): ToolProblem => ({
  kind: 'needs_approval',
  what:
    who === 'second'
      ? `Change ${id} has risk ${risk}: somebody else than its owner has to agree. Nothing is written yet.`
      : `Change ${id} has risk ${risk}: a person has to agree on the approval page. Nothing is written yet.`,
  why: null,
  next: `${who === 'second' ? 'An approver' : 'The owner'} opens ${changes.approvalUrl}, reads the change and agrees; then call commit_change again with the same id.`,
})

const DECLINED: ToolProblem = {
  kind: 'needs_approval',
  what: 'The person did not agree. Nothing was written.',
  why: null,
  next: 'Ask them what should be different; discard_change drops the plan.',
}

const FOREIGN_ANSWER: ToolProblem = {
  kind: 'invalid_input',
  what: 'This answer belongs to no question about this change.',
  why: 'It was changed, is too old, or was given to another question.',
  next: 'Call commit_change again without it.',
}

const MAX_QUESTION = 2_000
