import type { Result } from '../../kernel/result.ts'
import type { RecordPage } from '../contract.ts'
import type { Query, QueryProblem } from '../query/query.ts'

type Asked = Result<RecordPage, readonly QueryProblem[]>

/**
 * Every page of a query, one at a time: nothing is kept of those before. What may change meanwhile without harm is what
 * {@link Query.paging} says. Ends with the last page, or with the first that was refused.
 */
export async function* pagesOf(query: Query, ask: (query: Query) => Promise<Asked>): AsyncGenerator<Asked> {
  let next: Query['page'] | null = query.page ?? { page: 1 }
  while (next !== null) {
    const page = await ask({ ...query, page: next })
    yield page
    next = page.ok ? page.value.next : null
  }
}
