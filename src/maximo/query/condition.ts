import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { DomainValue } from '../contract.ts'
import type { FieldSchema, ObjectSchema } from '../schema/object-schema.ts'
import type { ComparedCondition, Comparison, Meaning } from './clause.ts'
import { equalityClause } from './clause.ts'
import { dateClauses } from './date-clauses.ts'
import type { CompileExtras, FieldRef } from './fields.ts'
import { problem, resolveField } from './fields.ts'
import { inUtc } from './instant-writer.ts'
import { operatorOf, unknownOperator } from './operators.ts'
import { quotePart, quotePattern } from './literal.ts'
import type { Condition, Operator, QueryProblem } from './query.ts'
import type { Objection } from './values.ts'
import { bad, literalFor, textFor } from './values.ts'

export interface CompileContext {
  readonly schema: ObjectSchema
  readonly extras: CompileExtras
}

/** Checks one condition against the schema and turns it into clauses that together mean exactly that. */
export const compileCondition = (
  condition: Condition,
  path: string,
  context: CompileContext,
): Result<ComparedCondition, QueryProblem> => {
  const op = operatorOf(condition.op)
  if (op === null) return err(unknownOperator(condition.op, path))
  const ref = resolveField(condition.field, `${path}.field`, context)
  if (!ref.ok) return ref
  const { field } = ref.value
  if (field !== null && !field.isPersistent)
    return err(
      problem(
        'not_filterable',
        `${path}.field`,
        `${ref.value.label} is calculated by Maximo: it can be shown, not filtered.`,
      ),
    )
  const compiled = clausesFor({
    op,
    value: condition.value,
    ref: ref.value,
    domain: domainOf(field, context),
    context,
  })
  if (!compiled.ok) {
    const { reason, message, suggestions } = compiled.error
    return err(problem(reason, `${path}.value`, message, suggestions))
  }
  const { literals, ...meaning } = compiled.value
  return ok({
    ref: ref.value,
    ...meaning,
    equals: literals === undefined ? null : { ref: ref.value, literals },
  })
}

interface Asked {
  readonly op: Operator
  readonly value: unknown
  readonly ref: FieldRef
  readonly domain: readonly DomainValue[] | null
  readonly context: CompileContext
}

const clausesFor = (asked: Asked): Result<Meaning, Objection> => {
  const { op, ref } = asked
  if (op === 'null' || op === 'notnull') return ok(presence(op, ref))
  const { field } = ref
  if (field?.kind === 'datetime' || field?.kind === 'date')
    return dateClauses({ ...asked, field, writeInstant: asked.context.extras.writeInstant ?? inUtc })
  if (field?.kind === 'time')
    return bad(`${ref.label} holds a time of day; only null and notnull are possible.`)
  return CLAUSES[op](asked)
}

/** `="*"` is IS NOT NULL and `!="*"` is IS NULL (REST guide, filtering). */
const presence = (op: 'null' | 'notnull', { wire, label }: FieldRef): Meaning => ({
  clauses: [{ attribute: wire, operator: op === 'null' ? '!=' : '=', literals: ['"*"'] }],
  reading: op === 'null' ? `${label} is empty` : `${label} is set`,
})

const comparison = (
  { value, ref, domain }: Asked,
  op: 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le',
): Result<Meaning, Objection> => {
  if (ref.field?.kind === 'boolean' && op !== 'eq' && op !== 'ne')
    return bad(`${ref.label} is true or false: use eq or ne.`)
  const literal = literalFor(value, {
    field: ref.field,
    domain: op === 'eq' || op === 'ne' ? domain : null,
    isListed: op === 'eq',
  })
  if (!literal.ok) return literal
  const { operator, said } = COMPARISONS[op]
  const literals = [literal.value.literal]
  return ok({
    clauses: [op === 'eq' ? equalityClause(ref.wire, literals) : { attribute: ref.wire, operator, literals }],
    reading: `${ref.label} ${said} ${literal.value.said}`,
    ...(op === 'eq' && { literals }),
  })
}

const listClauses = ({ op, value, ref, domain }: Asked): Result<Meaning, Objection> => {
  if (!Array.isArray(value) || value.length === 0) return bad(`${op} takes a list of values.`)
  if (value.length > MAX_LIST) return bad(`${op} takes at most ${MAX_LIST} values.`)
  const literals: string[] = []
  for (const item of value as readonly unknown[]) {
    const literal = literalFor(item, { field: ref.field, domain, isListed: op === 'in' })
    if (!literal.ok) return literal
    if (!literals.includes(literal.value.literal)) literals.push(literal.value.literal)
  }
  const said = literals.join(', ')
  if (op === 'in')
    return ok({
      clauses: [equalityClause(ref.wire, literals)],
      reading: `${ref.label} is ${literals.length > 1 ? 'one of ' : ''}${said}`,
      literals,
    })
  // One `!=` per value: `!="[A,B]"` exists for text only and has no way to hold a comma.
  return ok({
    clauses: literals.map((literal): Comparison => ({
      attribute: ref.wire,
      operator: '!=',
      literals: [literal],
    })),
    reading: `${ref.label} is not ${literals.length > 1 ? 'one of ' : ''}${said}`,
  })
}

const rangeClauses = ({ value, ref }: Asked): Result<Meaning, Objection> => {
  if (!Array.isArray(value) || value.length !== 2) return bad('between takes two values: lowest and highest.')
  const [lowest, highest] = value as readonly unknown[]
  if (ref.field?.kind === 'boolean') return bad(`${ref.label} is true or false: use eq or ne.`)
  const request = { field: ref.field, domain: null, isListed: false }
  const from = literalFor(lowest, request)
  if (!from.ok) return from
  const to = literalFor(highest, request)
  if (!to.ok) return to
  return ok({
    clauses: [
      { attribute: ref.wire, operator: '>=', literals: [from.value.literal] },
      { attribute: ref.wire, operator: '<=', literals: [to.value.literal] },
    ],
    reading: `${ref.label} is between ${from.value.said} and ${to.value.said}`,
  })
}

const patternClauses = (
  { value, ref }: Asked,
  op: 'like' | 'contains' | 'starts' | 'ends',
): Result<Meaning, Objection> => {
  const { field } = ref
  if (field !== null && field.kind !== 'text') return bad(`${op} works on text; ${ref.label} is none.`)
  if (typeof value !== 'string') return bad(`${op} takes a text.`)
  const text = field === null ? ok(value) : textFor(value, field)
  if (!text.ok) return text
  const pattern = patternFor(op, text.value)
  if (!pattern.ok) return bad(pattern.error)
  return ok({
    clauses: [{ attribute: ref.wire, operator: '=', literals: [pattern.value] }],
    reading: `${ref.label} ${PATTERN_WORDS[op]} "${text.value}"`,
  })
}

const patternFor = (op: 'like' | 'contains' | 'starts' | 'ends', text: string): Result<string, string> => {
  switch (op) {
    case 'like':
      return quotePattern(text)
    case 'contains':
      return quotePart(text, '%', '%')
    case 'starts':
      return quotePart(text, '', '%')
    case 'ends':
      return quotePart(text, '%', '')
  }
}

const domainOf = (field: FieldSchema | null, { extras }: CompileContext): readonly DomainValue[] | null =>
  field?.domainId === null || field === null ? null : (extras.domain?.(field.domainId) ?? null)

const MAX_LIST = 250
const CLAUSES: Record<Exclude<Operator, 'null' | 'notnull'>, (asked: Asked) => Result<Meaning, Objection>> = {
  eq: (asked) => comparison(asked, 'eq'),
  ne: (asked) => comparison(asked, 'ne'),
  gt: (asked) => comparison(asked, 'gt'),
  ge: (asked) => comparison(asked, 'ge'),
  lt: (asked) => comparison(asked, 'lt'),
  le: (asked) => comparison(asked, 'le'),
  in: (asked) => listClauses(asked),
  notin: (asked) => listClauses(asked),
  like: (asked) => patternClauses(asked, 'like'),
  contains: (asked) => patternClauses(asked, 'contains'),
  starts: (asked) => patternClauses(asked, 'starts'),
  ends: (asked) => patternClauses(asked, 'ends'),
  between: (asked) => rangeClauses(asked),
}
const COMPARISONS = {
  eq: { operator: '=', said: 'is' },
  ne: { operator: '!=', said: 'is not' },
  gt: { operator: '>', said: 'is more than' },
  ge: { operator: '>=', said: 'is at least' },
  lt: { operator: '<', said: 'is less than' },
  le: { operator: '<=', said: 'is at most' },
} as const
const PATTERN_WORDS = {
  like: 'is like',
  contains: 'contains',
  starts: 'starts with',
  ends: 'ends with',
} as const
