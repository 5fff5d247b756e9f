import { BmxError } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { relatedRows } from '../related-rows.ts'
import { kindOf } from '../schema/attribute.ts'
import { findRelationship, mboNamed } from '../schema/catalog.ts'
import type { Mbo } from '../schema/mbo.ts'
import { queryable, type Predicate, type WhereScope } from '../where/predicate.ts'
import { likeTest } from '../where/like.ts'

/** Whether a text holds one of the words. */
type Term = (text: string) => boolean

/**
 * `oslc.searchTerms` over `searchAttributes` (default `description`): each word is looked for in each attribute. Words
 * stand alone, in quotes or as `"a","b"`; two pairs of quotes mean the whole text exactly.
 *
 * @throws BmxError when there is nothing to look for, or an attribute cannot be searched.
 */
export function bindSearch(
  search: { readonly terms: string; readonly attributes: string | null },
  mbo: Mbo,
  scope: WhereScope,
): Predicate {
  const terms = readTerms(search.terms)
  const readers = (search.attributes ?? 'description')
    .split(',')
    .map((path) => readerOf(path.trim(), mbo, scope))
  const found = (row: Row, term: Term): boolean => readers.some((read) => read(row).some(term))
  return scope.rules.searchTermsJoin === 'or'
    ? (row) => terms.some((term) => found(row, term))
    : (row) => terms.every((term) => found(row, term))
}

function readTerms(text: string): Term[] {
  const exact = /^""([^"]+)""$/.exec(text.trim())?.[1]
  if (exact !== undefined) return [(value) => value.toUpperCase() === exact.toUpperCase()]
  const words = text.split(/[\s",]+/).filter((word) => word !== '')
  if (words.length === 0) throw new BmxError(400, 'BMXAA8744E', 'The search terms are empty.')
  return words.map((word) => likeTest(`%${word}%`, false))
}

function readerOf(path: string, mbo: Mbo, scope: WhereScope): (row: Row) => string[] {
  const names = path.split('.')
  let at = mbo
  const chain = names.slice(0, -1).map((name) => {
    const relationship = findRelationship(at.name, name)
    if (relationship === null)
      throw new BmxError(400, 'BMXAA4187E', `There is no relationship ${name} on ${at.name}.`)
    at = mboNamed(relationship.to)
    return relationship
  })
  const attribute = queryable(names.at(-1) ?? '', at, scope.rules)
  if (kindOf(attribute) !== 'text')
    throw new BmxError(400, 'BMXAA8744E', `The attribute ${path} cannot be searched.`)
  return (row) => {
    let rows: readonly Row[] = [row]
    for (const relationship of chain)
      rows = rows.flatMap((one) => relatedRows(scope.plant, one, relationship))
    return rows.map((one) => one[attribute.name]).filter((value) => typeof value === 'string')
  }
}
