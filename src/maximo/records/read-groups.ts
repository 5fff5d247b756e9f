import type { GroupPage, GroupRow, MaximoCall } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import { isObject, wholeNumberOf } from '../json.ts'
import type { CompiledGroups } from '../query/compile.ts'
import { isPlainCount, metricKey } from '../query/group.ts'
import type { GroupQuery } from '../query/query.ts'
import { compareFigures } from './order.ts'
import type { MaximoSession } from '../session.ts'

export interface GroupRequest {
  readonly session: MaximoSession
  readonly query: GroupQuery
  readonly compiled: CompiledGroups
}

/** Groups as Maximo computed them, largest first metric first. @throws MaximoFault */
export const readGroups = async (request: GroupRequest, call: MaximoCall): Promise<GroupPage> => {
  const { session, query, compiled } = request
  const { objectStructure } = query
  const segments = ['os', objectStructure.toLowerCase()]
  const body = await session.get({ segments, queryString: compiled.queryString, objectStructure }, call)
  const groups = isPlainCount(query) ? [countRow(body)] : groupRows(body, query)
  return {
    groups: groups.slice(0, query.limit),
    isComplete: groups.length <= query.limit,
    reading: compiled.reading,
    notes: compiled.notes,
  }
}

/** `count=1` answers `{"totalCount":n}`. */
const countRow = (body: unknown): GroupRow => {
  const count = isObject(body) ? wholeNumberOf(body['totalCount']) : null
  if (count === null) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  return { by: {}, metrics: { count } }
}

const groupRows = (body: unknown, query: GroupQuery): readonly GroupRow[] => {
  if (!Array.isArray(body)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  const rows = (body as readonly unknown[]).map((row) => {
    if (!isObject(row)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
    return groupRow(row, query)
  })
  const [first] = query.metrics
  return first === undefined ? rows : rows.sort(byMetric(metricKey(first)))
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
