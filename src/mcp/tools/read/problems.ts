import type { ProblemReason, QueryProblem } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { suggested } from '../problem/did-you-mean.ts'
import { visible } from '../result/visible.ts'
import type { ProblemKind, ToolProblem } from '../problem/tool-problem.ts'

const KINDS: Record<ProblemReason, ProblemKind> = {
  unknown_field: 'invalid_field',
  unknown_relation: 'invalid_field',
  unknown_child: 'invalid_field',
  bad_name: 'invalid_field',
  unknown_operator: 'invalid_query',
  unknown_value: 'invalid_value',
  bad_value: 'invalid_value',
  not_filterable: 'invalid_query',
  not_sortable: 'invalid_query',
  not_supported: 'invalid_query',
  too_broad: 'too_large',
  too_long: 'too_large',
  ambiguous_key: 'ambiguous',
}

const MAX_SHOWN = 4

/** Everything the compiler found wrong with a question, as one error. */
export function queryProblem(problems: readonly QueryProblem[], objectStructure: string): ToolProblem {
  const [first] = problems
  const what = problems
    .slice(0, MAX_SHOWN)
    .map(({ message, suggestions }) => message + suggested(suggestions))
  return {
    kind: first === undefined ? 'invalid_query' : KINDS[first.reason],
    what: visible(what.join(' ')),
    why: null,
    next: `Correct it and call again. describe_object with object "${visible(objectStructure.toLowerCase())}" lists fields, child objects and value lists.`,
  }
}

/** A key that names no record, or none this user may see. */
export const noRecord = (id: string, { resource, key }: ObjectSchema): ToolProblem => ({
  kind: 'not_found',
  what: `There is no ${resource.toLowerCase()} "${visible(id.slice(0, 100))}" that you may see.`,
  why: `Its key is ${key.join('/')}.`,
  next: 'Check the key, or look for the record with query_records.',
})
