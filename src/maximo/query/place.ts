import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { ObjectSchema } from '../schema/object-schema.ts'
import type { Comparison } from './clause.ts'
import { problem } from './fields.ts'
import type { Query, QueryProblem } from './query.ts'
import { MAX_PAGE_SIZE } from './query.ts'

/** Where a page starts. */
export interface Place {
  /** 1-based. */
  readonly page: number
  /** Keyset paging: the unique number by which pages follow each other; null: by page number. */
  readonly keyset: string | null
  /** Stable paging: Maximo keeps the answer; later pages are asked for by the cursor's walk. */
  readonly isStable: boolean
  /** What holds of every row from here on. */
  readonly clauses: readonly Comparison[]
}

/** Checks page size, cursor and kind of paging. */
export const placeOf = (query: Query, schema: ObjectSchema): Result<Place, readonly QueryProblem[]> => {
  const { pageSize, paging = 'page', page: cursor = { page: 1 } } = query
  const problems: QueryProblem[] = []
  if (!isWithin(pageSize, MAX_PAGE_SIZE))
    problems.push(problem('bad_value', 'pageSize', `A page has 1 to ${MAX_PAGE_SIZE} rows.`))
  if (!isWithin(cursor.page, MAX_PAGES) || !fits(cursor, paging)) problems.push(BAD_CURSOR)
  const keyset = paging === 'keyset' ? schema.uniqueId : null
  if (paging === 'keyset') problems.push(...keysetProblems(query, schema))
  if (problems.length > 0) return err(problems)
  const isStable = paging === 'stable'
  return ok({
    page: cursor.page,
    keyset,
    isStable,
    clauses: keyset === null ? [] : clausesAfter(keyset, cursor.after),
  })
}

/** Keyset paging remembers the last number seen, stable paging the walk; page numbers neither. */
const fits = (
  { page, after, walk }: NonNullable<Query['page']>,
  paging: NonNullable<Query['paging']>,
): boolean => {
  const isLater = page > 1
  const isAfterFit = isLater && paging === 'keyset' ? Number.isSafeInteger(after) : after === undefined
  return isAfterFit && (isLater && paging === 'stable') === (walk !== undefined)
}

const keysetProblems = ({ orderBy = [] }: Query, schema: ObjectSchema): readonly QueryProblem[] => {
  if (schema.uniqueId === null)
    return [
      problem('not_supported', 'paging', `${schema.resource} has no unique number that we know to page by.`),
    ]
  if (orderBy.length === 0) return []
  return [
    problem('not_supported', 'orderBy', `Keyset paging goes by ${schema.uniqueId}; leave the order out.`),
  ]
}

const clausesAfter = (attribute: string, after: number | undefined): readonly Comparison[] =>
  after === undefined ? [] : [{ attribute, operator: '>', literals: [String(after)] }]

const isWithin = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= most

const BAD_CURSOR = problem('bad_value', 'page', 'This is not a page cursor.')
/** Far above any sane walk; a cursor beyond it is not ours. */
const MAX_PAGES = 100_000
