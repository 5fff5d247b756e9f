import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { GroupPage, GroupRow, MaximoCall } from '../contract.ts'
import { compileGroups } from '../query/compile.ts'
import type { CompileExtras } from '../query/fields.ts'
import { problem } from '../query/fields.ts'
import { metricKey } from '../query/group.ts'
import type { GroupQuery, Metric, QueryProblem } from '../query/query.ts'
import type { ObjectSchema } from '../schema/object-schema.ts'
import type { MaximoSession } from '../session.ts'
import { compareFigures } from './order.ts'
import { readGroups } from './read-groups.ts'

export interface OverallRequest {
  readonly session: MaximoSession
  readonly query: GroupQuery
  readonly schema: ObjectSchema
  readonly extras: CompileExtras
}

type Figures = Readonly<Record<string, number | string | null>>

/**
 * Metrics over everything. `gbcols` wants an attribute to group by, so Maximo is asked per site (or organisation)
 * and the parts are put together, which is exact: counts and sums add up, an average is a sum over the records
 * that have a value.
 */
export const readOverall = async (
  request: OverallRequest,
  call: MaximoCall,
): Promise<Result<GroupPage, readonly QueryProblem[]>> => {
  const { query, schema, extras } = request
  const whole = compileGroups(query, schema, extras)
  if (!whole.ok) return whole
  const carrier = CARRIERS.find((name) => schema.fields.get(name)?.isPersistent === true)
  if (carrier === undefined)
    return err([problem('not_supported', 'groupBy', `${schema.resource} needs a field to group by.`)])
  const parts = await Promise.all(partsOf(query, carrier).map((part) => readPart(request, part, call)))
  const figures: Record<string, number | string | null> = {}
  for (const part of parts) {
    if (!part.ok) return part
    Object.assign(figures, part.value)
  }
  const metrics = Object.fromEntries(
    query.metrics.map((metric) => [metricKey(metric), figures[metricKey(metric)] ?? null]),
  )
  const { reading, notes } = whole.value
  return ok({ groups: [{ by: {}, metrics }], isComplete: true, reading, notes })
}

interface Part {
  readonly query: GroupQuery
  readonly combine: (rows: readonly GroupRow[]) => Figures
}

const partsOf = (query: GroupQuery, carrier: string): readonly Part[] => {
  const plain = query.metrics.filter(({ kind }) => kind !== 'avg')
  const per = { ...query, groupBy: [carrier], limit: Number.MAX_SAFE_INTEGER }
  const averages = query.metrics.flatMap((metric) =>
    metric.kind === 'avg' ? [averagePart(per, metric.field)] : [],
  )
  if (plain.length === 0) return averages
  const combine = (rows: readonly GroupRow[]): Figures =>
    Object.fromEntries(plain.map((metric) => [metricKey(metric), together(rows, metric)]))
  return [{ query: { ...per, metrics: plain }, combine }, ...averages]
}

const averagePart = (per: GroupQuery, field: string): Part => {
  const sum = { kind: 'sum', field } as const
  return {
    query: {
      ...per,
      all: [...(per.all ?? []), { field, op: 'notnull' }],
      metrics: [{ kind: 'count' }, sum],
    },
    combine: (rows) => {
      const [count, total] = [together(rows, { kind: 'count' }), together(rows, sum)]
      const isKnown = typeof count === 'number' && typeof total === 'number' && count > 0
      return { [metricKey({ kind: 'avg', field })]: isKnown ? total / count : null }
    },
  }
}

const readPart = async (
  { session, schema, extras }: OverallRequest,
  { query, combine }: Part,
  call: MaximoCall,
): Promise<Result<Figures, readonly QueryProblem[]>> => {
  const compiled = compileGroups(query, schema, extras)
  if (!compiled.ok) return compiled
  const page = await readGroups({ session, query, compiled: compiled.value }, call)
  return ok(combine(page.groups))
}

/** No rows: a count and a sum of nothing are 0 and null, as in SQL. */
const together = (rows: readonly GroupRow[], metric: Metric): number | string | null => {
  const values = rows
    .map(({ metrics }) => metrics[metricKey(metric)] ?? null)
    .filter((value) => value !== null)
  if (metric.kind === 'count' || metric.kind === 'sum') {
    const total = values.reduce<number>((sum, value) => sum + Number(value), 0)
    return values.length === 0 && metric.kind === 'sum' ? null : total
  }
  return values.reduce<number | string | null>((best, value) => {
    if (best === null) return value
    return compareFigures(value, best) < 0 === (metric.kind === 'min') ? value : best
  }, null)
}

const CARRIERS = ['siteid', 'orgid']
