import { ok, type Result } from '../../../kernel/result.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import type { FailureQuestion } from './failures.ts'
import { periodOf } from './period.ts'
import { scopeOf, type AskedScope } from './scope.ts'
import { unusedTypes } from './unused-types.ts'
import { workOrderStatuses } from './work.ts'

interface Asked extends AskedScope {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly failure_types: readonly string[]
}

/** What the arguments of a tool ask about: a part of the plant, a period, and what counts as a failure. */
export async function failureQuestion(
  asked: Asked,
  context: ToolContext,
): Promise<Result<FailureQuestion, ToolProblem>> {
  const period = await periodOf(asked, context)
  if (!period.ok) return period
  const scope = await scopeOf(asked, context)
  if (!scope.ok) return scope
  const statuses = await workOrderStatuses(context)
  if (!statuses.ok) return statuses
  return ok({
    ...{ scope: scope.value, period: period.value, statuses: statuses.value },
    failureTypes: asked.failure_types,
  })
}

/** What a reader has to know about the question itself. */
export async function notesOn(
  { scope, period, failureTypes }: FailureQuestion,
  context: ToolContext,
  otherTypes: readonly string[] = [],
): Promise<readonly string[]> {
  return [
    ...scope.notes,
    ...period.notes,
    ...(await unusedTypes([...failureTypes, ...otherTypes], scope, context)),
  ]
}
