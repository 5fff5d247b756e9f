import type { MaximoCall } from '../contract.ts'
import type { JsonObject } from '../json.ts'
import type { CompiledQuery } from '../query/compile.ts'
import type { Query } from '../query/query.ts'
import type { MaximoSession } from '../session.ts'
import type { Page } from './page.ts'
import { readPage } from './page.ts'

export interface ReadRequest {
  readonly session: MaximoSession
  readonly query: Query
  readonly compiled: CompiledQuery
}

/** The rows of one page, before they become records. */
export interface RowPage {
  readonly rows: readonly JsonObject[]
  readonly total: number | null
  readonly hasMore: boolean
}

/** One page of one query string. @throws MaximoFault */
export const askPage = async (
  { session, query, compiled }: ReadRequest,
  { queryString, page }: { readonly queryString: string; readonly page: number },
  call: MaximoCall,
): Promise<Page> => {
  const { objectStructure } = query
  const segments = ['os', objectStructure.toLowerCase()]
  const body = await session.get({ segments, queryString, objectStructure }, call)
  return readPage(body, { base: session.base, page, pageSize: compiled.rows })
}
