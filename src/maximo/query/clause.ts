import type { FieldRef } from './fields.ts'

/**
 * One comparison of `oslc.where`. Only `literal.ts` makes literals and only the schema makes attribute names, so
 * that the text of a clause is those parts with an operator between, and nothing else.
 */
export interface Clause {
  readonly attribute: string
  readonly operator: '=' | '!=' | '>' | '>=' | '<' | '<=' | ' in '
  readonly literals: readonly string[]
}

/** What one condition became: clauses that all must hold. */
export interface CompiledCondition {
  readonly ref: FieldRef
  readonly clauses: readonly Clause[]
  readonly reading: string
  /** The clause asks for equality with literals: alternatives on one attribute fold into one list. */
  readonly isEquality: boolean
}

export const renderClause = ({ attribute, operator, literals }: Clause): string =>
  operator === ' in '
    ? `${attribute} in [${literals.join(',')}]`
    : `${attribute}${operator}${literals[0] ?? '""'}`

export const renderClauses = (clauses: readonly Clause[]): string | null =>
  clauses.length === 0 ? null : clauses.map(renderClause).join(' and ')

/** `a = x` for one literal, `a in [x, y]` for more. */
export const equalityClause = (attribute: string, literals: readonly string[]): Clause =>
  literals.length === 1
    ? { attribute, operator: '=', literals }
    : { attribute, operator: ' in ', literals: [...new Set(literals)] }
