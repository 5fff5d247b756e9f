import { ok } from '../../../kernel/result.ts'
import type { Criterion } from '../../../maximo/query/query.ts'
import type { KpiQuestion, Measure } from './kpis.ts'
import { countOf, groupsOf } from '../read/groups.ts'
import { withStatus, WORK } from './work.ts'

/** Open work, whatever the period. */
export const openWork = ({
  scope,
  statuses,
}: Pick<KpiQuestion, 'scope' | 'statuses'>): readonly Criterion[] => [
  WORK,
  withStatus(statuses.open),
  ...scope.conditions,
]

const ESTIMATED: Criterion = { field: 'estlabhrs', op: 'gt', value: 0 }

export const backlog: Measure = async (question, context) => {
  const all = openWork(question)
  const sums = await groupsOf(
    { all, groupBy: ['status'], metrics: [{ kind: 'count' }, { kind: 'sum', field: 'estlabhrs' }] },
    context,
  )
  if (!sums.ok) return sums
  const estimated = await countOf([...all, ESTIMATED], context)
  if (!estimated.ok) return estimated
  const total = (name: string): number =>
    sums.value.reduce((sum, { metrics }) => sum + Number(metrics[name] ?? 0), 0)
  const orders = total('count')
  return ok({
    numerator: { what: 'estimated labor hours', value: total('sum_estlabhrs'), rows: orders },
    notes: [
      'It is the backlog of now, not of the period; get_backlog has it by craft and in weeks.',
      ...(estimated.value < orders
        ? [`${orders - estimated.value} of the ${orders} work orders have no estimate and count as 0 hours.`]
        : []),
    ],
  })
}
