import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { FieldKind, ObjectSchema } from '../schema/object-schema.ts'
import type { CompileContext } from './condition.ts'
import type { CompileExtras } from './fields.ts'
import { problem, resolveField } from './fields.ts'
import type { CompiledFilter } from './filter.ts'
import { compileFilter } from './filter.ts'
import { groupParameters } from './group.ts'
import type { Parameter } from './parameters.ts'
import { MAX_QUERY_STRING, renderParameters } from './parameters.ts'
import type { GroupQuery, OrderTerm, Query, QueryProblem, Select } from './query.ts'
import { MAX_PAGE_SIZE } from './query.ts'
import type { CompiledSelect } from './select.ts'
import { compileSelect } from './select.ts'

export interface CompiledQuery {
  /** One query string per alternative that must be asked on its own; almost always one. */
  readonly queryStrings: readonly string[]
  readonly select: CompiledSelect
  readonly order: readonly CompiledOrder[]
  readonly reading: string
  readonly notes: readonly string[]
}

export interface CompiledOrder {
  readonly field: string
  readonly kind: FieldKind
  readonly isDescending: boolean
}

/**
 * A query against a schema: query strings that ask exactly that, or everything that is wrong with it.
 * Pure. Several query strings mean: the answer is the union of their rows, each record once.
 */
export const compileQuery = (
  query: Query,
  schema: ObjectSchema,
  extras: CompileExtras = {},
): Result<CompiledQuery, readonly QueryProblem[]> => {
  const context: CompileContext = { schema, extras }
  const filter = compileFilter(query, context)
  const select = compileSelect(query.select, context)
  const order = compileOrder(query.orderBy ?? [], context)
  const paging = checkPaging(query)
  if (!filter.ok || !select.ok || !order.ok || paging.length > 0)
    return err([...problemsOf(filter), ...problemsOf(select), ...problemsOf(order), ...paging])
  const isUnion = filter.value.wheres.length > 1
  const shared = [
    ...selectParameters(select.value, isUnion ? order.value : []),
    ...orderParameters(order.value),
    ...pageParameters(query, isUnion),
  ]
  const queryStrings = filter.value.wheres.map((where) =>
    renderParameters([...filterParameters(filter.value, where), ...shared]),
  )
  if (queryStrings.some((text) => text.length > MAX_QUERY_STRING)) return err([tooLong()])
  const { reading, notes } = filter.value
  return ok({
    queryStrings,
    select: select.value,
    order: order.value,
    reading: `${schema.resource}: ${reading}${orderReading(order.value)}`,
    notes,
  })
}

export interface CompiledMember {
  readonly queryString: string
  readonly select: CompiledSelect
}

/** What to return of one record asked for by its id. */
export const compileMember = (
  select: Select,
  schema: ObjectSchema,
  extras: CompileExtras = {},
): Result<CompiledMember, readonly QueryProblem[]> => {
  const compiled = compileSelect(select, { schema, extras })
  if (!compiled.ok) return compiled
  const queryString = renderParameters(selectParameters(compiled.value, []))
  if (queryString.length > MAX_QUERY_STRING) return err([tooLong()])
  return ok({ queryString, select: compiled.value })
}

export interface CompiledGroups {
  readonly queryString: string
  readonly reading: string
  readonly notes: readonly string[]
}

/** Groups over all matching rows. Alternatives beside conditions that must hold are refused: groups cannot be merged. */
export const compileGroups = (
  query: GroupQuery,
  schema: ObjectSchema,
  extras: CompileExtras = {},
): Result<CompiledGroups, readonly QueryProblem[]> => {
  const context: CompileContext = { schema, extras }
  const filter = compileFilter(query, context)
  const groups = groupParameters(query, context)
  if (!filter.ok || !groups.ok) return err([...problemsOf(filter), ...problemsOf(groups)])
  if (filter.value.wheres.length > 1)
    return err([
      problem(
        'not_supported',
        'any',
        'Groups cannot be computed over alternatives beside conditions that must hold; ask for each alternative by itself.',
      ),
    ])
  const [where = null] = filter.value.wheres
  const queryString = renderParameters([...filterParameters(filter.value, where), ...groups.value.parameters])
  if (queryString.length > MAX_QUERY_STRING) return err([tooLong()])
  return ok({
    queryString,
    reading: `${schema.resource}: ${groups.value.reading} over ${filter.value.reading}`,
    notes: filter.value.notes,
  })
}

/** Rows fetched per alternative when several must be merged; what has more is refused as too broad. */
export const UNION_CAP = 500

const filterParameters = (filter: CompiledFilter, where: string | null): readonly Parameter[] => [
  ...(where === null ? [] : [['oslc.where', where] as const]),
  ...(filter.isOr ? [['opmodeor', '1'] as const] : []),
  ...(filter.search === null
    ? []
    : [
        ['searchAttributes', filter.search.attributes] as const,
        ['oslc.searchTerms', filter.search.terms] as const,
      ]),
]

const selectParameters = (
  { tokens, needsInternalValues }: CompiledSelect,
  alsoNeeded: readonly CompiledOrder[],
): readonly Parameter[] => {
  // A union is sorted here, so what it is sorted by must come along.
  const whole = [...new Set([...tokens, ...alsoNeeded.map(({ field }) => field)])].join(',')
  return [
    ['ignorecollectionref', '1'],
    ...(whole === '' ? [] : [['oslc.select', whole] as const]),
    ...(needsInternalValues ? [['internalvalues', '1'] as const] : []),
  ]
}

const pageParameters = (query: Query, isUnion: boolean): readonly Parameter[] => {
  if (isUnion)
    return [
      ['oslc.pageSize', String(UNION_CAP)],
      ['collectioncount', '1'],
    ]
  const page = query.page?.page ?? 1
  return [
    ['oslc.pageSize', String(query.pageSize)],
    ...(page > 1 ? [['pageno', String(page)] as const] : []),
    ...(query.count === true ? [['collectioncount', '1'] as const] : []),
  ]
}

/** Each field needs a sign (`+` arrives as `%2B`); the key comes last, since Maximo promises no order of its own. */
const orderParameters = (order: readonly CompiledOrder[]): readonly Parameter[] =>
  order.length === 0
    ? []
    : [
        [
          'oslc.orderBy',
          order.map(({ field, isDescending }) => `${isDescending ? '-' : '+'}${field}`).join(','),
        ],
      ]

const compileOrder = (
  terms: readonly OrderTerm[],
  context: CompileContext,
): Result<readonly CompiledOrder[], readonly QueryProblem[]> => {
  const problems: QueryProblem[] = []
  const order: CompiledOrder[] = []
  terms.slice(0, MAX_ORDER).forEach(({ field: name, direction }, index) => {
    const ref = resolveField(name, `orderBy[${index}]`, context)
    if (!ref.ok) problems.push(ref.error)
    else if (ref.value.kind !== 'own' || !ref.value.field.isPersistent)
      problems.push(
        problem(
          'not_sortable',
          `orderBy[${index}]`,
          `Maximo cannot sort by ${ref.value.label}: only by stored fields of the object itself.`,
        ),
      )
    else if (!order.some(({ field }) => field === ref.value.wire))
      order.push({ field: ref.value.wire, kind: ref.value.field.kind, isDescending: direction === 'desc' })
  })
  if (terms.length > MAX_ORDER)
    problems.push(problem('too_long', 'orderBy', `Sort by at most ${MAX_ORDER} fields.`))
  if (problems.length > 0) return err(problems)
  const tieBreakers = context.schema.key.filter((name) => !order.some(({ field }) => field === name))
  return ok([...order, ...tieBreakers.map((field) => keyOrder(field, context.schema))])
}

const keyOrder = (field: string, schema: ObjectSchema): CompiledOrder => ({
  field,
  kind: schema.fields.get(field)?.kind ?? 'text',
  isDescending: false,
})

const checkPaging = ({ pageSize, page }: Query): readonly QueryProblem[] => [
  ...(Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= MAX_PAGE_SIZE
    ? []
    : [problem('bad_value', 'pageSize', `A page has 1 to ${MAX_PAGE_SIZE} rows.`)]),
  ...(page === undefined || (Number.isInteger(page.page) && page.page >= 1 && page.page <= MAX_PAGES)
    ? []
    : [problem('bad_value', 'page', 'This is not a page cursor.')]),
]

const orderReading = (order: readonly CompiledOrder[]): string =>
  order.length === 0
    ? ''
    : `, sorted by ${order.map(({ field, isDescending }) => (isDescending ? `${field} descending` : field)).join(', ')}`

const problemsOf = (result: Result<unknown, readonly QueryProblem[]>): readonly QueryProblem[] =>
  result.ok ? [] : result.error

const tooLong = (): QueryProblem =>
  problem('too_long', 'all', 'The query is too long for an address; ask with fewer values or fields.')

const MAX_ORDER = 5
/** Far above any sane walk; a cursor beyond it is not ours. */
const MAX_PAGES = 100_000
