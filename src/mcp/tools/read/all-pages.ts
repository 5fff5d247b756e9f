import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { Query } from '../../../maximo/query/query.ts'
import type { ToolProblem } from '../tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { queryProblem } from './problems.ts'

export interface AllRecords {
  readonly records: readonly MaximoRecord[]
  /** False: there are more than were read. */
  readonly isComplete: boolean
}

/** Every record of a query, page by page, for what is computed here; at most `atMost`. */
export async function allPages(
  query: Query,
  atMost: number,
  { maximo, call }: ToolContext,
): Promise<Result<AllRecords, ToolProblem>> {
  const records: MaximoRecord[] = []
  for await (const page of maximo.pages(query, call)) {
    if (!page.ok) return err(queryProblem(page.error, query.objectStructure))
    records.push(...page.value.records)
    if (page.value.next === null) break
    if (records.length >= atMost) return ok({ records: records.slice(0, atMost), isComplete: false })
  }
  return ok({ records, isComplete: true })
}
