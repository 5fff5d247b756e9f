import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { ObjectSchema } from '../schema/object-schema.ts'
import type { CompileContext } from './condition.ts'
import type { CompileExtras } from './fields.ts'
import { problem } from './fields.ts'
import type { CompiledFilter } from './filter.ts'
import { compileFilter } from './filter.ts'
import type { CompiledOrder } from './order.ts'
import { compileOrder, isComparable, orderReading } from './order.ts'
import { MAX_QUERY_STRING, renderParameters } from './parameters.ts'
import type { Place } from './place.ts'
import { placeOf } from './place.ts'
import type { Query, QueryProblem, Select } from './query.ts'
import { ROWS_AT_ONCE } from './query.ts'
import { countParameters, filterParameters, orderParameters, selectParameters } from './request-parameters.ts'
import type { CompiledSelect } from './select.ts'
import { compileSelect } from './select.ts'
import type { SignedQuestion } from './signed.ts'
import { signedQuestions } from './signed.ts'

export interface CompiledQuery {
  /** One query string per alternative that must be asked on its own; almost always one. */
  readonly queryStrings: readonly string[]
  readonly select: CompiledSelect
  readonly order: readonly CompiledOrder[]
  readonly place: Place
  /** Rows per page of each query string. */
  readonly rows: number
  /** How to put several alternatives together; null for one. */
  readonly union: Union | null
  readonly reading: string
  readonly notes: readonly string[]
}

export interface Union {
  /** Of each alternative: rows that the page can be made of, and rows read to have it whole. */
  readonly needed: number
  readonly most: number
  /** The order can be told from the rows alone: then the first rows of the union are among the first of each. */
  readonly isComparable: boolean
  /** Counts whose signed sum is the exact total; null: not asked for, or more than is decent. */
  readonly counts: readonly SignedQuestion[] | null
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
  const place = placeOf(query, schema)
  const filter = compileFilter(query, context, place.ok ? place.value.clauses : [])
  const isUnion = filter.ok && filter.value.wheres.length > 1
  const select = compileSelect(query.select, context)
  const order = compileOrder(query, context, isUnion)
  if (!place.ok || !filter.ok || !select.ok || !order.ok)
    return err([filter, select, order, place].flatMap(problemsOf))
  const compiled = { filter: filter.value, select: select.value, order: order.value, place: place.value }
  return isUnion ? compileUnion(query, schema, compiled) : compileSingle(query, schema, compiled)
}

interface Parts {
  readonly filter: CompiledFilter
  readonly select: CompiledSelect
  readonly order: readonly CompiledOrder[]
  readonly place: Place
}

const compileSingle = (
  query: Query,
  schema: ObjectSchema,
  { filter, select, order, place }: Parts,
): Result<CompiledQuery, readonly QueryProblem[]> => {
  const [where = null] = filter.wheres
  const isPaged = place.keyset === null && place.page > 1
  const queryString = renderParameters([
    ...filterParameters(filter, where),
    ...selectParameters(select, place.keyset === null ? [] : order),
    ...orderParameters(order),
    ['oslc.pageSize', String(query.pageSize)],
    ...(isPaged ? [['pageno', String(place.page)] as const] : []),
    ...(place.isStable ? [['stablepaging', '1'] as const] : []),
    ...(query.count === true ? [['collectioncount', '1'] as const] : []),
  ])
  if (queryString.length > MAX_QUERY_STRING) return err([TOO_LONG])
  const reading = readingOf(schema, filter, order)
  const { notes } = filter
  return ok({
    queryStrings: [queryString],
    select,
    order,
    place,
    rows: query.pageSize,
    union: null,
    reading,
    notes,
  })
}

/** The first rows are asked of each alternative, page after page, and put together by whoever runs it. */
const compileUnion = (
  query: Query,
  schema: ObjectSchema,
  { filter, select, order, place }: Parts,
): Result<CompiledQuery, readonly QueryProblem[]> => {
  const end = place.keyset === null ? place.page * query.pageSize : query.pageSize
  if (place.isStable) return err([NOT_KEPT])
  if (end > MAX_UNION_ROWS) return err([TOO_DEEP])
  const most = place.keyset === null ? Math.max(end, UNION_CAP) : end
  const rows = Math.min(most, ROWS_AT_ONCE)
  const shared = [
    ...selectParameters(select, order),
    ...orderParameters(order),
    ['oslc.pageSize', String(rows)] as const,
    ['collectioncount', '1'] as const,
  ]
  const queryStrings = filter.wheres.map((where) =>
    renderParameters([...filterParameters(filter, where), ...shared]),
  )
  if (queryStrings.some((text) => text.length > MAX_QUERY_STRING)) return err([TOO_LONG])
  const isCounted = query.count === true && (place.keyset === null || place.page === 1)
  const counts = isCounted ? signedQuestions(filter, countParameters) : null
  const union = { needed: end, most, isComparable: isComparable(order), counts }
  const reading = readingOf(schema, filter, order)
  const { notes } = filter
  return ok({ queryStrings, select, order, place, rows, union, reading, notes })
}

const readingOf = (schema: ObjectSchema, filter: CompiledFilter, order: readonly CompiledOrder[]): string =>
  `${schema.resource}: ${filter.reading}${orderReading(order)}`

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
  if (queryString.length > MAX_QUERY_STRING) return err([TOO_LONG])
  return ok({ queryString, select: compiled.value })
}

const problemsOf = (result: Result<unknown, readonly QueryProblem[]>): readonly QueryProblem[] =>
  result.ok ? [] : result.error

/** Rows fetched per alternative when several must be merged, so that most unions are whole. */
const UNION_CAP = 500
const MAX_UNION_ROWS = 1000

const NOT_KEPT = problem(
  'not_supported',
  'paging',
  'Alternatives are several queries, put together here: Maximo keeps no one answer to page through.',
)
export const TOO_LONG = problem(
  'too_long',
  'all',
  'The query is too long for an address; ask with fewer values or fields.',
)
const TOO_DEEP = problem(
  'too_broad',
  'page',
  `Alternatives are put together here, for the first ${MAX_UNION_ROWS} records: narrow them.`,
)
