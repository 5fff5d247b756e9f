import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { Clause, CompiledCondition } from './clause.ts'
import { equalityClause, renderClauses } from './clause.ts'
import type { CompileContext } from './condition.ts'
import { compileCondition } from './condition.ts'
import { problem } from './fields.ts'
import type { Condition, Filter, QueryProblem } from './query.ts'
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
  readonly search: CompiledSearch | null
  readonly reading: string
  readonly notes: readonly string[]
}

/** Compiles conditions, or says everything that is wrong with them at once. */
export const compileFilter = (
  filter: Filter,
  context: CompileContext,
): Result<CompiledFilter, readonly QueryProblem[]> => {
  const { all = [], any = [] } = filter
  if (all.length + any.length > MAX_CONDITIONS)
    return err([problem('too_long', 'all', `A query takes at most ${MAX_CONDITIONS} conditions.`)])
  const problems: QueryProblem[] = []
  const must = compileEach(all, 'all', { context, problems })
  const alternatives = foldEqualities(compileEach(any, 'any', { context, problems }))
  const search = filter.search === undefined ? null : compileSearch(filter.search, context)
  if (search?.ok === false) problems.push(...search.error)
  if (problems.length > 0) return err(problems)
  return combine({ must, alternatives, search: search?.ok === true ? search.value : null })
}

interface Parts {
  readonly must: readonly CompiledCondition[]
  readonly alternatives: readonly CompiledCondition[]
  readonly search: CompiledSearch | null
}

const combine = ({ must, alternatives, search }: Parts): Result<CompiledFilter, readonly QueryProblem[]> => {
  const [only] = alternatives
  if (only !== undefined && alternatives.length === 1)
    return combine({ must: [...must, only], alternatives: [], search })
  const said = { search, reading: reading(must, alternatives, search), notes: notes(must, alternatives) }
  const mustClauses = clausesOf(must)
  if (alternatives.length === 0) return ok({ wheres: [renderClauses(mustClauses)], isOr: false, ...said })
  if (
    mustClauses.length === 0 &&
    search === null &&
    alternatives.every(({ clauses }) => clauses.length === 1)
  )
    return ok({ wheres: [orText(clausesOf(alternatives))], isOr: true, ...said })
  if (alternatives.length > MAX_ALTERNATIVES)
    return err([
      problem(
        'too_broad',
        'any',
        `Beside conditions that must hold, at most ${MAX_ALTERNATIVES} alternatives are possible; ` +
          'values of one field count as one.',
      ),
    ])
  const wheres = alternatives.map(({ clauses }) => renderClauses([...mustClauses, ...clauses]))
  return ok({ wheres, isOr: false, ...said })
}

/** Alternatives that ask one field for equality are one alternative: `in`. */
const foldEqualities = (alternatives: readonly CompiledCondition[]): readonly CompiledCondition[] => {
  const folded = new Map<string, CompiledCondition>()
  alternatives.forEach((alternative, index) => {
    const [clause] = alternative.clauses
    const key = alternative.isEquality && clause !== undefined ? `=${clause.attribute}` : `#${index}`
    const before = folded.get(key)
    folded.set(key, before === undefined ? alternative : merged(before, alternative))
  })
  return [...folded.values()]
}

const merged = (a: CompiledCondition, b: CompiledCondition): CompiledCondition => {
  const literals = [...new Set([...a.clauses, ...b.clauses].flatMap((clause) => clause.literals))]
  return {
    ref: a.ref,
    clauses: [equalityClause(a.ref.wire, literals)],
    reading: `${a.ref.label} is ${literals.length > 1 ? 'one of ' : ''}${literals.join(', ')}`,
    isEquality: true,
  }
}

const compileEach = (
  conditions: readonly Condition[],
  path: string,
  { context, problems }: { context: CompileContext; problems: QueryProblem[] },
): readonly CompiledCondition[] => {
  const compiled: CompiledCondition[] = []
  conditions.forEach((condition, index) => {
    const result = compileCondition(condition, `${path}[${index}]`, context)
    if (result.ok) compiled.push(result.value)
    else problems.push(result.error)
  })
  return compiled
}

const clausesOf = (conditions: readonly CompiledCondition[]): readonly Clause[] =>
  conditions.flatMap(({ clauses }) => clauses)

/** With `opmodeor=1` Maximo reads every `and` of the clause as "or" (REST guide; there is no `or` keyword). */
const orText = (clauses: readonly Clause[]): string | null => renderClauses(clauses)

const reading = (
  must: readonly CompiledCondition[],
  alternatives: readonly CompiledCondition[],
  search: CompiledSearch | null,
): string => {
  const parts = must.map((condition) => condition.reading)
  if (alternatives.length > 0) {
    const either = alternatives.map((condition) => condition.reading).join(' or ')
    parts.push(parts.length > 0 ? `(${either})` : either)
  }
  if (search !== null) parts.push(search.reading)
  return parts.length === 0 ? 'all records' : `records where ${parts.join(' and ')}`
}

const notes = (
  must: readonly CompiledCondition[],
  alternatives: readonly CompiledCondition[],
): readonly string[] => {
  const found: string[] = []
  const perChild = new Map<string, number>()
  for (const { ref, clauses } of must)
    if (ref.kind === 'child')
      perChild.set(ref.child.name, (perChild.get(ref.child.name) ?? 0) + clauses.length)
  for (const [name, count] of perChild)
    if (count > 1) found.push(`The conditions on ${name} may be met by different rows of ${name}.`)
  if ([...must, ...alternatives].some(({ clauses }) => clauses.some(hasUnderscorePattern)))
    found.push('In a pattern “_” may stand for any one character.')
  return found
}

const hasUnderscorePattern = ({ literals }: Clause): boolean =>
  literals.some((literal) => literal.includes('%') && literal.includes('_'))

const MAX_CONDITIONS = 50
const MAX_ALTERNATIVES = 5
