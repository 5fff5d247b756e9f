import { BmxError } from '../errors.ts'
import { kindOf } from '../schema/attribute.ts'
import { findRelationship, mboNamed } from '../schema/catalog.ts'
import type { Mbo } from '../schema/mbo.ts'
import type { Condition } from '../where/condition.ts'
import { likeTest } from '../where/like.ts'
import { queryable, type WhereScope } from '../where/predicate.ts'

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
): Condition {
  const terms = readTerms(search.terms)
  const places = (search.attributes ?? 'description')
    .split(',')
    .map((path) => placeOf(path.trim(), mbo, scope))
  const some = (term: Term): Condition => ({ some: places.map((holding) => holding(term)) })
  return scope.rules.searchTermsJoin === 'or'
    ? some((text) => terms.some((term) => term(text)))
    : { every: terms.map(some) }
}

function readTerms(text: string): Term[] {
  const exact = /^""([^"]+)""$/.exec(text.trim())?.[1]
  if (exact !== undefined) return [(value) => value.toUpperCase() === exact.toUpperCase()]
  const words = text.split(/[\s",]+/).filter((word) => word !== '')
  if (words.length === 0) throw new BmxError(400, 'BMXAA8744E', 'The search terms are empty.')
  return words.map((word) => likeTest(`%${word}%`, false))
}

/** The condition that a text at the end of a path holds a term. */
function placeOf(path: string, mbo: Mbo, scope: WhereScope): (term: Term) => Condition {
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
  return (term) =>
    chain.reduceRight<Condition>((meets, along) => ({ along, meets, plant: scope.plant }), {
      attribute: attribute.name,
      test: (value) => typeof value === 'string' && term(value),
    })
}
