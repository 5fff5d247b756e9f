import type { Clock } from '../../../kernel/clock.ts'
import type { MaximoUser } from '../auth/users.ts'
import { OpenQuestion, SeveralErrors, type BmxError } from '../errors.ts'
import type { Database } from '../plant/database.ts'
import type { SimulatorRules } from '../rules.ts'

/** What the writes of one request share. */
export interface Saving {
  readonly db: Database
  readonly user: MaximoUser
  readonly clock: Clock
  readonly rules: SimulatorRules
  /** The writer's time zone. */
  readonly zone: string
  /** `patchtype: MERGE`. Without it, child rows that the payload leaves out of an array are deleted. */
  readonly isMerge: boolean
  /** `interactive=1`: questions are asked; otherwise the default answer is taken silently. */
  readonly isInteractive: boolean
  /** `yncuserinput: <question>:<answer>;…` */
  readonly answers: ReadonlyMap<string, number>
  /** With `batcherror: 1` the problems found so far; null: the first one ends the request. */
  readonly problems: BmxError[] | null
}

/** Notes a problem with one attribute, or ends the request with it. */
export function complain(saving: Saving, error: BmxError): void {
  if (saving.problems === null) throw error
  saving.problems.push(error)
}

/** @throws SeveralErrors when problems were noted. */
export function assertNoProblems({ problems }: Saving): void {
  const [first] = problems ?? []
  if (first !== undefined && problems !== null) throw new SeveralErrors(first, problems)
}

export const YES = 8
export const NO = 16

/**
 * The answer to a yes/no question: what the caller sent, else the default.
 *
 * @throws OpenQuestion on an interactive request that did not answer it with yes or no.
 */
export function answerTo(
  saving: Saving,
  question: { readonly id: string; readonly code: string; readonly text: string; readonly byDefault: number },
): number {
  const given = saving.answers.get(question.id)
  if (given === YES || given === NO) return given
  if (saving.isInteractive) throw new OpenQuestion(question.code, question.text, question.id)
  return question.byDefault
}
