import { noSuchObjectStructure, noSuchResource } from '../errors.ts'
import { ALL_RECORDS } from '../query/saved-query.ts'
import type { JsonObject } from '../render/json.ts'
import { findObjectStructure } from '../schema/catalog.ts'
import { childSchema, objectSchema } from '../schema/json-schema.ts'
import { objectStructures, type ObjectStructure } from '../schema/object-structures.ts'
import { readSelect } from './collection.ts'
import { answer, hrefsOf, type Answer, type Exchange } from './exchange.ts'
import { readableStructure } from './object-structure-routes.ts'

/**
 * `apimeta`: every object structure that takes part in the API, whether or not this user may read it. The real body is
 * not public; the members are the documented ones (maximo-api §6.1).
 */
export function answerApiMeta(exchange: Exchange): Answer {
  const [, name] = exchange.segments
  const { absentStructures } = exchange.instance.rules
  if (name === undefined) {
    return answer({
      member: objectStructures
        .filter((structure) => !absentStructures.includes(structure.name))
        .map((structure) => describeStructure(structure, exchange)),
    })
  }
  const structure = findObjectStructure(name)
  if (structure === null || absentStructures.includes(structure.name)) throw noSuchObjectStructure(name)
  return answer(describeStructure(structure, exchange))
}

function describeStructure(structure: ObjectStructure, exchange: Exchange): JsonObject {
  const { to } = hrefsOf(exchange)
  const name = structure.name.toLowerCase()
  const collection = to(`os/${name}`)
  return {
    osName: structure.name,
    title: structure.description,
    href: to(`apimeta/${name}`),
    schema: { href: to(`jsonschemas/${name}`) },
    creationURI: { href: collection },
    authapp: structure.app,
    queryCapability: [
      { ispublic: true, name: ALL_RECORDS, href: collection },
      ...structure.queries.map((query) => ({
        ispublic: true,
        name: query.name,
        title: query.title,
        href: `${collection}?savedQuery=${query.name}`,
      })),
    ],
  }
}

/** `jsonschemas/{os}` and `jsonschemas/{os}/{child}`. */
export function answerSchema(exchange: Exchange): Answer {
  const [, name = '', child] = exchange.segments
  const structure = readableStructure(name, exchange)
  const request = {
    select: readSelect(exchange),
    hrefTo: hrefsOf(exchange).to,
    lengths: exchange.instance.rules.lengths,
  }
  if (child === undefined) return answer(objectSchema(structure, request))
  const schema = childSchema(structure, child, request)
  if (schema === null) throw noSuchResource(child)
  return answer(schema)
}
