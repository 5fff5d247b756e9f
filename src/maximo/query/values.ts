import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { DomainValue } from '../contract.ts'
import type { FieldSchema } from '../schema/object-schema.ts'
import { suggest } from './did-you-mean.ts'
import { isPlain, shown } from './fields.ts'
import { quoteListed, quoteText, renderNumber } from './literal.ts'

export interface Objection {
  readonly reason: 'bad_value' | 'unknown_value'
  readonly message: string
  readonly suggestions: readonly string[]
}

export interface LiteralRequest {
  readonly field: FieldSchema | null
  /** Values the field can have; null: not known. */
  readonly domain: readonly DomainValue[] | null
  /** For an equality, which can be written as a list: there nothing is a wildcard. */
  readonly isListed: boolean
}

type Literal = Result<{ readonly literal: string; readonly said: string }, Objection>

/** One value for a field that is not a date: its literal, and how to say it. */
export const literalFor = (value: unknown, request: LiteralRequest): Literal => {
  const { field, isListed } = request
  switch (field?.kind) {
    case 'integer':
    case 'number':
      return numberLiteral(value, field)
    case 'boolean':
      return booleanLiteral(value, field)
    case 'text':
      return textLiteral(value, field, request)
    case 'time':
    case 'date':
    case 'datetime':
    case 'unknown':
    case undefined:
      return guessedLiteral(value, isListed)
  }
}

/** The text of a value for a text field, in the letters Maximo stores; refuses what can never match. */
export const textFor = (value: unknown, field: FieldSchema): Result<string, Objection> => {
  const given = typeof value === 'number' && Number.isFinite(value) ? String(value) : value
  if (typeof given !== 'string') return bad(`${field.name} holds text; give a string.`)
  return ok(field.subType === 'UPPER' ? given.toUpperCase() : given)
}

const textLiteral = (
  value: unknown,
  field: FieldSchema,
  { domain, isListed }: Pick<LiteralRequest, 'domain' | 'isListed'>,
): Literal => {
  const text = textFor(value, field)
  if (!text.ok) return text
  const listed = inDomain(text.value, field, domain)
  if (!listed.ok) return listed
  if (field.maxLength !== null && listed.value.length > field.maxLength)
    return bad(`${field.name} holds at most ${field.maxLength} characters.`)
  return quotedLiteral(listed.value, isListed)
}

const quotedLiteral = (text: string, isListed: boolean): Literal => {
  const quoted = isListed ? quoteListed(text) : quoteText(text)
  return quoted.ok ? ok({ literal: quoted.value, said: quoted.value }) : bad(quoted.error)
}

/** A value of a known list is taken in the list's spelling; one that is not there can match nothing. */
export const inDomain = (
  text: string,
  field: FieldSchema,
  domain: readonly DomainValue[] | null,
): Result<string, Objection> => {
  if (domain === null || domain.length === 0) return ok(text)
  const asked = text.toLowerCase()
  const found =
    domain.find(({ value }) => value === text) ?? domain.find(({ value }) => value.toLowerCase() === asked)
  if (found !== undefined) return ok(found.value)
  const described = domain
    .filter(({ description }) => description?.toLowerCase() === asked)
    .map(({ value }) => value)
    .filter(isPlain)
  return err({
    reason: 'unknown_value',
    message: `${field.name} cannot be ${shown(text)}: its values are ${someOf(domain)}.`,
    suggestions:
      described.length > 0 ? described : suggest(text, domain.map(({ value }) => value).filter(isPlain)),
  })
}

const someOf = (domain: readonly DomainValue[]): string => {
  const values = [...new Set(domain.map(({ value }) => value))].filter(isPlain)
  return values.length > 15 ? `${values.slice(0, 15).join(', ')} and others` : values.join(', ')
}

const numberLiteral = (value: unknown, field: FieldSchema): Literal => {
  const number = typeof value === 'string' && isExactNumber(value) ? Number(value) : value
  if (typeof number !== 'number') return bad(`${field.name} holds a number.`)
  if (field.kind === 'integer' && !Number.isInteger(number)) return bad(`${field.name} holds a whole number.`)
  const literal = renderNumber(number)
  return literal.ok ? ok({ literal: literal.value, said: literal.value }) : bad(literal.error)
}

const booleanLiteral = (value: unknown, field: FieldSchema): Literal => {
  const truth = TRUTH.get(typeof value === 'string' ? value.toLowerCase() : value)
  if (truth === undefined) return bad(`${field.name} is true or false.`)
  return ok({ literal: truth ? '1' : '0', said: truth ? 'true' : 'false' })
}

/** The attribute's type is unknown to us: the value's own type decides. */
const guessedLiteral = (value: unknown, isListed: boolean): Literal => {
  if (typeof value === 'boolean') return ok({ literal: value ? '1' : '0', said: String(value) })
  if (typeof value === 'number') {
    const number = renderNumber(value)
    return number.ok ? ok({ literal: number.value, said: number.value }) : bad(number.error)
  }
  if (typeof value !== 'string') return bad('Give a string, a number, true or false.')
  return quotedLiteral(value, isListed)
}

export const bad = (message: string): { readonly ok: false; readonly error: Objection } =>
  err({ reason: 'bad_value', message, suggestions: [] })

/** At most 15 digits: what a double keeps exactly. */
const isExactNumber = (text: string): boolean => NUMBER.test(text) && text.replace(/\D/g, '').length <= 15

const NUMBER = /^-?\d{1,15}(\.\d{1,10})?$/
const TRUTH = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['1', true],
  ['true', true],
  [false, false],
  [0, false],
  ['0', false],
  ['false', false],
])
