import type { CompiledFilter } from './filter.ts'
import { renderClauses } from './clause.ts'
import type { Parameter } from './parameters.ts'
import { MAX_QUERY_STRING, renderParameters } from './parameters.ts'
import { filterParameters } from './request-parameters.ts'

/** A question whose figures count with a sign. */
export interface SignedQuestion {
  readonly queryString: string
  readonly sign: 1 | -1
  /** It asks for one of the alternatives, not for what several have in common. */
  readonly isAlternative: boolean
}

/**
 * Questions whose signed figures add up to those of the union: every alternative, less what each two have in common,
 * plus what each three have, and so on. Counts and sums of a union cannot be had otherwise: OSLC has no NOT for a whole
 * clause.
 * @returns null when there would be too many of them, or one too long.
 */
export const signedQuestions = (
  filter: CompiledFilter,
  parameters: readonly Parameter[],
): readonly SignedQuestion[] | null => {
  const { alternatives, wheres } = filter
  if (alternatives.length > MAX_COUNTED) return null
  const question = (where: string | null, size: number): SignedQuestion => ({
    queryString: renderParameters([...filterParameters(filter, where), ...parameters]),
    sign: size % 2 === 1 ? 1 : -1,
    isAlternative: size === 1,
  })
  const questions =
    wheres.length === 1
      ? wheres.map((where) => question(where, 1))
      : subsetsOf(alternatives).map((subset) => question(renderClauses(subset.flat()), subset.length))
  return questions.some(({ queryString }) => queryString.length > MAX_QUERY_STRING) ? null : questions
}

const subsetsOf = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items
    .reduce<readonly (readonly T[])[]>(
      (subsets, item) => [...subsets, ...subsets.map((subset) => [...subset, item])],
      [[]],
    )
    .slice(1)

/** Four alternatives are fifteen questions; more would not be kind. */
const MAX_COUNTED = 4
