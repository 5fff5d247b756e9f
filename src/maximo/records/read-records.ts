import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { MaximoCall, RecordPage } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import type { QueryProblem } from '../query/query.ts'
import type { ReadRequest, RowPage } from './ask-page.ts'
import { askPage } from './ask-page.ts'
import { readStable } from './read-stable.ts'
import { readUnion } from './read-union.ts'
import { toRecord } from './record.ts'
import type { Walks } from './walks.ts'

/** Runs a compiled query: one request for a page, or one per alternative and then the union of their rows. */
export const readRecords = async (
  request: ReadRequest,
  call: MaximoCall,
): Promise<Result<RecordPage, readonly QueryProblem[]>> => {
  const { union, queryStrings } = request.compiled
  const found =
    union === null ? await readOne(request, queryStrings, call) : await readUnion(request, union, call)
  return found.ok ? ok(toPage(request, found.value)) : err(found.error)
}

/** The same where Maximo keeps the answer. */
export const walkRecords = async (
  request: ReadRequest,
  walks: Walks,
  call: MaximoCall,
): Promise<Result<RecordPage, readonly QueryProblem[]>> => {
  const walked = await readStable(request, walks, call)
  return walked.ok ? ok(toPage(request, walked.value, walked.value.walk)) : walked
}

const readOne = async (
  request: ReadRequest,
  [queryString = '']: readonly string[],
  call: MaximoCall,
): Promise<Result<RowPage, readonly QueryProblem[]>> => {
  const { place } = request.compiled
  const { rows, total, nextPage } = await askPage(
    request,
    { queryString, page: place.keyset === null ? place.page : 1 },
    call,
  )
  const isAsked = request.query.count === true
  return ok({ rows, total: isAsked ? total : null, hasMore: nextPage !== null })
}

const toPage = (
  { session, query, compiled }: ReadRequest,
  page: RowPage,
  walk: string | null = null,
): RecordPage => {
  const shape = {
    base: session.base,
    objectStructure: query.objectStructure.toUpperCase(),
    aliases: compiled.select.aliases,
  }
  const last = lastNumber(compiled.place.keyset, page.rows, query.page?.after)
  const next = compiled.place.page + 1
  return {
    records: page.rows.map((row) => toRecord(row, shape)),
    // What is left from here on is not the total.
    total: last !== null && next > 2 ? null : page.total,
    next: page.hasMore
      ? { page: next, ...(last !== null && { after: last }), ...(walk !== null && { walk }) }
      : null,
    reading: compiled.reading,
    notes: compiled.notes,
  }
}

/**
 * The unique number of the last row, where pages follow each other by it.
 * @throws MaximoFault page_loop when the rows do not ascend from the place: following would repeat or leave out some
 */
const lastNumber = (keyset: string | null, rows: readonly JsonObject[], after = -1): number | null => {
  if (keyset === null) return null
  return rows.reduce((before, row) => {
    const number = row[keyset]
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number <= before)
      throw new MaximoFault('bad_upstream', { detail: 'page_loop' })
    return number
  }, after)
}
