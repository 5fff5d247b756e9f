import type { Row } from '../plant/plant.ts'
import { findRelationship, mboNamed } from '../schema/catalog.ts'
import type { Mbo } from '../schema/mbo.ts'
import { rowTest, type Condition } from '../where/condition.ts'
import { parseWhere } from '../where/parse-where.ts'
import { bindWhere, type WhereScope } from '../where/predicate.ts'
import { parseOrder, sortRows } from './order-by.ts'
import { positiveNumber, type Parameters } from './parameters.ts'

/**
 * `<mbo>.<relation>.where | orderBy | limit | opmodeor`: narrows the child rows shown inside their parents, never the
 * parents.
 */
export function childFilter(
  parameters: Parameters,
  scope: WhereScope,
): (parent: string, relation: string, rows: readonly Row[]) => readonly Row[] {
  return (parent, relation, rows) => {
    const prefix = `${parent}.${relation}.`.toLowerCase()
    const target = findRelationship(parent, relation)
    if (target === null || !parameters.entries.some(([name]) => name.startsWith(prefix))) return rows
    const from = { mbo: mboNamed(target.to), scope, rules: scope.rules }
    const where = parameters.get(`${prefix}where`)
    const order = parameters.get(`${prefix}orderBy`)
    const kept =
      where === null ? rows : rows.filter(rowTest(bound(where, parameters.has(`${prefix}opmodeor`), from)))
    const sorted = order === null ? kept : sortRows(kept, parseOrder(order), from)
    return sorted.slice(0, positiveNumber(parameters, `${prefix}limit`) ?? sorted.length)
  }
}

const bound = (text: string, anyOf: boolean, from: { mbo: Mbo; scope: WhereScope }): Condition =>
  bindWhere({ terms: parseWhere(text, from.scope.rules.inListBlanks), anyOf }, from.mbo, from.scope)
