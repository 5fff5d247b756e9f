import type { Result } from '../../kernel/result.ts'
import { ok } from '../../kernel/result.ts'
import type { FieldSchema } from '../schema/object-schema.ts'
import type { Comparison, Meaning } from './clause.ts'
import { equalityClause } from './clause.ts'
import type { FieldRef } from './fields.ts'
import type { CalendarDay } from './instant.ts'
import { epochDays, nextDay, parseDay, parseInstant, renderDay } from './instant.ts'
import type { InstantWriter } from './instant-writer.ts'
import { inUtc } from './instant-writer.ts'
import type { Operator } from './query.ts'
import type { Objection } from './values.ts'
import { bad } from './values.ts'

interface AskedDate {
  readonly op: Operator
  readonly value: unknown
  readonly ref: FieldRef
  readonly field: FieldSchema
  readonly writeInstant: InstantWriter
}

/** A stretch of time: from `start` to before `end`, as quoted literals; `order` compares two starts of one kind. */
interface Span {
  readonly kind: 'day' | 'instant'
  readonly start: string
  readonly end: string
  readonly said: string
  readonly order: number
}

/**
 * Dates and instants. Maximo keeps fractions of a second but shows whole ones, so an instant is the second that
 * starts there; a day on a date-and-time field is that whole day in the server's own zone. `eq` is "within it",
 * `gt` "after it", `le` "until its end".
 */
export const dateClauses = (asked: AskedDate): Result<Meaning, Objection> => {
  const { op, value, ref } = asked
  switch (op) {
    case 'eq':
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return simple(asked, op)
    case 'between':
      return between(asked)
    case 'ne':
    case 'in':
    case 'notin':
      return listed(asked, op)
    case 'like':
    case 'contains':
    case 'starts':
    case 'ends':
      return bad(`${op} works on text; ${ref.label} is a date.`)
    case 'null':
    case 'notnull':
      return bad(`${op} takes no value${value === undefined ? '' : ' here'}.`)
  }
}

const simple = (
  { value, ref, field, writeInstant }: AskedDate,
  op: 'eq' | 'gt' | 'ge' | 'lt' | 'le',
): Result<Meaning, Objection> => {
  const span = spanOf(value, field, writeInstant)
  if (!span.ok) return span
  return ok({
    clauses: spanClauses(ref.wire, op, { span: span.value, isDay: field.kind === 'date' }),
    reading: `${ref.label} ${WORDS[op][span.value.kind]} ${span.value.said}`,
  })
}

/** Days of a date-only field. An instant is a stretch of time, so its list is a matter of alternatives, not of clauses. */
const listed = ({ value, ref, field }: AskedDate, op: 'ne' | 'in' | 'notin'): Result<Meaning, Objection> => {
  if (field.kind !== 'date') return bad(`${ref.label} is a point in time: use lt and gt instead of ${op}.`)
  const days = dayLiterals(op === 'ne' ? [value] : value, field)
  if (!days.ok) return days
  const literals = days.value
  const said = `${literals.length > 1 ? 'one of ' : ''}${literals.join(', ').replaceAll('"', '')}`
  if (op === 'in') {
    const clauses = [equalityClause(ref.wire, literals)]
    return ok({ clauses, reading: `${ref.label} is ${said}`, literals })
  }
  const clauses = literals.map((literal): Comparison => ({
    attribute: ref.wire,
    operator: '!=',
    literals: [literal],
  }))
  return ok({ clauses, reading: `${ref.label} is not ${said}` })
}

const dayLiterals = (value: unknown, field: FieldSchema): Result<readonly string[], Objection> => {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_DAYS)
    return bad(`${field.name} takes a list of one to ${MAX_DAYS} days.`)
  const literals = new Set<string>()
  for (const item of value as readonly unknown[]) {
    const span = spanOf(item, field, inUtc)
    if (!span.ok) return span
    literals.add(span.value.start)
  }
  return ok([...literals])
}

const between = ({ value, ref, field, writeInstant }: AskedDate): Result<Meaning, Objection> => {
  if (!Array.isArray(value) || value.length !== 2) return bad('between takes two values: first and last.')
  const [first, last] = value as readonly unknown[]
  const from = spanOf(first, field, writeInstant)
  if (!from.ok) return from
  const to = spanOf(last, field, writeInstant)
  if (!to.ok) return to
  if (from.value.kind === to.value.kind && from.value.order > to.value.order)
    return bad('between takes the earlier value first.')
  const isDay = field.kind === 'date'
  return ok({
    clauses: [
      ...spanClauses(ref.wire, 'ge', { span: from.value, isDay }),
      ...spanClauses(ref.wire, 'le', { span: to.value, isDay }),
    ],
    reading: `${ref.label} is from ${from.value.said} to ${to.value.said}`,
  })
}

/** On a date-only field a day is one value; elsewhere it is a stretch with an end of its own. */
const spanClauses = (
  attribute: string,
  op: 'eq' | 'gt' | 'ge' | 'lt' | 'le',
  { span, isDay }: { readonly span: Span; readonly isDay: boolean },
): readonly Comparison[] => {
  const clause = (operator: Comparison['operator'], literal: string): Comparison => ({
    attribute,
    operator,
    literals: [literal],
  })
  switch (op) {
    case 'eq':
      return isDay ? [clause('=', span.start)] : [clause('>=', span.start), clause('<', span.end)]
    case 'gt':
      return isDay ? [clause('>', span.start)] : [clause('>=', span.end)]
    case 'ge':
      return [clause('>=', span.start)]
    case 'lt':
      return [clause('<', span.start)]
    case 'le':
      return isDay ? [clause('<=', span.start)] : [clause('<', span.end)]
  }
}

const spanOf = (value: unknown, field: FieldSchema, writeInstant: InstantWriter): Result<Span, Objection> => {
  if (typeof value !== 'string') return bad(`${field.name} takes a date: 2026-05-01 or 2026-05-01T08:00:00Z.`)
  const day = parseDay(value)
  if (day !== null) return ok(daySpan(day))
  if (field.kind === 'date') return bad(`${field.name} holds days: write 2026-05-01.`)
  const seconds = parseInstant(value)
  if (seconds === null)
    return bad(
      `${field.name} takes a day (2026-05-01) or an instant with its offset (2026-05-01T08:00:00+02:00).`,
    )
  const [start, end] = [writeInstant(seconds), writeInstant(seconds + 1)]
  if (start === null || end === null)
    return bad(
      'Clocks show this moment twice there, and this Maximo takes no offset: ask for an earlier or later one.',
    )
  return ok({ kind: 'instant', start: `"${start}"`, end: `"${end}"`, said: start, order: seconds })
}

const daySpan = (day: CalendarDay): Span => ({
  kind: 'day',
  start: `"${renderDay(day)}"`,
  end: `"${renderDay(nextDay(day))}"`,
  said: renderDay(day),
  order: epochDays(day),
})

const WORDS = {
  eq: { day: 'is on', instant: 'is' },
  gt: { day: 'is after', instant: 'is after' },
  ge: { day: 'is on or after', instant: 'is at or after' },
  lt: { day: 'is before', instant: 'is before' },
  le: { day: 'is on or before', instant: 'is at or before' },
} as const
const MAX_DAYS = 100
