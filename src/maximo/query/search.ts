import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { CompileContext } from './condition.ts'
import { problem, resolveField } from './fields.ts'
import { quoteText } from './literal.ts'
import type { Filter, QueryProblem } from './query.ts'

/** `searchAttributes` and `oslc.searchTerms` (REST guide, filtering). */
export interface CompiledSearch {
  readonly attributes: string
  readonly terms: string
  readonly reading: string
}

export const compileSearch = (
  { words, fields }: NonNullable<Filter['search']>,
  context: CompileContext,
): Result<CompiledSearch, readonly QueryProblem[]> => {
  const problems: QueryProblem[] = []
  if (words.length === 0 || words.length > MAX_WORDS)
    problems.push(problem('bad_value', 'search.words', `Give one to ${MAX_WORDS} words.`))
  if (fields.length === 0 || fields.length > MAX_FIELDS)
    problems.push(problem('bad_value', 'search.fields', `Give one to ${MAX_FIELDS} fields.`))
  const terms = words.slice(0, MAX_WORDS).map((word, index) => {
    const quoted = ONE_WORD.test(word) ? quoteText(word) : err(NOT_ONE_WORD)
    if (!quoted.ok) problems.push(problem('bad_value', `search.words[${index}]`, quoted.error))
    return quoted.ok ? quoted.value : ''
  })
  const attributes = fields.slice(0, MAX_FIELDS).map((name, index) => {
    const ref = resolveField(name, `search.fields[${index}]`, context)
    if (!ref.ok) problems.push(ref.error)
    return ref.ok ? ref.value.wire : ''
  })
  if (problems.length > 0) return err(problems)
  return ok({
    attributes: attributes.join(','),
    terms: terms.join(','),
    reading: `the text search for ${anyOf('words', terms)} in ${anyOf('fields', attributes)} finds them`,
  })
}

const anyOf = (kind: string, names: readonly string[]): string =>
  names.length === 1 ? names.join('') : `any of the ${kind} ${names.join(', ')}`

/** Maximo ends a word at these, in quotes or not: of `oil leak` it would find either. */
const ONE_WORD = /^[^\s",]+$/
const NOT_ONE_WORD =
  'Give words one by one: Maximo splits at blanks, commas and quotes, and finds any of the parts.'
const MAX_WORDS = 10
const MAX_FIELDS = 10
