import type { Plant, Row, Value } from './plant/plant.ts'
import { instantOfLocal, localDate } from './time-zone.ts'

/** What a set of figures is about. Days are those of the zone; both ends belong to the period. */
export interface KpiScope {
  readonly zone: string
  readonly nowMs: number
  readonly from: string
  readonly to: string
  /** Absent: every site. */
  readonly site?: string
  /** Absent: everywhere. */
  readonly locations?: readonly string[]
  readonly asset?: string
  readonly failureTypes: readonly string[]
  readonly pmTypes: readonly string[]
}

/** Both sides of a fraction; the value follows from them. */
export interface Fraction {
  readonly over: number
  readonly under: number
}

/** The maintenance figures of a plant, from its rows alone: each work order is looked at once, in memory. */
export interface KpiOracle {
  readonly backlog: { readonly hours: number; readonly orders: number; readonly estimated: number }
  readonly pmCompliance: Fraction
  readonly scheduleCompliance: Fraction
  readonly mtbf: Fraction & { readonly assets: number }
  readonly mttr: Fraction & { readonly open: number }
  readonly reactiveHours: Fraction
  readonly reactiveOrders: Fraction
  /** By `SITE/ASSET`. */
  readonly failuresByAsset: ReadonlyMap<string, number>
  readonly repairHoursByAsset: ReadonlyMap<string, number>
  readonly costByAsset: ReadonlyMap<string, number>
  /** Failures by code; what has none is under null. */
  readonly failuresByProblem: ReadonlyMap<Value | null, number>
  readonly failuresByClass: ReadonlyMap<Value | null, number>
  readonly failuresByCause: ReadonlyMap<Value | null, number>
  readonly failuresByRemedy: ReadonlyMap<Value | null, number>
  /** Open work: planned hours and work orders by craft. */
  readonly backlogByCraft: ReadonlyMap<
    Value | null,
    { readonly hours: number; readonly orders: number; readonly people: number }
  >
}

export function createKpiOracle(plant: Plant, scope: KpiScope): KpiOracle {
  const sets = setsOf(plant, scope)
  const { open, live, finished, failures, isIn, isFailure } = sets
  const onAssets = failures.filter(isOnAsset)
  const reported = failures.filter((row) => isIn(row['reportdate']))
  const repaired = finished.filter((row) => isFailure(row) && isOnAsset(row))
  const preventive = live.filter((row) => isOneOf(scope.pmTypes, row['worktype']))
  return {
    backlog: {
      hours: sumOf(open, 'estlabhrs'),
      orders: open.length,
      estimated: open.filter((row) => Number(row['estlabhrs'] ?? 0) > 0).length,
    },
    pmCompliance: promised('targcompdate', preventive, { scope, sets }),
    scheduleCompliance: promised('schedfinish', live, { scope, sets }),
    mtbf: serviceOf(plant, scope, reported.filter(isOnAsset).length),
    mttr: { ...repairsOf(repaired), open: openAt(scope, onAssets.filter(sets.isOpen)) },
    reactiveHours: {
      over: sumOf(finished.filter(isFailure), 'actlabhrs'),
      under: sumOf(finished, 'actlabhrs'),
    },
    reactiveOrders: { over: finished.filter(isFailure).length, under: finished.length },
    failuresByAsset: tally(reported.filter(isOnAsset), assetOf, () => 1),
    repairHoursByAsset: new Map(
      [...tally(repaired, assetOf, (row) => secondsOf(row) ?? 0)].map(([asset, sum]) => [asset, sum / 3600]),
    ),
    costByAsset: tally(
      finished.filter(isOnAsset),
      assetOf,
      (row) => Number(row['actlabcost'] ?? 0) + Number(row['actmatcost'] ?? 0),
    ),
    failuresByProblem: tally(reported, valueOf('problemcode'), () => 1),
    failuresByClass: tally(reported, valueOf('failurecode'), () => 1),
    failuresByCause: reportedCodes(plant, reported, 'CAUSE'),
    failuresByRemedy: reportedCodes(plant, reported, 'REMEDY'),
    backlogByCraft: plannedByCraft(plant, open, scope.site),
  }
}

interface Sets {
  readonly open: readonly Row[]
  /** Not cancelled. */
  readonly live: readonly Row[]
  /** In the period. */
  readonly finished: readonly Row[]
  readonly failures: readonly Row[]
  readonly isOpen: (row: Row) => boolean
  readonly isDone: (row: Row) => boolean
  readonly isFailure: (row: Row) => boolean
  readonly isIn: (at: Value | undefined) => boolean
}

function setsOf(plant: Plant, scope: KpiScope): Sets {
  const status = synonymsOf(plant, 'WOSTATUS')
  const life = (row: Row): string => LIVES[status(row['status'])] ?? 'open'
  const isOpen = (row: Row): boolean => life(row) === 'open'
  const isDone = (row: Row): boolean => life(row) === 'done'
  const isFailure = (row: Row): boolean => isOneOf(scope.failureTypes, row['worktype'])
  const isIn = inPeriod(scope)
  const orders = plant.rows('WORKORDER').filter((row) => row['istask'] === false && isWithin(row, scope))
  const live = orders.filter((row) => life(row) !== 'cancelled')
  return {
    ...{ isOpen, isDone, isFailure, isIn, live },
    open: live.filter(isOpen),
    finished: live.filter((row) => isDone(row) && isIn(row['actfinish'])),
    failures: live.filter(isFailure),
  }
}

function promised(
  field: string,
  rows: readonly Row[],
  { scope, sets }: { readonly scope: KpiScope; readonly sets: Sets },
): Fraction {
  const due = rows.filter((row) => sets.isIn(row[field]))
  const kept = due.filter((row) => sets.isDone(row) && isKept(row, field, scope.zone))
  return { over: kept.length, under: due.length }
}

const openAt = ({ to, zone }: KpiScope, open: readonly Row[]): number =>
  open.filter((row) => Number(row['reportdate'] ?? Infinity) < endOf(to, zone)).length

const isOnAsset = (row: Row): boolean => row['assetnum'] !== undefined
const valueOf =
  (field: string) =>
  (row: Row): Value | null =>
    row[field] ?? null

/** What a status means for figures, by its internal value (maximo-api §8.2). */
const LIVES: Readonly<Record<string, string>> = {
  COMP: 'done',
  CLOSE: 'done',
  HISTEDIT: 'done',
  CAN: 'cancelled',
}

/** The internal value behind a value of a synonym domain. */
function synonymsOf(plant: Plant, domain: string): (value: Value | undefined) => string {
  const internal = new Map(
    plant
      .rows('SYNONYMDOMAIN')
      .filter((row) => row['domainid'] === domain)
      .map((row) => [row['value'], String(row['maxvalue'])]),
  )
  return (value) => internal.get(value) ?? String(value)
}

const isWithin = (row: Row, { site, locations, asset }: KpiScope): boolean =>
  (site === undefined || row['siteid'] === site) &&
  (locations === undefined || locations.includes(String(row['location']))) &&
  (asset === undefined || row['assetnum'] === asset)

const isOneOf = (types: readonly string[], type: Value | undefined): boolean =>
  typeof type === 'string' && types.includes(type)

const inPeriod =
  ({ from, to, zone }: KpiScope) =>
  (at: Value | undefined): boolean => {
    if (typeof at !== 'number') return false
    const day = localDate(at, zone)
    return from <= day && day <= to
  }

const isKept = (row: Row, field: string, zone: string): boolean => {
  const [promised, finish] = [row[field], row['actfinish']]
  if (typeof promised !== 'number' || typeof finish !== 'number') return false
  return localDate(finish, zone) <= localDate(promised, zone)
}

/** The midnight that ends a day. */
const endOf = (day: string, zone: string): number =>
  instantOfLocal(Date.parse(`${day}T00:00:00Z`) + 86_400_000, zone)

const sumOf = (rows: readonly Row[], field: string): number =>
  rows.reduce((sum, row) => sum + Number(row[field] ?? 0), 0)

const assetOf = (row: Row): string => `${String(row['siteid'])}/${String(row['assetnum'])}`

function tally<Key>(
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
  amountOf: (row: Row) => number,
): ReadonlyMap<Key, number> {
  const sums = new Map<Key, number>()
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + amountOf(row))
  return sums
}

/** Maximo shows whole seconds; their sum is exact. */
function secondsOf(row: Row): number | null {
  const [start, finish] = [row['actstart'], row['actfinish']].map((at) =>
    typeof at === 'number' ? Math.floor(at / 1000) : null,
  )
  if (typeof start !== 'number' || typeof finish !== 'number' || finish < start) return null
  return finish - start
}

function repairsOf(rows: readonly Row[]): Fraction {
  const seconds = rows.map(secondsOf).filter((one) => one !== null)
  return { over: seconds.reduce((sum, one) => sum + one, 0) / 3600, under: seconds.length }
}

function serviceOf(plant: Plant, scope: KpiScope, failures: number): Fraction & { readonly assets: number } {
  const status = synonymsOf(plant, 'LOCASSETSTATUS')
  const startMs = endOf(scope.from, scope.zone) - dayMs(scope.from, scope.zone)
  const assets = plant.rows('ASSET').filter((row) => {
    if (!isWithin(row, scope)) return false
    return status(row['status']) !== 'DECOMMISSIONED' || Number(row['statusdate'] ?? -Infinity) >= startMs
  }).length
  const isToday = localDate(scope.nowMs, scope.zone) === scope.to
  const endMs = isToday ? scope.nowMs : endOf(scope.to, scope.zone)
  return { over: (assets * (endMs - startMs)) / 3_600_000, under: failures, assets }
}

/** A day has 23 or 25 hours where clocks change. */
const dayMs = (day: string, zone: string): number =>
  endOf(day, zone) - instantOfLocal(Date.parse(`${day}T00:00:00Z`), zone)

function reportedCodes(
  plant: Plant,
  orders: readonly Row[],
  type: string,
): ReadonlyMap<Value | null, number> {
  const counts = new Map<Value | null, number>()
  for (const order of orders) {
    const codes = plant
      .find('FAILUREREPORT', 'wonum', order['wonum'] ?? '')
      .filter((row) => row['siteid'] === order['siteid'] && row['type'] === type)
      .map((row) => row['failurecode'] ?? null)
    for (const code of codes.length === 0 ? [null] : new Set(codes))
      counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return counts
}

function plannedByCraft(
  plant: Plant,
  open: readonly Row[],
  site: string | undefined,
): KpiOracle['backlogByCraft'] {
  const lines = open.flatMap((order) =>
    plant
      .find('WPLABOR', 'wonum', order['wonum'] ?? '')
      .filter((line) => line['siteid'] === order['siteid'] && Number(line['laborhrs'] ?? 0) > 0)
      .map((line) => ({ order, line, craft: line['craft'] ?? null })),
  )
  const people = plant
    .rows('LABOR')
    .filter((row) => row['status'] === 'ACTIVE' && (site === undefined || row['worksite'] === site))
    .map((row) => defaultCraft(plant, row))
  return new Map(
    [...new Set(lines.map(({ craft }) => craft))].map((name) => {
      const own = lines.filter(({ craft }) => craft === name)
      const hours = own.map(({ line }) => Number(line['quantity'] ?? 1) * Number(line['laborhrs'] ?? 0))
      return [
        name,
        {
          hours: hours.reduce((sum, one) => sum + one, 0),
          orders: new Set(own.map(({ order }) => order)).size,
          people: people.filter((craft) => craft === name).length,
        },
      ]
    }),
  )
}

const defaultCraft = (plant: Plant, labor: Row): Value | undefined =>
  plant
    .find('LABORCRAFTRATE', 'laborcode', labor['laborcode'] ?? '')
    .find((rate) => rate['defaultcraft'] === true)?.['craft']
