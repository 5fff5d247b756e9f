import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { instantText } from '../result/answer-text.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { nameIn, type Argument, type Criteria, type ListQuestion, type Subject } from './argument.ts'
import { oneOf } from './plain-arguments.ts'

/** What people mean by a state, through the status list of this environment: a site may have any values of its own. */
export interface Meanings {
  readonly domain: string
  /** Internal values per state (maximo-api §8.2): the rules of Maximo look at these, never at synonyms. */
  readonly internal: Readonly<Record<string, readonly string[]>>
  /** Synonyms that also mean a state which their internal value does not. */
  readonly also?: Readonly<Record<string, string>>
  /** A state that is besides past the time in this field. */
  readonly overdue?: { readonly state: string; readonly field: string }
  /** Holds when neither a state nor statuses are given. */
  readonly default: string
}

/** `state` by meaning; with exact statuses given and no state, any. */
export function stateArgument(meanings: Meanings): Argument {
  const names = [...Object.keys(meanings.internal), ANY]
  return {
    schema: z.enum(names).optional().describe(`by meaning; default: ${meanings.default}`),
    criteria(value, question, context) {
      const isExact = question.asked['status'] !== undefined
      const state = typeof value === 'string' ? value : isExact ? ANY : meanings.default
      return stateCriteria(state, { meanings, question }, context)
    },
  }
}

/** `status`: exact values beside or instead of a state. */
export const statusArgument = (): Argument => oneOf('status', 'exact statuses instead of state')

const ANY = 'any'

interface Meant {
  readonly meanings: Meanings
  readonly question: Pick<ListQuestion, 'subject' | 'atMs'>
}

async function stateCriteria(
  state: string,
  { meanings, question }: Meant,
  context: ToolContext,
): Promise<Criteria> {
  if (state === ANY) return ok([])
  const status = await inState({ meanings, state }, question.subject, context)
  if (!status.ok) return err({ ...status.error, next: `${AROUND_IT} ${status.error.next}` })
  const { overdue } = meanings
  if (overdue?.state !== state) return status
  return ok([...status.value, { field: overdue.field, op: 'lt', value: instantText(question.atMs) }])
}

/** A state that is not asked for by an argument. */
export interface FixedState {
  readonly meanings: Pick<Meanings, 'domain' | 'internal' | 'also'>
  readonly state: string
}

/** The records in a state, by the status list of this environment. */
export async function inState(
  { meanings, state }: FixedState,
  subject: Pick<Subject, 'objectStructure' | 'names'>,
  context: ToolContext,
): Promise<Result<readonly Condition[], ToolProblem>> {
  const values = await statusValues(meanings, state, context)
  if (!values.ok) return values
  if (values.value.length === 0) return err(noSuchState(state, subject.objectStructure))
  return ok([{ field: nameIn(subject, 'status'), op: 'in', value: values.value }])
}

/** Lists have both arguments, and exact values need no list. */
const AROUND_IT = 'Give exact values in "status" together with state "any".'

const noSuchState = (state: string, objectStructure: string) => ({
  kind: 'not_found' as const,
  what: `This environment has no status that means "${state}".`,
  why: null,
  next: `describe_object with object "${objectStructure.toLowerCase()}" and field "status" lists them.`,
})
