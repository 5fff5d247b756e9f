import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { MaximoCall, RecordPage } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import { textOf } from '../json.ts'
import type { CompiledQuery } from '../query/compile.ts'
import { UNION_CAP } from '../query/compile.ts'
import { problem } from '../query/fields.ts'
import type { Query, QueryProblem } from '../query/query.ts'
import type { ObjectSchema } from '../schema/object-schema.ts'
import type { MaximoSession } from '../session.ts'
import { comparator } from './order.ts'
import type { Page } from './page.ts'
import { readPage } from './page.ts'
import { toRecord } from './record.ts'

export interface ReadRequest {
  readonly session: MaximoSession
  readonly schema: ObjectSchema
  readonly query: Query
  readonly compiled: CompiledQuery
}

/** Runs a compiled query: one request for a page, or one per alternative and then the union of their rows. */
export const readRecords = async (
  request: ReadRequest,
  call: MaximoCall,
): Promise<Result<RecordPage, readonly QueryProblem[]>> => {
  const [only, ...others] = request.compiled.queryStrings
  if (only === undefined) throw new Error('a compiled query asks nothing')
  if (others.length > 0) return readUnion(request, call)
  const { query } = request
  const page = await readOne(request, only, { page: query.page?.page ?? 1, pageSize: query.pageSize }, call)
  const total = query.count === true ? page.total : null
  return ok(toPage(request, { rows: page.rows, total, nextPage: page.nextPage }))
}

/**
 * All rows of every alternative, each record once (by its address), sorted here, then cut to the page. The total is
 * exact. Alternatives with more rows than fit are refused: a part of them could not be called the answer.
 */
const readUnion = async (
  request: ReadRequest,
  call: MaximoCall,
): Promise<Result<RecordPage, readonly QueryProblem[]>> => {
  const { query, compiled, schema } = request
  const pages = await Promise.all(
    compiled.queryStrings.map((text) => readOne(request, text, { page: 1, pageSize: UNION_CAP }, call)),
  )
  if (pages.some(({ nextPage, rows, total }) => nextPage !== null || (total ?? rows.length) > rows.length))
    return err([
      problem(
        'too_broad',
        'any',
        `One of the alternatives has more than ${UNION_CAP} records; narrow it, or ask for each by itself.`,
      ),
    ])
  const merged = new Map<string, JsonObject>()
  for (const row of pages.flatMap(({ rows }) => rows)) merged.set(addressOf(row), row)
  const rows = [...merged.values()].sort(comparator(compiled.order))
  const page = query.page?.page ?? 1
  const end = page * query.pageSize
  return ok(
    toPage(
      { query, compiled, schema, session: request.session },
      {
        rows: rows.slice(end - query.pageSize, end),
        total: rows.length,
        nextPage: end < rows.length ? page + 1 : null,
      },
    ),
  )
}

const readOne = async (
  { session, query }: ReadRequest,
  queryString: string,
  asked: { readonly page: number; readonly pageSize: number },
  call: MaximoCall,
): Promise<Page> => {
  const { objectStructure } = query
  const segments = ['os', objectStructure.toLowerCase()]
  const body = await session.get({ segments, queryString, objectStructure }, call)
  return readPage(body, { base: session.base, ...asked })
}

const toPage = ({ session, query, compiled }: ReadRequest, page: Page): RecordPage => {
  const shape = {
    base: session.base,
    objectStructure: query.objectStructure.toUpperCase(),
    aliases: compiled.select.aliases,
  }
  return {
    records: page.rows.map((row) => toRecord(row, shape)),
    total: page.total,
    next: page.nextPage === null ? null : { page: page.nextPage },
    reading: compiled.reading,
    notes: compiled.notes,
  }
}

const addressOf = (row: JsonObject): string => {
  const href = textOf(row['href'])
  if (href === null) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  return href
}
