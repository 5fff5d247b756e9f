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
import type { FirstRows } from './first-rows.ts'
import { readFirstRows } from './first-rows.ts'
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
  const { needed: end } = union
  const parts = await Promise.all(
    compiled.queryStrings.map((queryString) => readPart(request, { queryString, union }, call)),
  )
  const isWhole = parts.every((part) => part.isWhole)
  if (!isWhole && !union.isComparable) return err([tooBroad(union.most)])
  const merged = new Map<string, JsonObject>()
  for (const row of parts.flatMap(({ rows }) => rows)) merged.set(addressOf(row), row)
  const rows = [...merged.values()].sort(comparator(compiled.order))
  const total = isWhole ? rows.length : await countUnion(request, union.counts, call)
  return ok({
    rows: rows.slice(end - query.pageSize, end),
    total,
    hasMore: end < rows.length || (!isWhole && (total === null || end < total)),
  })
}

/** Once it is known that not all will come, no more than the page needs; none for an order that is not ours to tell. */
const readPart = (
  request: ReadRequest,
  { queryString, union }: { readonly queryString: string; readonly union: Union },
  call: MaximoCall,
): Promise<FirstRows> => {
  const { needed, most, isComparable } = union
  const enough = isComparable ? needed : 0
  return readFirstRows(
    (page) => {
      const asked = page === 1 ? queryString : `${queryString}&pageno=${page}`
      return askPage(request, { queryString: asked, page }, call)
    },
    (total) => (total !== null && total > most ? enough : most),
  )
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
