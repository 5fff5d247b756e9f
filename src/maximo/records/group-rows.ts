import type { GroupPage, GroupRow, MaximoCall } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import { isObject, wholeNumberOf } from '../json.ts'
import { isPlainCount, metricKey } from '../query/group.ts'
import type { GroupQuery } from '../query/query.ts'
import type { MaximoSession } from '../session.ts'
import { compareFigures } from './order.ts'

export interface GroupQuestion {
  readonly session: MaximoSession
  readonly query: GroupQuery
  readonly queryString: string
}

/** One answer of Maximo: its groups, or the one row of a count. @throws MaximoFault */
export const readGroupRows = async (
  { session, query, queryString }: GroupQuestion,
  call: MaximoCall,
): Promise<readonly GroupRow[]> => {
  const { objectStructure } = query
  const segments = ['os', objectStructure.toLowerCase()]
  const body = await session.get({ segments, queryString, objectStructure }, call)
  return isPlainCount(query) ? [{ by: {}, metrics: { count: countOf(body) } }] : groupRows(body, query)
}

/** `count=1` answers `{"totalCount":n}`. @throws MaximoFault bad_upstream */
export const countOf = (body: unknown): number => {
  const count = isObject(body) ? wholeNumberOf(body['totalCount']) : null
  if (count === null) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  return count
}

/** Largest first metric first, cut to the limit. */
export const groupPage = (
  groups: readonly GroupRow[],
  { metrics, limit }: GroupQuery,
  { reading, notes }: Pick<GroupPage, 'reading' | 'notes'>,
): GroupPage => {
  const [first] = metrics
  const sorted = first === undefined ? groups : groups.toSorted(byMetric(metricKey(first)))
  return { groups: sorted.slice(0, limit), isComplete: sorted.length <= limit, reading, notes }
}

const groupRows = (body: unknown, query: GroupQuery): readonly GroupRow[] => {
  if (!Array.isArray(body)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  return (body as readonly unknown[]).map((row) => {
    if (!isObject(row)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
    return groupRow(row, query)
  })
}

const groupRow = (row: JsonObject, { groupBy, metrics }: GroupQuery): GroupRow => ({
  by: Object.fromEntries(groupBy.map((name) => [name, row[name.toLowerCase()] ?? null])),
  metrics: Object.fromEntries(
    metrics.map((metric) => [metricKey(metric), metricValue(row[metricKey(metric)])]),
  ),
})

const metricValue = (value: unknown): number | string | null =>
  typeof value === 'number' || typeof value === 'string' ? value : null

const byMetric =
  (key: string) =>
  (a: GroupRow, b: GroupRow): number => {
    const [left = null, right = null] = [a.metrics[key], b.metrics[key]]
    if (left === null) return right === null ? 0 : 1
    return right === null ? -1 : compareFigures(right, left)
  }
