import { BmxError } from '../errors.ts'
import type { ObjectStructure, SavedQuery } from '../schema/object-structures.ts'
import type { Parameters } from './parameters.ts'

/**
 * The where text of `savedQuery=NAME` or `APP:NAME`, its `sqp:` parameters filled in. The parameter's own name is
 * case-sensitive: `savedquery` does nothing.
 *
 * @throws BmxError BMXAA8741E for a name that does not exist, 400 for a parameter that is missing.
 */
export function savedWhere(parameters: Parameters, structure: ObjectStructure): string | null {
  const name = parameters.get('savedQuery')
  if (name === null || name === ALL_RECORDS) return null
  const query = structure.queries.find(
    (known) => name === known.name || name === `${structure.app}:${known.name}`,
  )
  if (query === undefined) {
    throw new BmxError(400, 'BMXAA8741E', `The query ${name} is not valid for ${structure.name}.`)
  }
  return filled(query, parameters)
}

/** The capability every object structure lists first: the bare collection. */
export const ALL_RECORDS = 'All'

const filled = (query: SavedQuery, parameters: Parameters): string =>
  query.where.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = parameters.get(`sqp:${name}`)
    if (value === null || value.includes('"')) {
      throw new BmxError(400, 'BMXAA8741E', `The query ${query.name} needs the parameter ${name}.`)
    }
    return `"${value}"`
  })
