import { err, ok, type Result } from '../../../kernel/result.ts'
import { type Criterion, ROWS_AT_ONCE } from '../../../maximo/query/query.ts'
import { AT_ONCE, inTurns } from '../../../maximo/records/in-turns.ts'
import { daysBetween, moved } from '../read/days.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import type { Measured } from './figure.ts'
import type { KpiQuestion } from './kpis.ts'
import { conditionOn, type Period } from './period.ts'
import { countOf } from '../read/groups.ts'
import { everyOrder, notCancelled, ofTypes, withStatus, WORK } from './work.ts'

interface Promised extends KpiQuestion {
  /** The day that was promised. */
  readonly field: 'targcompdate' | 'schedfinish'
  /** Null: work of any type. */
  readonly types: readonly string[] | null
}

/**
 * How much of what was promised for a period was finished by the day it was promised for. Maximo compares no two fields
 * of a row: the rows are read, or, where that would take longer, Maximo is asked day by day what was promised for it and
 * finished by its end. So no period is too full to be counted.
 */
export async function compliance(
  { field, types, scope, period, statuses }: Promised,
  context: ToolContext,
): Promise<Result<Measured, ToolProblem>> {
  const own: readonly Criterion[] = [
    ...[WORK, ...(types === null ? [] : [ofTypes(types)]), ...scope.conditions],
    conditionOn(field, period),
  ]
  const promised = await countOf([...own, ...notCancelled(statuses)], context)
  if (!promised.ok) return promised
  const done = [...own, withStatus(statuses.done)]
  const finished = await countOf([...done, { field: 'actfinish', op: 'notnull' }], context)
  if (!finished.ok) return finished
  const undated = await countOf([...done, { field: 'actfinish', op: 'null' }], context)
  if (!undated.ok) return undated
  const kept = await keptOf({ done, field, days: daysOf(period), finished: finished.value }, context)
  if (!kept.ok) return kept
  return ok({
    numerator: { what: 'work orders finished by the day', value: kept.value, rows: kept.value },
    denominator: { what: `work orders ${DUE[field]}`, value: promised.value, rows: promised.value },
    notes:
      undated.value === 0
        ? []
        : [`Finished without an actual finish, and counted as not finished by the day: ${undated.value}.`],
  })
}

const DUE = { targcompdate: 'due in the period', schedfinish: 'scheduled to finish in the period' } as const

const daysOf = ({ from, to }: Period): readonly string[] =>
  Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => moved(from, index))

interface Kept {
  /** Promised for the period and finished. */
  readonly done: readonly Criterion[]
  readonly field: string
  readonly days: readonly string[]
  /** How many of them say when. */
  readonly finished: number
}

/** Pages are read one after the other, days are asked for a few at a time. */
const keptOf = (kept: Kept, context: ToolContext): Promise<Result<number, ToolProblem>> =>
  kept.finished <= (kept.days.length / AT_ONCE) * ROWS_AT_ONCE
    ? keptInRows(kept, context)
    : keptByDay(kept, context)

async function keptInRows({ done, field }: Kept, context: ToolContext): Promise<Result<number, ToolProblem>> {
  const all = [...done, { field: 'actfinish', op: 'notnull' }]
  const orders = await everyOrder({ all, fields: [field, 'actfinish'] }, context)
  if (!orders.ok) return orders
  const kept = orders.value.filter((row) => dayIn(row['actfinish']) <= dayIn(row[field]))
  return ok(kept.length)
}

/** Maximo writes dates as the clocks of its user show them. */
const dayIn = (date: unknown): string => String(date).slice(0, 10)

async function keptByDay(
  { done, field, days }: Kept,
  context: ToolContext,
): Promise<Result<number, ToolProblem>> {
  const counts = await inTurns(days, (day) =>
    countOf(
      [...done, { field, op: 'eq', value: day }, { field: 'actfinish', op: 'le', value: day }],
      context,
    ),
  )
  let sum = 0
  for (const count of counts) {
    if (!count.ok) return err(count.error)
    sum += count.value
  }
  return ok(sum)
}
