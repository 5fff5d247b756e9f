import { findDomainValue } from '../domain-values.ts'
import type { Row } from '../plant/plant.ts'
import { kindOf, type Attribute } from '../schema/attribute.ts'
import { formatInstant } from '../time-zone.ts'
import type { Json } from './json.ts'
import type { RenderContext } from './render-context.ts'

/** The value as it goes over the wire; undefined when null. Only date-times look different from how they are stored. */
export function renderValue(attribute: Attribute, row: Row, context: RenderContext): Json | undefined {
  const value = row[attribute.name]
  if (kindOf(attribute) !== 'datetime' || typeof value !== 'number') return value
  return formatInstant(value, context.zone)
}

/** Writes an attribute and its companions: `_description` for domains, `_maxvalue` when internal values are asked for. */
export function putAttribute(task: {
  readonly row: Row
  readonly attribute: Attribute
  readonly context: RenderContext
  readonly draft: Record<string, Json>
  readonly key: string
}): void {
  const { row, attribute, context, draft, key } = task
  const value = renderValue(attribute, row, context)
  if (value === undefined) {
    if (!context.dropNulls) draft[key] = null
    return
  }
  draft[key] = value
  const domainValue = findDomainValue(context.plant, attribute, row)
  if (domainValue === null) return
  const { description, maxvalue } = domainValue
  const name = key.replace('$alias_this_attr$', '')
  if (description !== undefined) draft[`${name}_description`] = description
  if (context.internalValues && maxvalue !== undefined) draft[`${name}_maxvalue`] = maxvalue
}
