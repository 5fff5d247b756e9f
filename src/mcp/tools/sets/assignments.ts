import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { daysBetween } from '../read/days.ts'
import { allPages } from '../read/all-pages.ts'
import { rowsIn } from '../result/child-table.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'

export const MAX_ORDERS = 1_000
const MAX_DAYS = 92
export const code = z.string().min(1).max(30)
/** The arguments that name a window of days. */
export const WINDOW = {
  from: z.iso.date(),
  to: z.iso.date().describe('the last day, at most 92 days after from'),
}

/** One assignment of one work order. */
interface Assigned {
  readonly day: string
  readonly start: unknown
  readonly labor: string | null
  readonly craft: string | null
  readonly hours: number
  readonly order: Readonly<Record<string, unknown>>
}

export interface AskedWindow {
  readonly from: string
  readonly to: string
  readonly conditions: readonly Condition[]
  readonly orderConditions: readonly Condition[]
}

export interface Assignments {
  readonly all: readonly Assigned[]
  readonly isComplete: boolean
}

/** Assignments that are scheduled in a window, by day. */
export async function assignmentsIn(
  asked: AskedWindow,
  context: ToolContext,
): Promise<Result<Assignments, ToolProblem>> {
  const { from, to, conditions, orderConditions } = asked
  const problem = windowProblem(from, to)
  if (problem !== null) return err(problem)
  const found = await allPages(
    {
      objectStructure: WORK_ORDERS,
      all: [
        {
          some: 'assignment',
          all: [
            { field: 'scheduledate', op: 'ge', value: from },
            { field: 'scheduledate', op: 'le', value: to },
            ...conditions,
          ],
        },
        ...orderConditions,
      ],
      select: {
        fields: ['wonum', 'siteid', 'description', 'status', 'assetnum', 'crewid'],
        children: { assignment: ['laborcode', 'craft', 'laborhrs', 'scheduledate', 'status'] },
      },
    },
    MAX_ORDERS,
    context,
  )
  if (!found.ok) return found
  const wanted = new Map(conditions.map(({ field, value }) => [field, value]))
  const all = found.value.records
    .flatMap(({ values }) => rowsIn(values['assignment']).map((row) => assignedOf(row, values)))
    .filter(({ day }) => from <= day && day <= to)
    .filter((one) => isWanted(one, wanted))
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0))
  return ok({ all, isComplete: found.value.isComplete })
}

/** The day as Maximo writes it, in the user's own time. */
function assignedOf(row: Readonly<Record<string, unknown>>, order: Assigned['order']): Assigned {
  const text = (name: string): string | null => (typeof row[name] === 'string' ? row[name] : null)
  return {
    day: text('scheduledate')?.slice(0, 10) ?? '',
    start: row['scheduledate'],
    labor: text('laborcode'),
    craft: text('craft'),
    hours: Number(row['laborhrs'] ?? 0),
    order,
  }
}

const isWanted = ({ labor, craft }: Assigned, wanted: ReadonlyMap<string, unknown>): boolean => {
  const fits = (value: string | null, asked: unknown): boolean =>
    asked === undefined || (Array.isArray(asked) ? asked.includes(value) : value === asked)
  return fits(labor, wanted.get('laborcode')) && fits(craft, wanted.get('craft'))
}

export function windowProblem(from: string, to: string): ToolProblem | null {
  const days = daysBetween(from, to)
  if (days >= 0 && days <= MAX_DAYS) return null
  return {
    kind: 'invalid_value',
    what:
      days < 0 ? `"to" (${to}) lies before "from" (${from}).` : `The window has more than ${MAX_DAYS} days.`,
    why: null,
    next: 'Give a shorter window.',
  }
}

export const equal = (field: string, value: string | undefined): readonly Condition[] =>
  value === undefined ? [] : [{ field, op: 'eq', value: value.trim().toUpperCase() }]
