import type { GroupPage, GroupRow } from '../../../maximo/contract.ts'
import type { GroupQuery, Metric } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'

/**
 * Attributes that split the records of an object into few parts. Maximo documents sums only per group, so a sum over
 * everything is asked per part, and the parts are put together again.
 */
const SPLITS = ['siteid', 'orgid', 'itemsetid', 'status', 'class']
const MAX_PARTS = 500

/** The same question per part, where a total is asked that Maximo computes only in groups; else null. */
export function splitQuery(query: GroupQuery, schema: ObjectSchema): GroupQuery | null {
  const isCountOnly = query.metrics.every(({ kind }) => kind === 'count')
  if (query.groupBy.length > 0 || isCountOnly) return null
  const split = SPLITS.find((name) => schema.fields.get(name)?.isPersistent === true)
  return split === undefined ? null : { ...query, groupBy: [split], limit: MAX_PARTS }
}

/**
 * One row over all parts. Counts and sums add up, extremes stay extremes; the average of several parts cannot be had
 * from their averages, so it is `null` and a note says how to get it.
 */
export function joinParts(page: GroupPage, metrics: readonly Metric[]): GroupPage {
  const [only] = page.groups
  if (only !== undefined && page.groups.length === 1)
    return { ...page, groups: [{ by: {}, metrics: only.metrics }] }
  const joined = metrics.map((metric) => [keyOf(metric), joinOne(metric, page.groups)] as const)
  const hasAverage = metrics.some(({ kind }) => kind === 'avg')
  return {
    ...page,
    groups: [{ by: {}, metrics: Object.fromEntries(joined) }],
    notes: hasAverage ? [...page.notes, AVERAGE] : page.notes,
  }
}

const AVERAGE = 'No average over several sites at once: limit it to one site, or group it.'

const keyOf = (metric: Metric): string =>
  metric.kind === 'count' ? 'count' : `${metric.kind}_${metric.field}`

function joinOne(metric: Metric, groups: readonly GroupRow[]): number | string | null {
  const values = groups.map(({ metrics }) => metrics[keyOf(metric)] ?? null).filter((value) => value !== null)
  switch (metric.kind) {
    case 'count':
    case 'sum':
      return values.reduce<number>((sum, value) => sum + Number(value), 0)
    case 'min':
      return values.reduce<number | string | null>(
        (least, value) => (least === null || value < least ? value : least),
        null,
      )
    case 'max':
      return values.reduce<number | string | null>(
        (most, value) => (most === null || value > most ? value : most),
        null,
      )
    case 'avg':
      return null
  }
}
