import type { FieldRef } from './fields.ts'

/**
 * One comparison of `oslc.where`. Only `literal.ts` makes literals and only the schema makes attribute names, so
 * that the text of a clause is those parts with an operator between, and nothing else.
 */
export interface Comparison {
  readonly attribute: string
  readonly operator: '=' | '!=' | '>' | '>=' | '<' | '<=' | ' in '
  readonly literals: readonly string[]
}

/** `relation{a=1 and b=2}`: one related row that meets them all (the nested form of IBM's Java client). */
export interface NestedClause {
  readonly relation: string
  readonly inner: readonly Comparison[]
}

export type Clause = Comparison | NestedClause

/** Clauses and their reading; `literals` when together they mean equality with one of them. */
export interface Meaning {
  readonly clauses: readonly Comparison[]
  readonly reading: string
  readonly literals?: readonly string[]
}

/** What one condition became: clauses that all must hold. */
export interface CompiledCondition {
  /** What it is about; null when it is about the rows of a child or relation as a whole. */
  readonly ref: FieldRef | null
  readonly clauses: readonly Clause[]
  readonly reading: string
  /** Equality of one attribute with these literals: alternatives on one attribute fold into one list. */
  readonly equals: { readonly ref: FieldRef; readonly literals: readonly string[] } | null
}

/** A condition on one field. */
export interface ComparedCondition extends CompiledCondition {
  readonly ref: FieldRef
  readonly clauses: readonly Comparison[]
}

export const renderClause = (clause: Clause): string =>
  'relation' in clause
    ? `${clause.relation}{${clause.inner.map(renderComparison).join(' and ')}}`
    : renderComparison(clause)

const renderComparison = ({ attribute, operator, literals }: Comparison): string =>
  operator === ' in '
    ? `${attribute} in [${literals.join(',')}]`
    : `${attribute}${operator}${literals[0] ?? '""'}`

/** The text of a where clause; the same clause twice is said once. Null: no condition. */
export const renderClauses = (clauses: readonly Clause[]): string | null =>
  clauses.length === 0 ? null : [...new Set(clauses.map(renderClause))].join(' and ')

/** `a = x` for one literal, `a in [x, y]` for more, and for one that means something else behind `=`. */
export const equalityClause = (attribute: string, literals: readonly string[]): Comparison => {
  const [only = ''] = literals
  return literals.length === 1 && !isSpecial(only)
    ? { attribute, operator: '=', literals }
    : { attribute, operator: ' in ', literals: [...new Set(literals)] }
}

/** Behind `=` a `%` is a wildcard and `*` alone any value; the values of a list are taken as they are. */
const isSpecial = (literal: string): boolean => literal.startsWith('"') && SPECIAL.test(literal)

const SPECIAL = /%|^"\s*(\*|\[.*\])\s*"$/su
