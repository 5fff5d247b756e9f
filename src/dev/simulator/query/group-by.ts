import { BmxError } from '../errors.ts'
import type { Row, Value } from '../plant/plant.ts'
import { isList, type Json, type JsonObject } from '../render/json.ts'
import type { SimulatorRules } from '../rules.ts'
import { kindOf, type Attribute } from '../schema/attribute.ts'
import type { Mbo } from '../schema/mbo.ts'
import { formatInstant } from '../time-zone.ts'
import { parseGroupColumns, type Measure } from './group-columns.ts'
import { parseGroupFilter } from './group-filter.ts'
import { parseRanges, type Range } from './group-range.ts'
import { compareNullable, parseOrder } from './order-by.ts'
import type { Parameters } from './parameters.ts'

export interface Grouping {
  readonly mbo: Mbo
  readonly rules: SimulatorRules
  readonly zone: string
  /** Address of the collection, for `collectionref`. */
  readonly href: string
}

/** One column value of a group: how it is shown, and the where term that finds its rows. */
interface Cell {
  readonly shown: Json | undefined
  readonly where: string
}

/**
 * `gbcols`, `gbfilter`, `gbsortby`, `gbrange`: a bare array of groups (maximo-api §2.6). A null group has no value.
 *
 * @throws BmxError for columns, filters, ranges or orders that cannot be read.
 */
export function groupRows(rows: readonly Row[], parameters: Parameters, grouping: Grouping): JsonObject[] {
  const { by, measures } = parseGroupColumns(parameters.get('gbcols') ?? '', grouping.mbo, grouping.rules)
  const ranges = rangesOf(parameters, by)
  const groups = new Map<string, { cells: Cell[]; rows: Row[] }>()
  for (const row of rows) {
    const cells = by.map((attribute) => cellOf(attribute, row[attribute.name], { ranges, grouping }))
    const key = JSON.stringify(cells.map((cell) => cell.where))
    const group = groups.get(key) ?? { cells, rows: [] }
    group.rows.push(row)
    groups.set(key, group)
  }
  const shown = [...groups.values()].map((group) => showGroup(group, { by, measures, grouping }, parameters))
  const columns = new Set([...by.map(({ name }) => name), ...measures.map(({ key }) => key)])
  return sorted(filtered(shown, parameters, columns), parameters, columns)
}

function rangesOf(parameters: Parameters, by: readonly Attribute[]): ReadonlyMap<string, readonly Range[]> {
  const text = parameters.get('gbrange')
  return new Map(by.map((attribute) => [attribute.name, text === null ? [] : parseRanges(text, attribute)]))
}

function cellOf(
  attribute: Attribute,
  value: Value | undefined,
  from: { ranges: ReadonlyMap<string, readonly Range[]>; grouping: Grouping },
): Cell {
  if (value === undefined) return { shown: undefined, where: `${attribute.name}!="*"` }
  const range = from.ranges.get(attribute.name)?.find((one) => one.includes(value))
  if (range !== undefined) return { shown: range.shown, where: range.where }
  const isInstant = kindOf(attribute) === 'datetime' && typeof value === 'number'
  const shown = isInstant ? formatInstant(value, from.grouping.zone) : value
  const literal = typeof shown === 'string' ? `"${shown}"` : String(shown)
  return { shown, where: `${attribute.name}=${literal}` }
}

function showGroup(
  group: { cells: readonly Cell[]; rows: readonly Row[] },
  from: { by: readonly Attribute[]; measures: readonly Measure[]; grouping: Grouping },
  parameters: Parameters,
): JsonObject {
  const values = from.by.map(({ name }, index) => [name, group.cells[index]?.shown] as const)
  const figures = from.measures.map((measure) => [measure.key, measure.of(group.rows)] as const)
  const own = parameters.has('opmodeor') ? null : parameters.get('oslc.where')
  const where = [...(own === null ? [] : [own]), ...group.cells.map((cell) => cell.where)].join(' and ')
  return {
    ...withoutUndefined([...figures, ...values]),
    collectionref: `${from.grouping.href}?&oslc.where=${encodeURIComponent(where).replaceAll('%20', '+')}`,
  }
}

const withoutUndefined = (entries: readonly (readonly [string, Json | undefined])[]): JsonObject =>
  Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

function filtered(
  groups: readonly JsonObject[],
  parameters: Parameters,
  columns: ReadonlySet<string>,
): readonly JsonObject[] {
  const text = parameters.get('gbfilter') ?? parameters.get('gbfilters')
  return text === null ? groups : groups.filter(parseGroupFilter(text, columns))
}

function sorted(
  groups: readonly JsonObject[],
  parameters: Parameters,
  columns: ReadonlySet<string>,
): JsonObject[] {
  const text = parameters.get('gbsortby')
  if (text === null) return [...groups]
  const terms = parseOrder(text.replaceAll('count.*', 'count')).map(({ name, descending }) => {
    const column = name.replace('.', '_')
    if (!columns.has(column)) throw new BmxError(400, 'BMXAA8744E', `The groups cannot be sorted by ${name}.`)
    return { column, factor: descending ? -1 : 1 }
  })
  return groups.toSorted((a, b) => {
    for (const { column, factor } of terms) {
      const difference = compareNullable(scalar(a[column]), scalar(b[column])) * factor
      if (difference !== 0) return difference
    }
    return 0
  })
}

function scalar(value: Json | undefined): Value | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return value !== undefined && isList(value) ? scalar(value[0]) : undefined
}
