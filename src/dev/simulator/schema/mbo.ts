import { parseAttribute, type Attribute } from './attribute.ts'

/** A business object: a table with its attributes. */
export interface Mbo {
  readonly name: string
  readonly title: string
  /** Numeric unique id, also accepted in place of a resource id. */
  readonly uniqueId: string
  /** Primary key, in the order a JSON schema lists it; resource ids sort it by name. */
  readonly key: readonly string[]
  readonly attributes: ReadonlyMap<string, Attribute>
}

/** Describes a business object; one attribute a line (see {@link parseAttribute}). */
export function mbo(name: string, about: { title: string; id: string; key: string }, lines: string): Mbo {
  const attributes = lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parseAttribute)
  const key = about.key.split(' ')
  const known = new Map(attributes.map((attribute) => [attribute.name, attribute]))
  for (const part of [about.id, ...key]) {
    if (!known.has(part)) throw new Error(`${name} has no attribute ${part}`)
  }
  return { name, title: about.title, uniqueId: about.id, key, attributes: known }
}
