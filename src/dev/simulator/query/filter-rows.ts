import type { Row } from '../plant/plant.ts'
import type { Mbo } from '../schema/mbo.ts'
import { parseWhere, type Term } from '../where/parse-where.ts'
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
  parameters: Parameters,
  from: {
    readonly mbo: Mbo
    readonly scope: WhereScope
    readonly saved: string | null
    /** The rows among which all that satisfy these ANDed terms are. */
    readonly candidates: (terms: readonly Term[]) => readonly Row[]
  },
): Row[] {
  const { mbo, scope, saved } = from
  const tests: Predicate[] = []
  const where = parameters.get('oslc.where')
  const internal = parameters.get('domaininternalwhere')
  const search = parameters.get('oslc.searchTerms')
  if (saved !== null) tests.push(whereTest(saved, false, from))
  const anyOf = parameters.has('opmodeor')
  const terms = where === null ? [] : parseWhere(where, scope.rules.inListBlanks)
  if (where !== null) tests.push(bindWhere({ terms, anyOf }, mbo, scope))
  if (internal !== null) tests.push(bindDomainFilter(internal, mbo, scope))
  if (search !== null)
    tests.push(bindSearch({ terms: search, attributes: parameters.get('searchAttributes') }, mbo, scope))
  return from.candidates(anyOf ? [] : terms).filter((row) => tests.every((test) => test(row)))
}

/** A where text bound to an object. */
export const whereTest = (
  text: string,
  anyOf: boolean,
  from: { readonly mbo: Mbo; readonly scope: WhereScope },
): Predicate =>
  bindWhere({ terms: parseWhere(text, from.scope.rules.inListBlanks), anyOf }, from.mbo, from.scope)
