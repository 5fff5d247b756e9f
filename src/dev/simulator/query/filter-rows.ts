import type { RowSource } from '../plant/row-source.ts'
import type { Mbo } from '../schema/mbo.ts'
import { positionsOf, type Condition } from '../where/condition.ts'
import { parseWhere, type Term } from '../where/parse-where.ts'
import { bindWhere, type WhereScope } from '../where/predicate.ts'
import { bindDomainFilter } from './domain-filter.ts'
import type { Parameters } from './parameters.ts'
import { bindSearch } from './search-terms.ts'

/** Rows that were found, by their positions in what they were found in. */
export interface Found {
  readonly source: RowSource
  readonly positions: readonly number[]
}

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
    readonly candidates: (terms: readonly Term[]) => RowSource
    /** What the collection shows at all. */
    readonly shown: Condition
  },
): Found {
  const { mbo, scope, saved } = from
  const conditions: Condition[] = [from.shown]
  const where = parameters.get('oslc.where')
  const internal = parameters.get('domaininternalwhere')
  const search = parameters.get('oslc.searchTerms')
  const anyOf = parameters.has('opmodeor')
  const terms = where === null ? [] : parseWhere(where, scope.rules.inListBlanks)
  const savedTerms = saved === null ? [] : parseWhere(saved, scope.rules.inListBlanks)
  conditions.push(bindWhere({ terms: savedTerms, anyOf: false }, mbo, scope))
  if (where !== null) conditions.push(bindWhere({ terms, anyOf }, mbo, scope))
  if (internal !== null) conditions.push(bindDomainFilter(internal, mbo, scope))
  if (search !== null)
    conditions.push(bindSearch({ terms: search, attributes: parameters.get('searchAttributes') }, mbo, scope))
  const source = from.candidates([...savedTerms, ...(anyOf ? [] : terms)])
  return { source, positions: positionsOf(conditions, source) }
}
