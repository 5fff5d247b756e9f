import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { DomainValue } from '../contract.ts'
import { parseDay, parseInstant } from '../query/instant.ts'
import { inUtc, type InstantWriter } from '../query/instant-writer.ts'
import { inDomain, textFor } from '../query/values.ts'
import type { FieldSchema } from '../schema/object-schema.ts'
import type { FieldReason, WriteValue } from './contract.ts'
import { richText } from './rich-text.ts'

export interface ValueObjection {
  readonly reason: FieldReason
  readonly message: string
  readonly suggestions: readonly string[]
}

export interface ValueRules {
  /** Values the field can have; null: not known. */
  readonly domain: readonly DomainValue[] | null
  readonly writeInstant?: InstantWriter | undefined
}

type Checked = Result<WriteValue, ValueObjection>

/** One value as it goes into a payload: of the field's type, within its length, one of its domain. */
export const jsonFor = (value: unknown, field: FieldSchema, rules: ValueRules): Checked => {
  if (value === null)
    return field.isRequired ? objection('required', `${field.name} cannot be left empty.`) : ok(null)
  switch (field.kind) {
    case 'text':
      return textValue(value, field, rules)
    case 'integer':
    case 'number':
      return numberValue(value, field)
    case 'boolean':
      return typeof value === 'boolean' ? ok(value) : bad(`${field.name} is true or false.`)
    case 'datetime':
      return instantValue(value, field, rules.writeInstant ?? inUtc)
    case 'date':
      return typeof value === 'string' && parseDay(value) !== null
        ? ok(value)
        : bad(`${field.name} is a day: YYYY-MM-DD.`)
    case 'time':
      return typeof value === 'string' && TIME.test(value)
        ? ok(value)
        : bad(`${field.name} is a time of day: HH:MM or HH:MM:SS.`)
    case 'unknown':
      return plainValue(value)
  }
}

const textValue = (value: unknown, field: FieldSchema, { domain }: ValueRules): Checked => {
  const text = textFor(value, field)
  if (!text.ok) return bad(text.error.message)
  const wrong = textObjection(text.value, field)
  if (wrong !== null) return bad(wrong)
  const listed = inDomain(text.value, field, domain)
  if (!listed.ok) return err(listed.error)
  const stored = field.subType === 'LONGALN' ? richText(listed.value) : listed.value
  if (field.maxLength !== null && stored.length > field.maxLength)
    return objection('too_long', `${field.name} holds at most ${field.maxLength} characters.`)
  return ok(stored)
}

const textObjection = (text: string, { name, subType }: FieldSchema): string | null => {
  if (text === '') return `${name} is empty; give null to clear it.`
  if (subType === 'LONGALN' || subType === 'CLOB')
    return UNPRINTABLE.test(text) ? `${name} takes no control characters.` : null
  return NOT_ONE_LINE.test(text) ? `${name} is a single line.` : null
}

const numberValue = (value: unknown, field: FieldSchema): Checked => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return bad(`${field.name} holds a number.`)
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return bad('The number is too large to be exact.')
  return field.kind === 'integer' && !Number.isInteger(value)
    ? bad(`${field.name} holds a whole number.`)
    : ok(value)
}

const instantValue = (value: unknown, field: FieldSchema, write: InstantWriter): Checked => {
  const seconds = typeof value === 'string' ? parseInstant(value) : null
  if (seconds === null)
    return bad(`${field.name} is a point in time with its offset: 2026-05-01T08:00:00-04:00.`)
  const written = write(seconds)
  return written === null
    ? bad(`${field.name} names an hour that the clocks of this Maximo show twice.`)
    : ok(written)
}

/** The attribute's type is unknown to us: anything that is one value. */
const plainValue = (value: unknown): Checked =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value !== '' && !UNPRINTABLE.test(value))
    ? ok(value)
    : bad('Give a string, a number, true or false.')

const objection = (
  reason: FieldReason,
  message: string,
): { readonly ok: false; readonly error: ValueObjection } => err({ reason, message, suggestions: [] })

const bad = (message: string): { readonly ok: false; readonly error: ValueObjection } =>
  objection('bad_value', message)

const TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/
/** Controls but tab and line breaks, lone surrogates, noncharacters. */
const UNPRINTABLE = /[^\P{Cc}\t\n\r]|[\p{Cs}\uFFFE\uFFFF]/u
const NOT_ONE_LINE = /[\p{Cc}\p{Cs}\u2028\u2029\uFFFE\uFFFF]/u
