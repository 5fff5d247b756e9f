import type { Row } from '../plant/plant.ts'
import { relatedAlong } from './relation-path.ts'
import { nestedObject, type ItemTask } from './task.ts'

const OPERATIONS = ['_dbcount', '_dbsum', '_dbavg', '_dbmax', '_dbmin'] as const

/** `relation._dbcount`, `relation.attribute._dbsum` and so on, with or without a leading `rel.`. */
export const isAggregate = (path: readonly string[]): boolean =>
  OPERATIONS.some((operation) => operation === path.at(-1))

export function renderAggregate(task: ItemTask): void {
  const path = task.item.path[0] === 'rel' ? task.item.path.slice(1) : task.item.path
  const operation = path.at(-1) ?? ''
  const names = operation === '_dbcount' ? path.slice(0, -1) : path.slice(0, -2)
  const attribute = operation === '_dbcount' ? null : (path.at(-2) ?? '')
  const relation = relatedAlong(task.level.mbo, names)
  if (relation === null || names.length === 0) return
  const value = aggregate(relation.all(task.context.plant, task.row), operation, attribute)
  if (value === null) return
  const holder = nestedObject(task.draft, task.item.alias === null ? nestingOf(names, attribute) : [])
  holder[task.item.alias ?? operation] = value
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
