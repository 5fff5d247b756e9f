import type { QueryProblem } from '../query/query.ts'
import type { FieldProblem, FieldReason } from './contract.ts'

export const fieldProblem = (
  reason: FieldReason,
  path: string,
  message: string,
  suggestions: readonly string[] = [],
): FieldProblem => ({ reason, path, message, suggestions, code: null })

export const invalid = (
  ...problems: readonly FieldProblem[]
): { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[]; readonly code: null } => ({
  kind: 'invalid',
  problems,
  code: null,
})

/** What is wrong with how a record was named. */
export const badReference = (
  problems: readonly QueryProblem[],
): { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[]; readonly code: null } =>
  invalid(
    ...problems.map(({ path, message, suggestions }) =>
      fieldProblem('bad_request', path, message, suggestions),
    ),
  )
