import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { dayAt, daysBetween, monthOf, startOf } from '../read/days.ts'
import { whoAmI } from '../read/who-am-i.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

const MAX_DAYS = 366
const HOUR_MS = 3_600_000

/** The arguments that name a period of whole days. */
export const PERIOD = {
  from: z.iso.date().optional().describe('default: the first of last month'),
  to: z.iso.date().optional().describe('last day, at most 366 with the first'),
}

/** Whole days as the calendar of the Maximo user has them, which is the one that Maximo reads a day by. */
export interface Period {
  readonly from: string
  readonly to: string
  /** IANA; null: Maximo does not say, and days are those of UTC. */
  readonly zone: string | null
  /** From the first midnight to the last one, or to now where the last day is today. */
  readonly hours: number
  readonly notes: readonly string[]
}

/** The period that was asked for; last month when none was. */
export async function periodOf(
  asked: { readonly from?: string | undefined; readonly to?: string | undefined },
  context: ToolContext,
): Promise<Result<Period, ToolProblem>> {
  const { timeZone: zone } = await whoAmI(context)
  const nowMs = context.clock.nowMs()
  const today = dayAt(nowMs, zone)
  const lastMonth = monthOf(today, -1)
  if (asked.from === undefined && asked.to !== undefined)
    return err(refused('"to" needs "from".', 'Give both, or neither for last month.'))
  const from = asked.from ?? lastMonth.from
  const to = asked.to ?? (asked.from === undefined ? lastMonth.to : today)
  const problem = problemIn({ from, to, today })
  if (problem !== null) return err(problem)
  const endMs = to === today ? nowMs : startOf(to, zone, 1)
  return ok({
    ...{ from, to, zone },
    hours: (endMs - startOf(from, zone)) / HOUR_MS,
    notes: [
      ...(to === today ? ['The last day is today and not over: its figures will change.'] : []),
      ...(zone === null ? ['Maximo does not say the time zone of its user: days are those of UTC.'] : []),
    ],
  })
}

/** That a date of the rows lies in the period. */
export const conditionOn = (field: string, { from, to }: Pick<Period, 'from' | 'to'>): Condition => ({
  field,
  op: 'between',
  value: [from, to],
})

function problemIn({ from, to, today }: { from: string; to: string; today: string }): ToolProblem | null {
  const days = daysBetween(from, to) + 1
  if (days < 1) return refused(`"to" (${to}) lies before "from" (${from}).`, 'Give the earlier day first.')
  if (days > MAX_DAYS) return refused(`The period has more than ${MAX_DAYS} days.`, 'Give a shorter one.')
  if (to > today)
    return refused(`"to" (${to}) lies after today (${today}).`, 'Figures are of what has happened.')
  return null
}

const refused = (what: string, next: string): ToolProblem => ({
  kind: 'invalid_value',
  what,
  why: null,
  next,
})
