import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import { type Query, ROWS_AT_ONCE } from '../../../maximo/query/query.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { queryProblem } from './problems.ts'

/** A question without its pages: how they are cut is decided here, by what every Maximo allows. */
export type WholeQuery = Omit<Query, 'pageSize' | 'page'>

export interface AllRecords {
  readonly records: readonly MaximoRecord[]
  /** False: there are more than were read. */
  readonly isComplete: boolean
  /** Of all there are; null: there are more than were read, and nobody counted them. */
  readonly total: number | null
}

/** Every record of a query, page by page, for what is computed here; at most `atMost`. */
export async function allPages(
  question: WholeQuery,
  atMost: number,
  { maximo, call, progress }: Pick<ToolContext, 'call' | 'maximo' | 'progress'>,
): Promise<Result<AllRecords, ToolProblem>> {
  const query = { ...question, pageSize: ROWS_AT_ONCE }
  const records: MaximoRecord[] = []
  let total: number | null = null
  for await (const page of maximo.pages(query, call)) {
    if (!page.ok) return err(queryProblem(page.error, query.objectStructure))
    records.push(...page.value.records)
    total ??= page.value.total
    if (page.value.next === null) break
    if (records.length >= atMost) return ok({ records: records.slice(0, atMost), isComplete: false, total })
    progress.read(page.value.records.length)
  }
  return ok({ records, isComplete: true, total: records.length })
}
