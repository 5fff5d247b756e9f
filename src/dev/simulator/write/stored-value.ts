import { BmxError } from '../errors.ts'
import type { Value } from '../plant/plant.ts'
import type { Json } from '../render/json.ts'
import { kindOf, type Attribute } from '../schema/attribute.ts'
import { readDay, readInstant } from '../where/date-literal.ts'
import type { Saving } from './saving.ts'

/**
 * Turns a JSON value into the stored form of an attribute; null clears it.
 *
 * @param object Object path for errors.
 * @throws BmxError BMXAA4049E for a text that is too long, BMXAA4198E for a value of another type.
 */
export function storedValue(
  attribute: Attribute,
  json: Json,
  from: { readonly object: string; readonly saving: Saving },
): Value | undefined {
  if (json === null || json === '') return undefined
  const wrong = (): BmxError => wrongType(attribute, json, from.object)
  switch (kindOf(attribute)) {
    case 'text':
      return storedText(attribute, json, from)
    case 'number':
      return storedNumber(attribute, json, wrong)
    case 'boolean':
      return storedBoolean(json, wrong)
    case 'datetime':
      return storedDate(json, wrong, (text) => readInstant(text, from.saving))
    case 'date':
      return storedDate(json, wrong, (text) => readDay(text, from.saving))
  }
}

function storedText(
  attribute: Attribute,
  json: Json,
  { object, saving }: { readonly object: string; readonly saving: Saving },
): string {
  if (typeof json === 'object' && json !== null) throw wrongType(attribute, json, object)
  const text = String(json)
  const maximum = saving.rules.lengths[attribute.name] ?? attribute.length
  if (text.length > maximum) {
    const about = { attribute: attribute.name, object, value: text.slice(0, SHOWN_CHARACTERS) }
    throw new BmxError(
      400,
      'BMXAA4049E',
      `The value of ${attribute.name} is longer than its maximum of ${maximum}.`,
      about,
    )
  }
  return attribute.subType === 'UPPER' ? text.toUpperCase() : text
}

const SHOWN_CHARACTERS = 50
const WHOLE = new Set(['BIGINT', 'INTEGER', 'SMALLINT'])
const NUMBER = /^-?\d{1,15}(?:\.\d{1,10})?$/

function storedNumber(attribute: Attribute, json: Json, wrong: () => BmxError): number {
  const number = typeof json === 'string' && NUMBER.test(json) ? Number(json) : json
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong()
  if (WHOLE.has(attribute.subType)) {
    if (!Number.isInteger(number)) throw wrong()
    return number
  }
  const factor = 10 ** attribute.scale
  return attribute.scale === 0 ? number : Math.round(number * factor) / factor
}

function storedBoolean(json: Json, wrong: () => BmxError): boolean {
  if (json === true || json === 1 || json === '1' || json === 'true') return true
  if (json === false || json === 0 || json === '0' || json === 'false') return false
  throw wrong()
}

function storedDate<T>(json: Json, wrong: () => BmxError, read: (text: string) => T): T {
  if (typeof json !== 'string') throw wrong()
  try {
    return read(json)
  } catch (error) {
    if (error instanceof BmxError) throw wrong()
    throw error
  }
}

const wrongType = (attribute: Attribute, json: Json, object: string): BmxError =>
  new BmxError(
    400,
    'BMXAA4198E',
    `The value ${JSON.stringify(json).slice(0, SHOWN_CHARACTERS)} does not fit the ${attribute.subType} attribute ${attribute.name}.`,
    { attribute: attribute.name, object },
  )
