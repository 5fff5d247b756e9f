import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { FieldKind, ObjectSchema } from '../schema/object-schema.ts'
import type { CompileContext } from './condition.ts'
import { problem, resolveField } from './fields.ts'
import type { OrderTerm, Query, QueryProblem } from './query.ts'

export interface CompiledOrder {
  readonly field: string
  readonly kind: FieldKind
  readonly isDescending: boolean
  /** No record is without a value. */
  readonly isRequired: boolean
}

/**
 * The order asked for, and behind it what tells all records apart, since Maximo promises no order of its own: the key
 * or, where rows must be sorted here too, the unique number.
 */
export const compileOrder = (
  { orderBy = [], paging }: Query,
  context: CompileContext,
  isUnion: boolean,
): Result<readonly CompiledOrder[], readonly QueryProblem[]> => {
  const problems: QueryProblem[] = []
  const order: CompiledOrder[] = []
  orderBy.slice(0, MAX_ORDER).forEach((term, index) => {
    const compiled = compileTerm(term, `orderBy[${index}]`, context)
    if (!compiled.ok) problems.push(compiled.error)
    else if (!order.some(({ field }) => field === compiled.value.field)) order.push(compiled.value)
  })
  if (orderBy.length > MAX_ORDER)
    problems.push(problem('too_long', 'orderBy', `Sort by at most ${MAX_ORDER} fields.`))
  if (problems.length > 0) return err(problems)
  const { uniqueId, key } = context.schema
  const last = uniqueId !== null && (isUnion || paging === 'keyset') ? [uniqueId] : key
  const tieBreakers = last.filter((name) => !order.some(({ field }) => field === name))
  return ok([...order, ...tieBreakers.map((field) => tieBreaker(field, context.schema))])
}

/** Numbers and days that are always there sort the same way everywhere; texts go by the database's own alphabet. */
export const isComparable = (order: readonly CompiledOrder[]): boolean =>
  order.every(({ kind, isRequired }) => isRequired && COMPARABLE.has(kind))

export const orderReading = (order: readonly CompiledOrder[]): string =>
  order.length === 0
    ? ''
    : `, sorted by ${order.map(({ field, isDescending }) => (isDescending ? `${field} descending` : field)).join(', ')}`

const compileTerm = (
  { field: name, direction }: OrderTerm,
  path: string,
  context: CompileContext,
): Result<CompiledOrder, QueryProblem> => {
  const ref = resolveField(name, path, context)
  if (!ref.ok) return ref
  const { kind, label, field } = ref.value
  if (kind !== 'own' || !field.isPersistent)
    return err(
      problem(
        'not_sortable',
        path,
        `Maximo cannot sort by ${label}: only by stored fields of the object itself.`,
      ),
    )
  return ok({
    field: field.name,
    kind: field.kind,
    isDescending: direction === 'desc',
    isRequired: field.isRequired || field.name === context.schema.uniqueId,
  })
}

const tieBreaker = (field: string, schema: ObjectSchema): CompiledOrder => ({
  field,
  kind: schema.fields.get(field)?.kind ?? 'text',
  isDescending: false,
  isRequired: true,
})

const COMPARABLE: ReadonlySet<FieldKind> = new Set(['integer', 'number', 'boolean', 'date'])
const MAX_ORDER = 5
