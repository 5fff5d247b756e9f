import { z } from 'zod'

type Definition = z.core.$ZodTypeDef & Readonly<Record<string, unknown>>

/**
 * The same schema, every part of it constructed again: what a schema costs that stands inside a factory, less what the
 * chained calls of its source (`.min(1).max(30).optional()`) would cost on top.
 */
export function writtenAnew<Schema extends z.core.$ZodType>(schema: Schema): Schema {
  const definition = schema._zod.def as Definition
  const parts = Object.fromEntries(
    Object.entries(definition)
      .filter(([name]) => INNER.has(name))
      .map(([name, part]) => [name, partAnew(part)]),
  )
  return z.core.clone(schema, { ...definition, ...parts }, { parent: true })
}

/** Members of a definition in which further schemas stand. */
const INNER: ReadonlySet<string> = new Set(['shape', 'element', 'innerType', 'options', 'valueType'])

function partAnew(part: unknown): unknown {
  if (part instanceof z.core.$ZodType) return writtenAnew(part)
  if (Array.isArray(part)) return part.map(partAnew)
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, partAnew(inner)]))
}
