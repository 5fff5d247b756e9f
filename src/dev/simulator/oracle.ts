import { meets, type Criterion } from './oracle-criteria.ts'
import type { Plant, Row, Value } from './plant/plant.ts'

export type Test = (row: Row) => boolean

/** Answers from the plant by plain predicates, without any parser: what a test compares a client's answer with. */
export interface Oracle {
  rows(table: string, test?: Test): readonly Row[]
  count(table: string, test?: Test): number
  /** Rows per value of an attribute; null is counted under `null`. */
  groups(table: string, attribute: string, test?: Test): ReadonlyMap<Value | null, number>
  sum(table: string, attribute: string, test?: Test): number
  /** Rows that meet a criterion. */
  matching(table: string, criterion: Criterion): readonly Row[]
  /** What a GROUP BY says of these rows; a group without a value has `null` in its place. */
  summary(rows: readonly Row[], by: readonly string[], attribute: string): readonly GroupSummary[]
  /** Work orders proper: no tasks. */
  workOrders(test?: Test): readonly Row[]
  /** Open and past its target finish at this instant. */
  overdue(nowMs: number): readonly Row[]
  /** A location and every location below it. */
  locationsBelow(siteid: string, location: string): readonly string[]
}

/** Figures of one group; of no value at all, everything but the counts is null. */
export interface GroupSummary {
  readonly by: readonly (Value | null)[]
  readonly count: number
  readonly sum: number | null
  readonly min: number | null
  readonly max: number | null
  readonly average: number | null
}

/** @param sites Only rows of these sites (and rows without one); absent: all. */
export function createOracle(plant: Plant, sites?: readonly string[]): Oracle {
  const inSites: Test = ({ siteid }) =>
    sites === undefined || typeof siteid !== 'string' || sites.includes(siteid)
  const rows = (table: string, test: Test = always): readonly Row[] =>
    plant.rows(table).filter((row) => inSites(row) && test(row))
  const workOrders = (test: Test = always): readonly Row[] =>
    rows('WORKORDER', (row) => row['istask'] === false && test(row))
  return {
    rows,
    workOrders,
    count: (table, test) => rows(table, test).length,
    groups: (table, attribute, test) => countBy(rows(table, test), attribute),
    sum: (table, attribute, test) =>
      rows(table, test).reduce((total, row) => total + Number(row[attribute] ?? 0), 0),
    matching: (table, criterion) => rows(table, (row) => meets(criterion, row, { plant, table })),
    summary: summarize,
    overdue: (nowMs) => workOrders((row) => isOpen(row) && Number(row['targcompdate'] ?? Infinity) < nowMs),
    locationsBelow: (siteid, location) =>
      rows('LOCANCESTOR', (row) => row['siteid'] === siteid && row['ancestor'] === location).map((row) =>
        String(row['location']),
      ),
  }
}

const always: Test = () => true

const FINISHED = new Set<Value | undefined>(['COMP', 'CLOSE', 'CAN', 'HISTEDIT'])
const isOpen: Test = (row) => !FINISHED.has(row['status'])

function countBy(rows: readonly Row[], attribute: string): ReadonlyMap<Value | null, number> {
  const counts = new Map<Value | null, number>()
  for (const row of rows) {
    const value = row[attribute] ?? null
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return counts
}

function summarize(rows: readonly Row[], by: readonly string[], attribute: string): readonly GroupSummary[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = JSON.stringify(by.map((name) => row[name] ?? null))
    const group = groups.get(key) ?? []
    groups.set(key, group)
    group.push(row)
  }
  return [...groups.values()].map((group) => {
    const values = group.map((row) => row[attribute]).filter((value) => typeof value === 'number')
    const sum = values.reduce((total, value) => total + value, 0)
    const isEmpty = values.length === 0
    return {
      by: by.map((name) => group[0]?.[name] ?? null),
      count: group.length,
      sum: isEmpty ? null : sum,
      min: isEmpty ? null : Math.min(...values),
      max: isEmpty ? null : Math.max(...values),
      average: isEmpty ? null : sum / values.length,
    }
  })
}
