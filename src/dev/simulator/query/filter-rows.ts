import type { Row } from '../plant/plant.ts'
import type { Mbo } from '../schema/mbo.ts'
import { parseWhere } from '../where/parse-where.ts'
import { bindWhere, type Predicate, type WhereScope } from '../where/predicate.ts'
import { bindDomainFilter } from './domain-filter.ts'
import type { Parameters } from './parameters.ts'
import { bindSearch } from './search-terms.ts'

/**
 * Applies everything that narrows a collection; all kinds are ANDed.
 *
 * @param saved where text of a saved query.
 * @throws BmxError for what cannot be parsed or bound.
 */
export function filterRows(
  rows: readonly Row[],
  parameters: Parameters,
  from: { readonly mbo: Mbo; readonly scope: WhereScope; readonly saved: string | null },
): Row[] {
  const { mbo, scope, saved } = from
  const tests: Predicate[] = []
  const where = parameters.get('oslc.where')
  const internal = parameters.get('domaininternalwhere')
  const terms = parameters.get('oslc.searchTerms')
  if (saved !== null) tests.push(whereTest(saved, false, from))
  if (where !== null) tests.push(whereTest(where, parameters.has('opmodeor'), from))
  if (internal !== null) tests.push(bindDomainFilter(internal, mbo, scope))
  if (terms !== null)
    tests.push(bindSearch({ terms, attributes: parameters.get('searchAttributes') }, mbo, scope))
  return rows.filter((row) => tests.every((test) => test(row)))
}

/** A where text bound to an object. */
export const whereTest = (
  text: string,
  anyOf: boolean,
  from: { readonly mbo: Mbo; readonly scope: WhereScope },
): Predicate =>
  bindWhere({ terms: parseWhere(text, from.scope.rules.inListBlanks), anyOf }, from.mbo, from.scope)
