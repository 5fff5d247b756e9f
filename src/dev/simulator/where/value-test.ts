import { BmxError } from '../errors.ts'
import type { Value } from '../plant/plant.ts'
import type { SimulatorRules } from '../rules.ts'
import { kindOf, type Attribute } from '../schema/attribute.ts'
import { readDay, readInstant, type DateReading } from './date-literal.ts'
import { isPattern, likeTest } from './like.ts'
import type { Comparison, Literal } from './parse-where.ts'

/** Whether a stored value satisfies a condition; null (absent) satisfies none but "is null". */
export type ValueTest = (value: Value | undefined) => boolean

type Reading = DateReading & { readonly rules: SimulatorRules }

/**
 * One comparison on one attribute. `="*"` is "not null", `!="*"` is "null", `%` is LIKE, and `!="[A,B]"` on text is
 * NOT IN. As in SQL, `!=` does not match null.
 *
 * @throws BmxError when the literal's type is not the attribute's: texts and dates are quoted, numbers and booleans bare.
 */
export function comparisonTest(
  attribute: Attribute,
  condition: { readonly operator: Comparison; readonly literal: Literal },
  reading: Reading,
): ValueTest {
  const { operator, literal } = condition
  if (operator === '=' || operator === '!=') return equalityTest(attribute, { operator, literal }, reading)
  if (kindOf(attribute) === 'boolean') throw wrongType(attribute, literal)
  const wanted = comparable(attribute, literal, reading)
  return (value) => value !== undefined && holds(operator, compare(value, wanted))
}

function equalityTest(
  attribute: Attribute,
  { operator, literal }: { readonly operator: '=' | '!='; readonly literal: Literal },
  reading: Reading,
): ValueTest {
  if (literal.kind === 'text' && literal.value === '*') {
    return operator === '=' ? (value) => value !== undefined : (value) => value === undefined
  }
  if (literal.kind === 'text' && kindOf(attribute) === 'text') {
    return textEquality(attribute, operator, literal.value, reading.rules)
  }
  const wanted = comparable(attribute, literal, reading)
  return (value) => value !== undefined && (compare(value, wanted) === 0) === (operator === '=')
}

/** `in [...]`: equal to one of the listed values, taken literally. */
export function listTest(attribute: Attribute, literals: readonly Literal[], reading: Reading): ValueTest {
  const wanted = new Set(literals.map((literal) => comparable(attribute, literal, reading)))
  return (value) => value !== undefined && wanted.has(value)
}

const NOT_IN = /^\[(.*)\]$/su

function textEquality(
  attribute: Attribute,
  operator: '=' | '!=',
  written: string,
  rules: SimulatorRules,
): ValueTest {
  const list = operator === '!=' ? NOT_IN.exec(written)?.[1] : undefined
  if (list !== undefined) {
    const excluded = new Set(list.split(',').map((part) => folded(attribute, part.trim())))
    return (value) => typeof value === 'string' && !excluded.has(value)
  }
  const wanted = folded(attribute, written)
  const matches = isPattern(written)
    ? likeTest(written, rules.likeUnderscore)
    : (value: string): boolean => value === wanted
  return (value) => typeof value === 'string' && matches(value) === (operator === '=')
}

/** UPPER attributes are stored in upper case, and so is what is compared with them. */
const folded = (attribute: Attribute, value: string): string =>
  attribute.subType === 'UPPER' ? value.toUpperCase() : value

/** The literal in the stored form of the attribute. */
function comparable(attribute: Attribute, literal: Literal, reading: Reading): Value {
  switch (kindOf(attribute)) {
    case 'text':
      return folded(attribute, textOf(attribute, literal))
    case 'datetime':
      return readInstant(textOf(attribute, literal), reading)
    case 'date':
      return readDay(textOf(attribute, literal), reading)
    case 'number':
      if (literal.kind !== 'number') throw wrongType(attribute, literal)
      return literal.value
    case 'boolean':
      return booleanOf(attribute, literal)
  }
}

function textOf(attribute: Attribute, literal: Literal): string {
  if (literal.kind !== 'text') throw wrongType(attribute, literal)
  return literal.value
}

function booleanOf(attribute: Attribute, literal: Literal): boolean {
  if (literal.kind === 'boolean') return literal.value
  if (literal.kind === 'number' && (literal.value === 0 || literal.value === 1)) return literal.value === 1
  throw wrongType(attribute, literal)
}

/** Order of two values of one type; texts by code unit. */
export function compare(left: Value, right: Value): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

function holds(operator: Exclude<Comparison, '=' | '!='>, order: number): boolean {
  switch (operator) {
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
  }
}

function wrongType(attribute: Attribute, literal: Literal): BmxError {
  const text = `The value ${String(literal.value)} does not fit the ${attribute.subType} attribute ${attribute.name}.`
  return new BmxError(400, 'BMXAA8744E', text, { attribute: attribute.name })
}
