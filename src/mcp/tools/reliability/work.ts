import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { GroupRow, MaximoRecord } from '../../../maximo/contract.ts'
import type { Criterion, Metric } from '../../../maximo/query/query.ts'
import { allPages } from '../read/all-pages.ts'
import { queryProblem } from '../read/problems.ts'
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

/** Counted by Maximo over all rows. */
export async function countOf(
  all: readonly Criterion[],
  context: ToolContext,
  objectStructure = WORK_ORDERS,
): Promise<Result<number, ToolProblem>> {
  const rows = await groupsOf({ all, groupBy: [], metrics: [{ kind: 'count' }] }, context, objectStructure)
  return rows.ok ? ok(Number(rows.value[0]?.metrics['count'] ?? 0)) : rows
}

export interface GroupsWanted {
  readonly all: readonly Criterion[]
  readonly groupBy: readonly string[]
  readonly metrics: readonly Metric[]
}

/** Every group, computed by Maximo over all rows. */
export async function groupsOf(
  wanted: GroupsWanted,
  { maximo, call }: ToolContext,
  objectStructure = WORK_ORDERS,
): Promise<Result<readonly GroupRow[], ToolProblem>> {
  const found = await maximo.aggregate({ objectStructure, ...wanted, limit: Number.MAX_SAFE_INTEGER }, call)
  return found.ok ? ok(found.value.groups) : err(queryProblem(found.error, objectStructure))
}

/** What Maximo cannot compute is read row by row, all of it or nothing. */
const MAX_ROWS = 10_000

export interface RowsWanted {
  readonly all: readonly Criterion[]
  readonly fields: readonly string[]
  readonly children?: Readonly<Record<string, readonly string[]>>
}

/** Every work order, or a problem: a part of them would be a wrong number. */
export async function everyOrder(
  { all, fields, children = {} }: RowsWanted,
  context: ToolContext,
): Promise<Result<readonly MaximoRecord['values'][], ToolProblem>> {
  const total = await countOf(all, context)
  if (!total.ok) return total
  if (total.value > MAX_ROWS) return err(tooMany(total.value))
  const select = { fields: ['wonum', 'siteid', ...fields], children }
  const found = await allPages({ objectStructure: WORK_ORDERS, all, select }, MAX_ROWS, context)
  if (!found.ok) return found
  const orders = found.value.records.map(({ values }) => values)
  const distinct = new Set(orders.map(({ siteid, wonum }) => `${String(siteid)}/${String(wonum)}`))
  // Rows that come or go between two pages shift the others, so that one is read twice or not at all.
  return distinct.size === total.value && orders.length === total.value ? ok(orders) : err(CHANGED)
}

const CHANGED: ToolProblem = {
  kind: 'conflict',
  what: 'Work orders changed while they were read, so that not each was read once.',
  why: null,
  next: 'Call again with the same arguments.',
}

const tooMany = (rows: number): ToolProblem => ({
  kind: 'too_large',
  what: `${rows.toLocaleString('en')} work orders would have to be read one by one; at most ${MAX_ROWS.toLocaleString('en')} are.`,
  why: null,
  next: 'Ask for a shorter period, or a smaller part of the plant.',
})
