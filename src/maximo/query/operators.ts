import { suggest } from './did-you-mean.ts'
import { problem, shown } from './fields.ts'
import type { Operator, QueryProblem } from './query.ts'
import { OPERATORS } from './query.ts'

/** The operator of that name, in any case. */
export const operatorOf = (asked: string): Operator | null => {
  const name = asked.trim().toLowerCase()
  return OPERATORS.find((operator) => operator === name) ?? null
}

export const unknownOperator = (asked: string, path: string): QueryProblem => {
  const known = SYNONYMS.get(
    asked
      .trim()
      .toLowerCase()
      .replace(/[\s_-]+/g, ''),
  )
  return problem(
    'unknown_operator',
    `${path}.op`,
    `There is no operator ${shown(asked)}; there are ${OPERATORS.join(', ')}.`,
    known === undefined ? suggest(asked, OPERATORS) : [known],
  )
}

/** What people and models write for an operator; a suggestion, never a silent translation. */
const SYNONYMS = new Map<string, Operator>([
  ['=', 'eq'],
  ['==', 'eq'],
  ['is', 'eq'],
  ['equals', 'eq'],
  ['equal', 'eq'],
  ['!=', 'ne'],
  ['<>', 'ne'],
  ['not', 'ne'],
  ['neq', 'ne'],
  ['>', 'gt'],
  ['after', 'gt'],
  ['>=', 'ge'],
  ['gte', 'ge'],
  ['since', 'ge'],
  ['<', 'lt'],
  ['before', 'lt'],
  ['<=', 'le'],
  ['lte', 'le'],
  ['oneof', 'in'],
  ['nin', 'notin'],
  ['includes', 'contains'],
  ['startswith', 'starts'],
  ['beginswith', 'starts'],
  ['endswith', 'ends'],
  ['isnull', 'null'],
  ['empty', 'null'],
  ['exists', 'notnull'],
  ['isnotnull', 'notnull'],
  ['range', 'between'],
])
