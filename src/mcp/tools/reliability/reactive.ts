import { ok, type Result } from '../../../kernel/result.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import type { Part } from './figure.ts'
import type { KpiQuestion, Measure } from './kpis.ts'
import { conditionOn } from './period.ts'
import { groupsOf } from '../read/groups.ts'
import { withStatus, WORK } from './work.ts'

/** By the hours that it took (SMRP 5.4.1). */
export const reactiveHours: Measure = async (question, context) => {
  const types = await finishedByType(question, context)
  if (!types.ok) return types
  const side = sideOf(types.value, ({ hours }) => hours, 'labor hours')
  return ok({ ...side(question), notes: untyped(types.value) })
}

/** By the number of work orders, where hours are not reported well. */
export const reactiveOrders: Measure = async (question, context) => {
  const types = await finishedByType(question, context)
  if (!types.ok) return types
  const side = sideOf(types.value, ({ orders }) => orders, 'work orders')
  return ok({ ...side(question), notes: untyped(types.value) })
}

interface OfType {
  readonly type: string | null
  readonly orders: number
  readonly hours: number
}

async function finishedByType(
  { scope, period, statuses }: KpiQuestion,
  context: ToolContext,
): Promise<Result<readonly OfType[], ToolProblem>> {
  const groups = await groupsOf(
    {
      all: [WORK, withStatus(statuses.done), conditionOn('actfinish', period), ...scope.conditions],
      groupBy: ['worktype'],
      metrics: [{ kind: 'count' }, { kind: 'sum', field: 'actlabhrs' }],
    },
    context,
  )
  if (!groups.ok) return groups
  return ok(
    groups.value.map(({ by, metrics }) => ({
      type: typeof by['worktype'] === 'string' ? by['worktype'] : null,
      orders: Number(metrics['count'] ?? 0),
      hours: Number(metrics['sum_actlabhrs'] ?? 0),
    })),
  )
}

const sideOf =
  (all: readonly OfType[], amount: (one: OfType) => number, what: string) =>
  ({ failureTypes }: KpiQuestion): { readonly numerator: Part; readonly denominator: Part } => {
    const part = (types: readonly OfType[], said: string): Part => ({
      what: `${what} ${said}`,
      value: types.reduce((sum, one) => sum + amount(one), 0),
      rows: types.reduce((sum, { orders }) => sum + orders, 0),
    })
    const reactive = all.filter(({ type }) => type !== null && failureTypes.includes(type))
    return { numerator: part(reactive, 'of reactive work'), denominator: part(all, 'of all finished work') }
  }

const untyped = (all: readonly OfType[]): readonly string[] => {
  const without = all.find(({ type }) => type === null)
  return without === undefined ? [] : [`Without a work type, and counted as not reactive: ${without.orders}.`]
}
