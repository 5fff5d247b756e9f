import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { rightsProblem } from '../../changes/committing/commit-problems.ts'
import { leftOf } from '../../changes/staging/stage-again.ts'
import { problem } from '../../changes/problems.ts'
import { reason } from '../staging/inputs.ts'
import { defineTool } from '../tool.ts'
import { changeOutput, planAnswer } from './change-text.ts'
import { changeId } from './commit-change.ts'

/** Never commits: the answer is a part of a new plan, and nobody agreed to that one yet. */
export const answerQuestion = defineTool({
  toolset: 'change',
  isOnRequest: true,
  costUnits: 1,
  name: 'answer_question',
  title: 'Answer a question of Maximo',
  description:
    'For a change that Maximo answered with a question (get_change shows it): stages what was not written again, with the answer, for a person to agree to.',
  scopes: ['maximo:write'],
  effect: 'stage',
  risk: 'medium',
  reachesOutside: true,
  input: z.strictObject({
    change_id: changeId,
    choice: z.enum(['yes', 'no', 'ok', 'cancel']).describe('as the person decides'),
    reason,
  }),
  output: changeOutput,
  async run({ change_id, choice, reason: why }, context) {
    const report = await context.changes.report(change_id, context)
    const asked = report === null ? null : await context.changes.questionIn(report)
    if (report === null || asked === null) return err(NOT_ASKED)
    const refusal = rightsProblem(report.plan, context)
    if (refusal !== null) return err(refusal)
    const { choices } = asked.question
    if (!choices.includes(choice)) return err(notOffered(choice, choices))
    const request = { ...leftOf(report, { ...asked, choice }), reason: why }
    const staged = await context.changes.stage(request, context)
    return staged.ok ? ok(planAnswer(staged.value, context, { isAgreed: false })) : staged
  },
})

const NOT_ASKED = problem('not_found', 'There is no committed change with this id at which Maximo asked.', {
  next: 'get_change says what became of a change.',
})

const notOffered = (choice: string, choices: readonly string[]) =>
  problem('invalid_value', `Maximo does not offer the answer ${choice} to this question.`, {
    next: choices.length === 0 ? 'It offers none: do it in Maximo.' : `Choose ${choices.join(' or ')}.`,
  })
