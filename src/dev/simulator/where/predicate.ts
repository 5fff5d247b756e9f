import { BmxError } from '../errors.ts'
import type { Plant } from '../plant/plant.ts'
import type { SimulatorRules } from '../rules.ts'
import type { Attribute } from '../schema/attribute.ts'
import { findRelationship, mboNamed } from '../schema/catalog.ts'
import type { Mbo } from '../schema/mbo.ts'
import type { Relationship } from '../schema/relationships.ts'
import type { DateReading } from './date-literal.ts'
import type { Path, Term } from './parse-where.ts'
import type { Condition } from './condition.ts'
import { comparisonTest, listTest, type ValueTest } from './value-test.ts'

export interface WhereScope extends DateReading {
  readonly plant: Plant
  readonly rules: SimulatorRules
}

export interface WhereClause {
  readonly terms: readonly Term[]
  /** `opmodeor=1`: any term is enough, nested ones included. */
  readonly anyOf: boolean
}

/**
 * Binds a parsed clause to a table.
 *
 * A dotted name asks whether some related row satisfies the term, so a row without one never matches, not even
 * "is null".
 *
 * @throws BmxError for an unknown relation or attribute, one that is not persistent, or a literal of the wrong type.
 */
export function bindWhere(clause: WhereClause, mbo: Mbo, scope: WhereScope): Condition {
  const tests = clause.terms.map((term) => bindTerm(term, { mbo, anyOf: clause.anyOf, scope }))
  return clause.anyOf ? { some: tests } : { every: tests }
}

interface Binding {
  readonly mbo: Mbo
  readonly anyOf: boolean
  readonly scope: WhereScope
}

function bindTerm(term: Term, binding: Binding): Condition {
  const { scope } = binding
  if (term.kind === 'nested') {
    const chain = resolveRelations(term.path, binding.mbo)
    const inner = bindWhere({ terms: term.terms, anyOf: binding.anyOf }, endOf(chain, binding.mbo), scope)
    return existsAlong(chain, scope.plant, inner)
  }
  const chain = resolveRelations(term.path.slice(0, -1), binding.mbo)
  const attribute = queryable(term.path.at(-1) ?? '', endOf(chain, binding.mbo), scope.rules)
  const test: ValueTest =
    term.kind === 'in'
      ? listTest(attribute, term.literals, scope)
      : comparisonTest(attribute, { operator: term.operator, literal: term.literal }, scope)
  return existsAlong(chain, scope.plant, { attribute: attribute.name, test })
}

function resolveRelations(path: Path, from: Mbo): Relationship[] {
  let at = from
  return path.map((name) => {
    const relationship = findRelationship(at.name, name)
    if (relationship === null) {
      throw new BmxError(400, 'BMXAA4187E', `The relationship ${name} does not exist on object ${at.name}.`)
    }
    at = mboNamed(relationship.to)
    return relationship
  })
}

function endOf(chain: readonly Relationship[], from: Mbo): Mbo {
  const last = chain.at(-1)
  return last === undefined ? from : mboNamed(last.to)
}

/**
 * An attribute that may stand in a where clause, an order or a group.
 *
 * @throws BmxError when it does not exist, or exists only while a record is in memory.
 */
export function queryable(
  name: string,
  mbo: Mbo,
  rules: Pick<SimulatorRules, 'unknownAttributeCode'>,
): Attribute {
  const attribute = mbo.attributes.get(name.toLowerCase())
  const about = { attribute: name, object: mbo.name.toLowerCase() }
  if (attribute === undefined) {
    const text = `The attribute ${name} does not exist on object ${mbo.name}.`
    throw new BmxError(400, rules.unknownAttributeCode, text, about)
  }
  if (!attribute.persistent) {
    const text = `The attribute ${name} of object ${mbo.name} is not persistent and cannot be queried.`
    throw new BmxError(400, 'BMXAA4185E', text, about)
  }
  return attribute
}

const existsAlong = (chain: readonly Relationship[], plant: Plant, condition: Condition): Condition =>
  chain.reduceRight<Condition>((meets, along) => ({ along, meets, plant }), condition)
