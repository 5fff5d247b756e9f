import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Criterion } from '../../../maximo/query/query.ts'
import { inTurns } from '../../../maximo/records/in-turns.ts'
import { daysBetween, moved } from '../days.ts'
import type { ToolProblem } from '../tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import type { Measured } from './figure.ts'
import type { KpiQuestion } from './kpis.ts'
import { conditionOn, type Period } from './period.ts'
import { countOf, notCancelled, ofTypes, withStatus, WORK } from './work.ts'

interface Promised extends KpiQuestion {
  /** The day that was promised. */
  readonly field: 'targcompdate' | 'schedfinish'
  /** Null: work of any type. */
  readonly types: readonly string[] | null
}

/**
 * How much of what was promised for a period was finished by the day it was promised for. Maximo compares no two fields
 * of a row, but it counts what was promised for one day and finished by its end; so it is asked day by day, and no
 * period is too full to be counted.
 */
export async function compliance(
  { field, types, scope, period, statuses }: Promised,
  context: ToolContext,
): Promise<Result<Measured, ToolProblem>> {
  const own: readonly Criterion[] = [WORK, ...(types === null ? [] : [ofTypes(types)]), ...scope.conditions]
  const promised = await countOf([...own, ...notCancelled(statuses), conditionOn(field, period)], context)
  if (!promised.ok) return promised
  const finished = [...own, withStatus(statuses.done)]
  const kept = promised.value === 0 ? ok(0) : await keptOf(finished, { field, period }, context)
  if (!kept.ok) return kept
  const undated = await countOf(
    [...finished, conditionOn(field, period), { field: 'actfinish', op: 'null' }],
    context,
  )
  if (!undated.ok) return undated
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

async function keptOf(
  finished: readonly Criterion[],
  { field, period }: { readonly field: string; readonly period: Period },
  context: ToolContext,
): Promise<Result<number, ToolProblem>> {
  const { from, to } = period
  const days = Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => moved(from, index))
  const counts = await inTurns(days, (day) =>
    countOf(
      [...finished, { field, op: 'eq', value: day }, { field: 'actfinish', op: 'le', value: day }],
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
