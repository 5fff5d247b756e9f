import { z } from 'zod'
import { ok, type Result } from '../../../kernel/result.ts'
import type { Criterion } from '../../../maximo/query/query.ts'
import { everyRow, type RowsWanted } from '../read/every-row.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { WORK_ORDER_STATES } from '../status/meanings.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

/** The status values of this environment by what they mean. */
export interface Statuses {
  readonly open: readonly string[]
  /** Work is finished, whatever is done with its papers. */
  readonly done: readonly string[]
  readonly cancelled: readonly string[]
}

/** @returns a problem where the status list cannot be read: nothing is guessed from names */
export async function workOrderStatuses(context: ToolContext): Promise<Result<Statuses, ToolProblem>> {
  const meant: Record<string, readonly string[]> = {}
  for (const state of ['open', 'completed', 'closed', 'cancelled']) {
    const values = await statusValues(WORK_ORDER_STATES, state, context)
    if (!values.ok) return values
    meant[state] = values.value
  }
  const of = (state: string): readonly string[] => meant[state] ?? []
  return ok({ open: of('open'), done: [...of('completed'), ...of('closed')], cancelled: of('cancelled') })
}

/** Work orders proper; tasks are a part of theirs. */
export const WORK: Criterion = { field: 'istask', op: 'eq', value: false }

export const withStatus = (values: readonly string[]): Criterion => ({
  field: 'status',
  op: 'in',
  value: values,
})
/** Without a status that means cancelled, none can be left out. */
export const notCancelled = ({ cancelled }: Statuses): readonly Criterion[] =>
  cancelled.length === 0 ? [] : [{ field: 'status', op: 'notin', value: cancelled }]
export const ofTypes = (types: readonly string[]): Criterion => ({
  field: 'worktype',
  op: 'in',
  value: types,
})
export const ON_AN_ASSET: Criterion = { field: 'assetnum', op: 'notnull' }

/** Work types that IBM ships (maximo-api §8.3); a site names its own. */
const FAILURE_TYPES = ['CM', 'EM']
export const PM_TYPES = ['PM']
export const workTypes = (
  types: readonly string[],
  text: string,
): z.ZodType<string[], string[] | undefined> =>
  z
    .array(
      z
        .string()
        .min(1)
        .max(5)
        .transform((type) => type.toUpperCase()),
    )
    .min(1)
    .max(20)
    .default([...types])
    .describe(text)
export const failureTypes = workTypes(FAILURE_TYPES, 'work types that are failures')

/** What is read of every work order. */
export type OrdersWanted = Pick<RowsWanted, 'all' | 'fields' | 'children'>

/** Every work order, or a problem: a part of them would be a wrong number. */
export const everyOrder = (wanted: OrdersWanted, context: ToolContext): ReturnType<typeof everyRow> =>
  everyRow(
    { ...wanted, objectStructure: WORK_ORDERS, what: 'work orders', key: ['siteid', 'wonum'] },
    context,
  )
