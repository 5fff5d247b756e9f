import type { FieldProblem, FieldReason } from '../../maximo/write/contract.ts'
import { suggested } from '../tools/problem/did-you-mean.ts'
import { visible } from '../tools/result/visible.ts'
import type { ProblemKind, ToolProblem } from '../tools/problem/tool-problem.ts'

const KINDS: Readonly<Record<FieldReason, ProblemKind>> = {
  unknown_field: 'invalid_field',
  unknown_child: 'invalid_field',
  read_only: 'invalid_field',
  bad_value: 'invalid_value',
  unknown_value: 'invalid_value',
  too_long: 'invalid_value',
  required: 'invalid_value',
  not_allowed: 'invalid_value',
  bad_request: 'invalid_value',
  refused: 'refused',
}

/** Everything that is wrong with the values of a change, as one error. Nothing was staged, nothing written. */
export function fieldsProblem(problems: readonly FieldProblem[], object: string): ToolProblem {
  const [first] = problems
  const sentences = problems
    .slice(0, MOST)
    .map(({ message, suggestions }) => message + suggested(suggestions))
  return {
    kind: first === undefined ? 'invalid_value' : KINDS[first.reason],
    what: visible(sentences.join(' ')),
    why: 'Nothing was staged and nothing was written.',
    next: `Correct it and call again. describe_object with object "${visible(object.toLowerCase())}" lists fields and value lists.`,
  }
}

const MOST = 5

export const problem = (
  kind: ProblemKind,
  what: string,
  { why = null, next }: { readonly why?: string | null; readonly next: string },
): ToolProblem => ({ kind, what, why, next })
