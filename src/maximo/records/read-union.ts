import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { MaximoCall } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import { textOf } from '../json.ts'
import type { Union } from '../query/compile.ts'
import { problem } from '../query/fields.ts'
import type { QueryProblem } from '../query/query.ts'
import type { SignedQuestion } from '../query/signed.ts'
import type { ReadRequest, RowPage } from './ask-page.ts'
import { askPage } from './ask-page.ts'
import { countOf } from './group-rows.ts'
import { inTurns } from './in-turns.ts'
import { comparator } from './order.ts'

/**
 * The first rows of every alternative, each record once (by its address), sorted here and cut to the page. That is the
 * page of the union, if all rows came or the order can be told from the rows alone; else it is refused: a part could
 * not be called the answer. The total is exact or null.
 */
export const readUnion = async (
  request: ReadRequest,
  union: Union,
  call: MaximoCall,
): Promise<Result<RowPage, readonly QueryProblem[]>> => {
  const { query, compiled } = request
  const { place, rows: asked } = compiled
  const pages = await Promise.all(
    compiled.queryStrings.map((queryString) => askPage(request, { queryString, page: 1 }, call)),
  )
  const isWhole = pages.every(({ nextPage, rows, total }) => nextPage === null && (total ?? 0) <= rows.length)
  if (!isWhole && !union.isComparable) return err([tooBroad(asked)])
  const merged = new Map<string, JsonObject>()
  for (const row of pages.flatMap(({ rows }) => rows)) merged.set(addressOf(row), row)
  const rows = [...merged.values()].sort(comparator(compiled.order))
  const end = place.keyset === null ? place.page * query.pageSize : query.pageSize
  const total = isWhole ? rows.length : await countUnion(request, union.counts, call)
  return ok({
    rows: rows.slice(end - query.pageSize, end),
    total,
    hasMore: end < rows.length || (!isWhole && (total === null || end < total)),
  })
}

const countUnion = async (
  { session, query: { objectStructure } }: ReadRequest,
  questions: readonly SignedQuestion[] | null,
  call: MaximoCall,
): Promise<number | null> => {
  if (questions === null) return null
  const segments = ['os', objectStructure.toLowerCase()]
  const counts = await inTurns(questions, async ({ queryString, sign }) => {
    return sign * countOf(await session.get({ segments, queryString, objectStructure }, call))
  })
  return counts.reduce((total, count) => total + count, 0)
}

const tooBroad = (rows: number): QueryProblem =>
  problem(
    'too_broad',
    'any',
    `One of the alternatives has more than ${rows} records, which cannot be put in this order here; ` +
      'narrow it, sort by numbers only, or ask for each by itself.',
  )

const addressOf = (row: JsonObject): string => {
  const href = textOf(row['href'])
  if (href === null) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  return href
}
