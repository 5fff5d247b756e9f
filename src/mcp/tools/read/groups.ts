import { err, ok, type Result } from '../../../kernel/result.ts'
import type { GroupRow } from '../../../maximo/contract.ts'
import type { Criterion, Metric } from '../../../maximo/query/query.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { queryProblem } from './problems.ts'

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
