import { BmxError } from '../errors.ts'
import type { Mbo } from '../schema/mbo.ts'
import type { Condition } from '../where/condition.ts'
import { queryable, type WhereScope } from '../where/predicate.ts'
import type { ValueTest } from '../where/value-test.ts'

/**
 * `domaininternalwhere=status=APPR,INPRG` (or `!=`): by the internal values behind a synonym domain, so that every
 * site's own words are found. Null never matches.
 *
 * @throws BmxError for anything else, and for an attribute without a synonym domain.
 */
export function bindDomainFilter(text: string, mbo: Mbo, scope: WhereScope): Condition {
  const [, name, operator, list] = /^\s*(\w+)\s*(!?=)(.+)$/.exec(text) ?? []
  if (name === undefined || list === undefined || list.includes('"')) {
    throw new BmxError(400, 'BMXAA8744E', `The internal filter ${text} cannot be parsed.`)
  }
  const attribute = queryable(name, mbo, scope.rules)
  const synonyms = scope.plant.rows('SYNONYMDOMAIN').filter((row) => row['domainid'] === attribute.domain)
  if (synonyms.length === 0) {
    throw new BmxError(400, 'BMXAA8744E', `The attribute ${name} is not bound to a synonym domain.`)
  }
  const internal = new Set(list.split(',').map((value) => value.trim()))
  const values = new Set(
    synonyms.filter((row) => internal.has(String(row['maxvalue']))).map((row) => row['value']),
  )
  const wanted = operator === '='
  const test: ValueTest = (value) => value !== undefined && values.has(value) === wanted
  return { attribute: attribute.name, test }
}
