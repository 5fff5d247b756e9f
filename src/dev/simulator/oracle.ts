import type { Plant, Row, Value } from './plant/plant.ts'

export type Test = (row: Row) => boolean

/** Answers from the plant by plain predicates, without any parser: what a test compares a client's answer with. */
export interface Oracle {
  rows(table: string, test?: Test): readonly Row[]
  count(table: string, test?: Test): number
  /** Rows per value of an attribute; null is counted under `null`. */
  groups(table: string, attribute: string, test?: Test): ReadonlyMap<Value | null, number>
  sum(table: string, attribute: string, test?: Test): number
  /** Work orders proper: no tasks. */
  workOrders(test?: Test): readonly Row[]
  /** Open and past its target finish at this instant. */
  overdue(nowMs: number): readonly Row[]
  /** A location and every location below it. */
  locationsBelow(siteid: string, location: string): readonly string[]
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
