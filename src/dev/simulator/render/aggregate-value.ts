import type { Row } from '../plant/plant.ts'
import { relatedAlong } from './relation-path.ts'
import { nestedObject, type ItemTask } from './task.ts'

const OPERATIONS = ['_dbcount', '_dbsum', '_dbavg', '_dbmax', '_dbmin'] as const

/** `relation._dbcount`, `relation.attribute._dbsum` and so on, with or without a leading `rel.`. */
export const isAggregate = (path: readonly string[]): boolean =>
  OPERATIONS.some((operation) => operation === path.at(-1))

export function renderAggregate(task: ItemTask): void {
  const { names, attribute, operation } = takeApart(task.item.path)
  const relation = relatedAlong(task.level.mbo, names)
  if (relation === null || names.length === 0) return
  const value = aggregate(relation.all(task.context.plant, task.row), operation, attribute)
  if (value === null) return
  const holder = nestedObject(task.draft, task.item.alias === null ? nestingOf(names, attribute) : [])
  holder[task.item.alias ?? operation] = value
}

interface AggregatePath {
  readonly names: readonly string[]
  /** Null: the rows themselves are counted. */
  readonly attribute: string | null
  readonly operation: string
}

function takeApart(whole: readonly string[]): AggregatePath {
  const path = whole[0] === 'rel' ? whole.slice(1) : whole
  const operation = path.at(-1) ?? ''
  if (operation === '_dbcount') return { names: path.slice(0, -1), attribute: null, operation }
  return { names: path.slice(0, -2), attribute: path.at(-2) ?? '', operation }
}

const nestingOf = (names: readonly string[], attribute: string | null): string[] =>
  attribute === null ? [...names] : [...names, attribute]

function aggregate(rows: readonly Row[], operation: string, attribute: string | null): number | null {
  if (attribute === null) return rows.length
  const values = rows.map((row) => row[attribute]).filter((value) => typeof value === 'number')
  if (values.length === 0) return null
  const sum = values.reduce((total, value) => total + value, 0)
  if (operation === '_dbsum') return sum
  if (operation === '_dbavg') return sum / values.length
  return operation === '_dbmax' ? Math.max(...values) : Math.min(...values)
}
