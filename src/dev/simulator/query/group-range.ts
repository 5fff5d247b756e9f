import { BmxError } from '../errors.ts'
import type { Value } from '../plant/plant.ts'
import { kindOf, type Attribute } from '../schema/attribute.ts'

/** One bucket of `gbrange`: which values fall into it, how it is shown, and how it is asked for. */
export interface Range {
  readonly shown: readonly (string | number)[]
  readonly where: string
  includes(value: Value): boolean
}

/**
 * Parses `status={[APPR:WAPPR]}` (a set of texts) or `wopriority={[1..3],[4..7)}` (intervals, open or closed).
 *
 * @returns the ranges of the attribute, empty when the text is about another one.
 * @throws BmxError when it cannot be read.
 */
export function parseRanges(text: string, attribute: Attribute): Range[] {
  const [, name, body] = /^(\w+)=\{(.+)\}$/.exec(text.trim()) ?? []
  if (name === undefined || body === undefined) throw badRange(text)
  if (name.toLowerCase() !== attribute.name) return []
  const parts = body.match(/[[(][^[\]()]+[\])]/g) ?? []
  if (parts.join(',') !== body.replaceAll(' ', '')) throw badRange(text)
  return parts.map((part) =>
    kindOf(attribute) === 'number' ? interval(part, attribute) : textSet(part, attribute),
  )
}

function textSet(part: string, attribute: Attribute): Range {
  const values = part.slice(1, -1).split(':')
  return {
    shown: values,
    where: `${attribute.name} in [${values.map((value) => `"${value}"`).join(',')}]`,
    includes: (value) => typeof value === 'string' && values.includes(value),
  }
}

function interval(part: string, attribute: Attribute): Range {
  const [, open, low, high, close] = /^([[(])(-?[\d.]+?)\.\.(-?[\d.]+)([\])])$/.exec(part) ?? []
  const from = Number(low)
  const to = Number(high)
  if (Number.isNaN(from) || Number.isNaN(to)) throw badRange(part)
  const above = open === '[' ? '>=' : '>'
  const below = close === ']' ? '<=' : '<'
  return {
    shown: [from, to],
    where: `${attribute.name}${above}${from} and ${attribute.name}${below}${to}`,
    includes: (value) =>
      typeof value === 'number' &&
      (open === '[' ? value >= from : value > from) &&
      (close === ']' ? value <= to : value < to),
  }
}

const badRange = (text: string): BmxError =>
  new BmxError(400, 'BMXAA8744E', `The range ${text} cannot be parsed.`)
