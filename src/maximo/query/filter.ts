import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { Clause, Comparison, CompiledCondition } from './clause.ts'
import { renderClause, renderClauses } from './clause.ts'
import type { CompileContext } from './condition.ts'
import type { Collect, Normal } from './criteria.ts'
import { allOf, anyOf, compileEach, extentOf, MAX_ALTERNATIVES, MAX_DEPTH, TOO_BROAD } from './criteria.ts'
import { problem } from './fields.ts'
import type { Filter, QueryProblem } from './query.ts'
import type { CompiledSaved } from './saved-query.ts'
import { compileSaved } from './saved-query.ts'
import type { CompiledSearch } from './search.ts'
import { compileSearch } from './search.ts'

export interface CompiledFilter {
  /**
   * One clause text (null: no condition), or one per alternative: then the answer is the union of the rows, since
   * OSLC's OR (`opmodeor=1`) turns the whole clause and would also turn what must hold in any case.
   */
  readonly wheres: readonly (string | null)[]
  /** The single clause is an OR. */
  readonly isOr: boolean
  /** The clauses of each of {@link wheres}. */
  readonly alternatives: readonly (readonly Clause[])[]
  readonly search: CompiledSearch | null
  readonly saved: CompiledSaved | null
  readonly reading: string
  readonly notes: readonly string[]
}

/**
 * Compiles conditions, or says everything that is wrong with them at once.
 * @param besides Clauses that must hold too and are no part of what was asked.
 */
export const compileFilter = (
  filter: Filter,
  context: CompileContext,
  besides: readonly Comparison[],
): Result<CompiledFilter, readonly QueryProblem[]> => {
  const outOfBounds = boundsOf(filter)
  if (outOfBounds !== null) return err([outOfBounds])
  const problems: QueryProblem[] = []
  const normal = normalOf(filter, { context, problems })
  const search = partOf(filter.search, (asked) => compileSearch(asked, context), problems)
  const saved = partOf(filter.saved, (asked) => compileSaved(asked, context), problems)
  if (normal === null || problems.length > 0) return err(problems)
  return combine(normal, { search, saved, besides })
}

/** What is compiled by itself; null when it is not asked for, or wrong. */
const partOf = <Asked, Part>(
  asked: Asked | undefined,
  compile: (asked: Asked) => Result<Part, readonly QueryProblem[]>,
  problems: QueryProblem[],
): Part | null => {
  if (asked === undefined) return null
  const part = compile(asked)
  if (part.ok) return part.value
  problems.push(...part.error)
  return null
}

const normalOf = ({ all = [], any = [] }: Filter, collect: Collect): Normal | null => {
  const must = compileEach(all, 'all', collect)
  const either = compileEach(any, 'any', collect)
  if (must === null || either === null) return null
  return allOf(either.length === 0 ? must : [...must, anyOf(either)], collect)
}

const boundsOf = ({ all = [], any = [] }: Filter): QueryProblem | null => {
  const { conditions, depth } = extentOf([...all, ...any])
  if (depth > MAX_DEPTH) return problem('too_long', 'all', `Conditions nest at most ${MAX_DEPTH} deep.`)
  if (conditions > MAX_CONDITIONS)
    return problem('too_long', 'all', `A query takes at most ${MAX_CONDITIONS} conditions.`)
  return null
}

/** What narrows the answer besides the conditions. */
interface Rest {
  readonly search: CompiledSearch | null
  readonly saved: CompiledSaved | null
  readonly besides: readonly Comparison[]
}

const combine = (normal: Normal, rest: Rest): Result<CompiledFilter, readonly QueryProblem[]> => {
  const { search, saved, besides } = rest
  const alternatives = withoutCovered(
    normal.alternatives.map((conditions) => [...clausesOf(conditions), ...besides]),
  )
  const said = { search, saved, reading: reading(normal, rest), notes: notes(normal.alternatives) }
  // With `opmodeor=1` Maximo reads every `and` of the clause as "or" (REST guide; there is no `or` keyword).
  if (alternatives.length > 1 && search === null && saved === null && alternatives.every(isPlain)) {
    const either = alternatives.flat()
    return ok({ wheres: [renderClauses(either)], alternatives: [either], isOr: true, ...said })
  }
  if (alternatives.length > MAX_ALTERNATIVES) return err([TOO_BROAD])
  return ok({ wheres: alternatives.map(renderClauses), alternatives, isOr: false, ...said })
}

/** One comparison, or one in a nested clause: nothing within that an OR could turn. */
const isPlain = (clauses: readonly Clause[]): boolean => {
  const [only, ...others] = clauses
  return only !== undefined && others.length === 0 && (!('relation' in only) || only.inner.length === 1)
}

/** Without alternatives that only say more than another one: they find nothing that it does not. */
const withoutCovered = (alternatives: readonly (readonly Clause[])[]): readonly (readonly Clause[])[] => {
  const said = alternatives.map((clauses) => new Set(clauses.map(renderClause)))
  return alternatives.filter((_, index) => {
    const own = said[index] ?? new Set()
    return !said.some(
      (other, at) => at !== index && isWithin(other, own) && (other.size < own.size || at < index),
    )
  })
}

const isWithin = (part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean =>
  [...part].every((text) => whole.has(text))

const clausesOf = (conditions: readonly CompiledCondition[]): readonly Clause[] =>
  conditions.flatMap(({ clauses }) => clauses)

const reading = ({ reading: said, joined }: Normal, { search, saved }: Rest): string => {
  const others = [saved, search].flatMap((part) => (part === null ? [] : [part.reading]))
  const own = joined === 'or' && others.length > 0 ? `(${said})` : said
  const parts = [own, ...others].filter((part) => part !== '')
  return parts.length === 0 ? 'all records' : `records where ${parts.join(' and ')}`
}

const notes = (alternatives: Normal['alternatives']): readonly string[] => {
  const found = new Set<string>()
  for (const alternative of alternatives) {
    const perChild = new Map<string, number>()
    for (const { ref, clauses } of alternative)
      if (ref?.kind === 'child')
        perChild.set(ref.child.name, (perChild.get(ref.child.name) ?? 0) + clauses.length)
    for (const [name, count] of perChild)
      if (count > 1) found.add(`The conditions on ${name} may be met by different rows of ${name}.`)
  }
  if (alternatives.flat().some(({ clauses }) => clauses.some(hasUnderscorePattern)))
    found.add('In a pattern “_” may stand for any one character.')
  return [...found]
}

const hasUnderscorePattern = (clause: Clause): boolean =>
  'relation' in clause
    ? clause.inner.some(hasUnderscorePattern)
    : clause.operator === '=' &&
      clause.literals.some((literal) => literal.includes('%') && literal.includes('_'))

const MAX_CONDITIONS = 50
