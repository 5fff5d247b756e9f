import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { CompileContext } from './condition.ts'
import { suggest } from './did-you-mean.ts'
import { isPlain, problem, shown } from './fields.ts'
import { quoteText } from './literal.ts'
import type { Parameter } from './parameters.ts'
import type { Filter, QueryProblem } from './query.ts'

/** `savedQuery` and its `sqp:` parameters (REST guide, saved queries). */
export interface CompiledSaved {
  readonly parameters: readonly Parameter[]
  readonly reading: string
}

/** A saved query that the object structure offers, its parameters as plain values. */
export const compileSaved = (
  { name, parameters = {} }: NonNullable<Filter['saved']>,
  context: CompileContext,
): Result<CompiledSaved, readonly QueryProblem[]> => {
  const exact = nameOf(name, context)
  if (!exact.ok) return err([exact.error])
  const problems: QueryProblem[] = []
  const given = Object.entries(parameters).map(([key, value]) => parameterOf(key, value, problems))
  if (given.length > MAX_PARAMETERS)
    problems.push(problem('too_long', 'saved.parameters', `Give at most ${MAX_PARAMETERS} parameters.`))
  if (problems.length > 0) return err(problems)
  // The parameter's own name is case-sensitive too: `savedquery` would silently ask for everything.
  return ok({
    parameters: [['savedQuery', exact.value], ...given],
    reading: `the saved query ${exact.value} finds them`,
  })
}

/** The name as Maximo has it; unchecked where its list is not known. */
const nameOf = (name: string, { schema, extras }: CompileContext): Result<string, QueryProblem> => {
  if (!NAME.test(name))
    return err(problem('bad_name', 'saved.name', 'This is not the name of a saved query.'))
  const known = extras.savedQueries?.() ?? null
  if (known === null) return ok(name)
  const wanted = name.toLowerCase()
  const found = known.find((query) => query.name.toLowerCase() === wanted)
  if (found !== undefined) return ok(found.name)
  const names = known.map((query) => query.name).filter(isPlain)
  return err(
    problem(
      'unknown_value',
      'saved.name',
      `${schema.resource} has no saved query ${shown(name)}.`,
      suggest(name, names),
    ),
  )
}

const parameterOf = (key: string, value: string, problems: QueryProblem[]): Parameter => {
  const path = `saved.parameters.${key.slice(0, 40)}`
  const quoted = quoteText(value)
  if (!PARAMETER.test(key))
    problems.push(problem('bad_name', path, `${shown(key)} is not a parameter’s name.`))
  else if (!quoted.ok) problems.push(problem('bad_value', path, quoted.error))
  // Maximo puts the value into the stored clause, whose quotes we do not see.
  else if (/['`]/.test(value)) problems.push(problem('bad_value', path, 'A parameter has no quotes in it.'))
  return [`sqp:${key}`, value]
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9 _.:-]{0,99}$/
const PARAMETER = /^[A-Za-z][A-Za-z0-9_]{0,29}$/
const MAX_PARAMETERS = 10
