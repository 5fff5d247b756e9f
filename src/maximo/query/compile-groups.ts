import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { ObjectSchema } from '../schema/object-schema.ts'
import { TOO_LONG } from './compile.ts'
import type { CompileContext } from './condition.ts'
import type { CompileExtras } from './fields.ts'
import { problem } from './fields.ts'
import { compileFilter } from './filter.ts'
import { groupParameters } from './group.ts'
import type { GroupQuery, QueryProblem } from './query.ts'
import type { SignedQuestion } from './signed.ts'
import { signedQuestions } from './signed.ts'

export interface CompiledGroups {
  /** Almost always one; several when alternatives must be put together. */
  readonly questions: readonly SignedQuestion[]
  readonly reading: string
  readonly notes: readonly string[]
}

/** Groups over all matching rows, or everything that is wrong with the question. Pure. */
export const compileGroups = (
  query: GroupQuery,
  schema: ObjectSchema,
  extras: CompileExtras = {},
): Result<CompiledGroups, readonly QueryProblem[]> => {
  const context: CompileContext = { schema, extras }
  const filter = compileFilter(query, context, [])
  const groups = groupParameters(query, context)
  if (!filter.ok || !groups.ok) return err([filter, groups].flatMap((part) => (part.ok ? [] : part.error)))
  const questions = signedQuestions(filter.value, groups.value.parameters)
  if (questions === null) return err([filter.value.wheres.length > 1 ? TOO_MANY : TOO_LONG])
  return ok({
    questions,
    reading: `${schema.resource}: ${groups.value.reading} over ${filter.value.reading}`,
    notes: filter.value.notes,
  })
}

const TOO_MANY = problem(
  'too_broad',
  'any',
  'Groups over so many alternatives beside conditions that must hold cannot be computed; ask with fewer.',
)
