export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

const META = new Set(['_rowstamp', 'localref', '_id'])

/**
 * Turns a lean record into the namespaced form that Maximo answers without `lean=1`: `spi:` on every attribute,
 * `rdf:about` for the address, links as `rdf:resource`.
 */
export function namespaced(lean: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(lean).map(([name, value]) => namespacedEntry(name, value)))
}

function namespacedEntry(name: string, value: Json): [string, Json] {
  if (name === 'href') return ['rdf:about', value]
  if (META.has(name)) return [name, value]
  if (name.endsWith('_collectionref')) return [`spi:${name}`, { 'rdf:resource': value }]
  return [`spi:${name}`, namespacedValue(value)]
}

function namespacedValue(value: Json): Json {
  if (isList(value)) return value.map(namespacedValue)
  return typeof value === 'object' && value !== null ? namespaced(value) : value
}

export const isList = (value: Json): value is readonly Json[] => Array.isArray(value)
