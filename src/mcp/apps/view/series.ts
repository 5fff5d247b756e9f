import { cellText } from '../../tools/result/cell-text.ts'
import type { Table } from './table.ts'

/** How fine instants are grouped on the axis. */
export type Grain = 'day' | 'month' | 'year'
const GRAINS: readonly Grain[] = ['day', 'month', 'year']

/** What a grouped answer says of itself: the axis, what may be told apart on it, and the numbers. */
export interface Grouped {
  /** Columns that are groups: the first is the axis, the second tells lines apart. */
  readonly groups: readonly string[]
  readonly metrics: readonly string[]
  /** Whether the axis is time. */
  readonly isTime: boolean
}

/** One line or one set of bars; null: there is no number. */
export interface Series {
  readonly name: string
  readonly values: readonly (number | null)[]
}

export interface Chart {
  readonly labels: readonly string[]
  readonly series: readonly Series[]
}

const METRIC = /^(?:count|(?:sum|avg|min|max)_.+)$/

/**
 * Null: it is no grouped answer, or has no numbers. Counts and totals by group may have several groups; of a ranking the first
 * column is who, and what else it tells of them is no series.
 */
export function groupedOf({ columns, rows }: Table): Grouped | null {
  const told = columns.filter((name) => name !== 'rank')
  const totals = told.filter((name) => METRIC.test(name))
  const metrics =
    totals.length > 0 ? totals : told.slice(1).filter((name) => isNumeric(name, { columns, rows }))
  const groups = told.filter((name) => !metrics.includes(name)).slice(0, totals.length > 0 ? undefined : 1)
  const axis = columns.indexOf(groups[0] ?? '')
  if (axis === -1 || metrics.length === 0) return null
  const times = rows.map((row) => cellText(row[axis])).filter((text) => text !== '')
  return { groups, metrics, isTime: times.length > 0 && times.every((text) => TIME.test(text)) }
}

function isNumeric(name: string, { columns, rows }: Pick<Table, 'columns' | 'rows'>): boolean {
  const cells = rows.map((row) => row[columns.indexOf(name)] ?? null).filter((cell) => cell !== null)
  return cells.length > 0 && cells.every((cell) => typeof cell === 'number')
}

/** A column of numbers in words. */
export function wordsOf(column: string): string {
  if (column === 'count') return 'records'
  const kind = KINDS.find(({ prefix }) => column.startsWith(prefix))
  return kind === undefined
    ? column.replaceAll('_', ' ')
    : `${kind.words} ${column.slice(kind.prefix.length)}`
}
const KINDS = [
  { prefix: 'sum_', words: 'sum of' },
  { prefix: 'avg_', words: 'average of' },
  { prefix: 'min_', words: 'lowest' },
  { prefix: 'max_', words: 'highest' },
] as const

/** A month, a day or an instant, as ISO 8601 writes them. */
const TIME = /^\d{4}-(?:0[1-9]|1[0-2])(?:-\d{2}(?:T.*)?)?$/

/** How instants can be folded without saying anything wrong; empty: not at all, each group stands alone. */
export function grainsOf({ isTime, groups }: Grouped, metric: string, table: Table): readonly Grain[] {
  if (!isTime) return []
  const axis = table.columns.indexOf(groups[0] ?? '')
  const hasDays = table.rows.every((row) => cellText(row[axis]) === '' || cellText(row[axis]).length > MONTH)
  const fine = GRAINS.filter((grain) => hasDays || grain !== 'day')
  return FOLDS.some(({ of }) => of.test(metric)) ? fine : []
}

const MONTH = 7
const LENGTHS: Readonly<Record<Grain, number>> = { day: 10, month: 7, year: 4 }

/** What adds up over periods. */
const ADDS = /^(?:count|sum_.+)$/

/** An average of averages is none. */
const FOLDS: readonly { readonly of: RegExp; readonly fold: (left: number, right: number) => number }[] = [
  { of: ADDS, fold: (left, right) => left + right },
  { of: /^min_.+$/, fold: Math.min },
  { of: /^max_.+$/, fold: Math.max },
]

interface Asked {
  readonly metric: string
  /** Null: every group as it is. */
  readonly grain: Grain | null
}

/** The numbers along the axis, folded into periods where that is asked for. */
export function chartOf(table: Table, grouped: Grouped, { metric, grain }: Asked): Chart {
  const [axis = 0, ...rest] = grouped.groups.map((name) => table.columns.indexOf(name))
  const at = table.columns.indexOf(metric)
  const labelled = table.rows.map((row) => ({
    label: labelOf(row[axis], grain),
    name: rest.map((index) => wordOf(row[index])).join(' / '),
    value: row[at],
  }))
  const seen = new Set(labelled.map(({ label }) => label))
  const labels = grain === null ? [...seen] : periodsOf(seen)
  // Maximo answers no group without a record: where all groups are here, a period without one has none.
  const missing = ADDS.test(metric) && table.isComplete && grain !== null ? 0 : null
  const series = [...folded(labelled, metric)].map(([name, line]) => ({
    name,
    values: labels.map((label) => line.get(label) ?? (label === NONE ? null : missing)),
  }))
  return { labels, series: series.sort((left, right) => weight(right) - weight(left)) }
}

interface Labelled {
  readonly label: string
  readonly name: string
  readonly value: unknown
}

/** For each series its numbers by label. */
function folded(rows: readonly Labelled[], metric: string): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const fold = FOLDS.find(({ of }) => of.test(metric))?.fold ?? ((left: number) => left)
  const lines = new Map<string, Map<string, number>>()
  for (const { label, name, value } of rows) {
    const line = lines.get(name) ?? new Map<string, number>()
    lines.set(name, line)
    if (typeof value !== 'number') continue
    const before = line.get(label)
    line.set(label, before === undefined ? value : fold(before, value))
  }
  return lines
}

export const NONE = '(none)'
const wordOf = (cell: unknown): string => (cellText(cell) === '' ? NONE : cellText(cell))
const labelOf = (cell: unknown, grain: Grain | null): string =>
  grain === null || cellText(cell) === '' ? wordOf(cell) : cellText(cell).slice(0, LENGTHS[grain])
const weight = ({ values }: Series): number =>
  values.reduce<number>((sum, value) => sum + Math.abs(value ?? 0), 0)

/** Every period from the first to the last, so that a quiet month shows as one; what has no time comes last. */
function periodsOf(seen: ReadonlySet<string>): readonly string[] {
  const known = [...seen].filter((label) => label !== NONE).sort()
  const without = seen.has(NONE) ? [NONE] : []
  const [first, last] = [known[0], known.at(-1)]
  if (first === undefined || last === undefined) return without
  const all: string[] = []
  for (let period = first; period <= last && all.length < MOST_PERIODS; period = nextPeriod(period))
    all.push(period)
  return [...(all.at(-1) === last ? all : known), ...without]
}

/** Fifty years of months, or a year and a half of days; a date far away does not stretch the axis further. */
const MOST_PERIODS = 600

function nextPeriod(period: string): string {
  const [year = 0, month, day] = period.split('-').map(Number)
  if (month === undefined) return pad(year + 1, 4)
  if (day !== undefined && day < daysIn(year, month))
    return `${pad(year, 4)}-${pad(month, 2)}-${pad(day + 1, 2)}`
  const next = month === 12 ? `${pad(year + 1, 4)}-01` : `${pad(year, 4)}-${pad(month + 1, 2)}`
  return day === undefined ? next : `${next}-01`
}

/** Of the Gregorian calendar. */
function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}
const pad = (value: number, length: number): string => String(value).padStart(length, '0')

/** Round steps from zero, or from below it, to above the largest number. */
export function ticksOf(chart: Chart, atMost: number): readonly number[] {
  const numbers = chart.series.flatMap(({ values }) => values.filter((value) => value !== null))
  const low = Math.min(0, ...numbers)
  const high = Math.max(0, ...numbers)
  const rough = (high === low ? 1 : high - low) / atMost
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const start = Math.floor(low / step)
  const count = Math.ceil(high / step) - start
  return Array.from({ length: Math.max(count, 1) + 1 }, (_none, index) => (start + index) * step)
}
