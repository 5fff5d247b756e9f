import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { DomainValue } from '../contract.ts'
import type { CompileContext } from './condition.ts'
import { compileCondition } from './condition.ts'
import { suggest } from './did-you-mean.ts'
import { isPlain, problem, resolveField, shown } from './fields.ts'
import { operatorOf } from './operators.ts'
import type { Condition, Criterion, Operator, QueryProblem } from './query.ts'

/** Other conditions that mean the same and can be asked; `reading` where they would not say it well. */
export interface Equivalent {
  readonly criterion: Criterion
  readonly reading: string | null
}

type Found = Result<Equivalent, QueryProblem> | null

/**
 * What OSLC has no comparison for, in terms of what it has: a point in time that is not, or is one of several, and the
 * internal value behind a status (`status_maxvalue`), which every synonym of it stands for. Null: ask it as it is.
 */
export const equivalentOf = (condition: Condition, path: string, context: CompileContext): Found => {
  const op = operatorOf(condition.op)
  if (op === 'ne' || op === 'in' || op === 'notin' || op === 'eq')
    return internalValues(condition, path, context) ?? instants(condition, path, context)
  return null
}

const instants = (condition: Condition, path: string, context: CompileContext): Found => {
  const ref = resolveField(condition.field, `${path}.field`, context)
  if (!ref.ok || ref.value.field?.kind !== 'datetime') return null
  const { field, value } = condition
  const values = instantsIn(condition)
  for (const each of values) {
    const checked = compileCondition({ field, op: 'eq', value: each }, path, context)
    if (!checked.ok) return checked
  }
  if (values.length === 0 || values.length > MAX_INSTANTS) return null
  const any =
    operatorOf(condition.op) === 'in'
      ? values.map((each) => ({ field, op: 'eq', value: each }))
      : ['lt', 'gt'].map((op) => ({ field, op, value }))
  return ok({ criterion: { any }, reading: null })
}

const instantsIn = ({ op, value }: Condition): readonly unknown[] => {
  if (operatorOf(op) === 'ne') return [value]
  return operatorOf(op) === 'in' && Array.isArray(value) ? (value as readonly unknown[]) : []
}

const internalValues = (condition: Condition, path: string, context: CompileContext): Found => {
  const name = condition.field.trim().toLowerCase()
  const base = name.slice(0, -INTERNAL.length)
  const domain = name.endsWith(INTERNAL) ? internalsOf(base, context) : null
  if (domain === null) return null
  const asked = Array.isArray(condition.value) ? (condition.value as readonly unknown[]) : [condition.value]
  const synonyms = new Set<string>()
  for (const internal of asked) {
    const values = synonymsOf(internal, domain)
    if (values.length === 0) return err(unknownInternal({ name, internal, path }, domain))
    for (const value of values) synonyms.add(value)
  }
  const isNot = NEGATIONS.has(operatorOf(condition.op))
  const said = asked.map(String).join(', ').toUpperCase()
  return ok({
    criterion: { field: base, op: isNot ? 'notin' : 'in', value: [...synonyms] },
    reading: `${base} ${isNot ? 'does not stand' : 'stands'} for ${said}`,
  })
}

/** The values of a field whose list has internal values; null: it has none, or we do not know. */
const internalsOf = (name: string, context: CompileContext): readonly DomainValue[] | null => {
  const ref = resolveField(name, '', context)
  const domainId = ref.ok ? ref.value.field?.domainId : null
  const domain = typeof domainId === 'string' ? context.extras.domain?.(domainId) : null
  return domain?.some(({ internal }) => internal !== null) === true ? domain : null
}

const synonymsOf = (internal: unknown, domain: readonly DomainValue[]): readonly string[] => {
  if (typeof internal !== 'string') return []
  const wanted = internal.toUpperCase()
  return domain.flatMap((each) => (each.internal?.toUpperCase() === wanted ? [each.value] : []))
}

const unknownInternal = (
  { name, internal, path }: { readonly name: string; readonly internal: unknown; readonly path: string },
  domain: readonly DomainValue[],
): QueryProblem => {
  const known = [...new Set(domain.flatMap((each) => each.internal ?? []))].filter(isPlain)
  const text = typeof internal === 'string' ? internal : ''
  return problem(
    'unknown_value',
    `${path}.value`,
    `${name} cannot be ${shown(text)}: its values are ${known.slice(0, 15).join(', ')}.`,
    suggest(text, known),
  )
}

const INTERNAL = '_maxvalue'
const MAX_INSTANTS = 20
const NEGATIONS: ReadonlySet<Operator | null> = new Set(['ne', 'notin'])
