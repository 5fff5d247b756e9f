import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { CompileContext } from './condition.ts'
import { problem, resolveField } from './fields.ts'
import type { Parameter } from './parameters.ts'
import type { GroupQuery, Metric, QueryProblem } from './query.ts'

/** Key of a metric in Maximo's answer and in ours: `count`, `sum_totalcost` (REST guide, groupby). */
export const metricKey = (metric: Metric): string =>
  metric.kind === 'count' ? 'count' : `${metric.kind}_${metric.field.toLowerCase()}`

/** Only a count over everything: asked with `count=1`, which is a question of its own. */
export const isPlainCount = ({ groupBy, metrics }: GroupQuery): boolean =>
  groupBy.length === 0 && metrics.every(({ kind }) => kind === 'count')

export const groupParameters = (
  query: GroupQuery,
  context: CompileContext,
): Result<
  { readonly parameters: readonly Parameter[]; readonly reading: string },
  readonly QueryProblem[]
> => {
  const { groupBy, metrics, limit } = query
  const problems: QueryProblem[] = []
  if (metrics.length === 0 || metrics.length > MAX_METRICS)
    problems.push(problem('bad_value', 'metrics', `Ask for one to ${MAX_METRICS} metrics.`))
  if (groupBy.length > MAX_GROUP_FIELDS)
    problems.push(problem('too_long', 'groupBy', `Group by at most ${MAX_GROUP_FIELDS} fields.`))
  if (!Number.isInteger(limit) || limit < 1)
    problems.push(problem('bad_value', 'limit', 'The limit is at least 1.'))
  const by = groupBy
    .slice(0, MAX_GROUP_FIELDS)
    .map((name, index) => groupField(name, index, { context, problems }))
  const columns = metrics
    .slice(0, MAX_METRICS)
    .map((metric, index) => metricColumn(metric, index, { context, problems }))
  if (problems.length > 0) return err(problems)
  const said = metrics.map((metric) =>
    metric.kind === 'count' ? 'count' : `${WORDS[metric.kind]} ${metric.field}`,
  )
  const reading = by.length === 0 ? said.join(', ') : `${said.join(', ')} per ${by.join(', ')}`
  const parameters: readonly Parameter[] = isPlainCount(query)
    ? [
        ['count', '1'],
        ['oslc.pageSize', '1'],
      ]
    : [['gbcols', [...new Set([...by, ...columns])].join(',')]]
  return ok({ parameters, reading })
}

interface Collect {
  readonly context: CompileContext
  readonly problems: QueryProblem[]
}

const groupField = (name: string, index: number, { context, problems }: Collect): string => {
  const ref = resolveField(name, `groupBy[${index}]`, context)
  if (!ref.ok) problems.push(ref.error)
  else if (ref.value.kind !== 'own' || !ref.value.field.isPersistent)
    problems.push(
      problem(
        'not_supported',
        `groupBy[${index}]`,
        `Maximo groups only by stored fields of the object itself, not by ${ref.value.label}.`,
      ),
    )
  else return ref.value.wire
  return ''
}

const metricColumn = (metric: Metric, index: number, { context, problems }: Collect): string => {
  if (metric.kind === 'count') return 'count.*'
  const path = `metrics[${index}]`
  const ref = resolveField(metric.field, path, context)
  if (!ref.ok) {
    problems.push(ref.error)
    return ''
  }
  const { value } = ref
  if (value.kind !== 'own' || !value.field.isPersistent)
    problems.push(
      problem(
        'not_supported',
        path,
        `Maximo computes only over stored fields of the object itself, not ${value.label}.`,
      ),
    )
  else if (!KINDS[metric.kind].has(value.field.kind))
    problems.push(
      problem(
        'bad_value',
        path,
        `There is no ${WORDS[metric.kind]} of ${value.label}: it is not a ${metric.kind === 'sum' || metric.kind === 'avg' ? 'number' : 'number or date'}.`,
      ),
    )
  else return `${metric.kind}.${value.wire}`
  return ''
}

const NUMBERS: ReadonlySet<string> = new Set(['integer', 'number'])
const ORDERED: ReadonlySet<string> = new Set(['integer', 'number', 'date', 'datetime'])
const KINDS = { sum: NUMBERS, avg: NUMBERS, min: ORDERED, max: ORDERED } as const
const WORDS = { sum: 'sum of', avg: 'average of', min: 'lowest', max: 'highest' } as const
const MAX_METRICS = 10
const MAX_GROUP_FIELDS = 5
