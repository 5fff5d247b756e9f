import { err, ok, type Result } from '../../../kernel/result.ts'
import type { RecordPage } from '../../../maximo/contract.ts'
import type { Query } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { Place, Question } from '../cursors.ts'
import type { Format } from '../inputs.ts'
import { fitRows, instantText, tableText, type Cells, type Fitted } from '../result/answer-text.ts'
import { untrustedColumns } from '../result/columns.ts'
import type { ToolProblem } from '../tool-problem.ts'
import type { ToolAnswer, ToolContext } from '../tool.ts'
import { queryProblem } from './problems.ts'

export interface PageRequest {
  readonly tool: string
  readonly schema: ObjectSchema
  /** Without page and page size: the cursor or `limit` give them. */
  readonly query: Omit<Query, 'page' | 'pageSize'>
  readonly columns: readonly string[]
  readonly limit: number
  readonly cursor: string | undefined
  readonly format: Format
  readonly maxTokens: number
  readonly site: string | null
  readonly notes: readonly string[]
}

/** One page of rows: from Maximo, cut to the budget, with a cursor that continues exactly behind the last row shown. */
export async function readPage(
  request: PageRequest,
  context: ToolContext,
): Promise<Result<ToolAnswer, ToolProblem>> {
  const question = questionOf(request, context)
  const place = await placeOf(request, question, context)
  if (!place.ok) return place
  const { page, skip, pageSize } = place.value

  const found = await context.maximo.query({ ...request.query, pageSize, page: { page } }, context.call)
  if (!found.ok) return err(queryProblem(found.error, request.query.objectStructure))

  const rows = found.value.records
    .slice(skip)
    .map(({ values }) => request.columns.map((name) => values[name]))
  const fitted = fitRows(rows, request.columns, request)
  if (fitted.isCut && fitted.lines.length === 0) return err(ROW_TOO_LARGE)
  const next = nextPlace(place.value, fitted, found.value)
  const cursor = next === null ? null : await context.cursors.seal(next, question)
  return ok(answer({ request, context, page: found.value, place: place.value, rows, fitted, cursor }))
}

const ROW_TOO_LARGE: ToolProblem = {
  kind: 'too_large',
  what: 'Not even one row fits into max_tokens.',
  why: null,
  next: 'Ask for fewer fields (select) or give a larger max_tokens.',
}

/** What must not change between pages. Columns belong to it: a cursor must not open other fields. */
const questionOf = ({ tool, query, columns }: PageRequest, { admitted }: ToolContext): Question => ({
  subject: admitted.caller.facts.subject,
  environment: admitted.caller.facts.environment,
  tool,
  query: [query.objectStructure, query.all, query.any, query.search, query.orderBy, columns],
})

async function placeOf(
  request: PageRequest,
  question: Question,
  { cursors }: ToolContext,
): Promise<Result<Place, ToolProblem>> {
  if (request.cursor === undefined) return ok({ page: 1, skip: 0, pageSize: request.limit })
  return cursors.open(request.cursor, question)
}

/** Behind the last row shown: within this page when it was cut, else the page after, else nowhere. */
function nextPlace(place: Place, fitted: Fitted, page: RecordPage): Place | null {
  if (fitted.isCut) return { ...place, skip: place.skip + fitted.lines.length }
  return page.next === null ? null : { page: page.next.page, skip: 0, pageSize: place.pageSize }
}

interface Shown {
  readonly request: PageRequest
  readonly context: ToolContext
  readonly page: RecordPage
  readonly place: Place
  readonly rows: readonly Cells[]
  readonly fitted: Fitted
  readonly cursor: string | null
}

function answer({ request, context, page, place, rows, fitted, cursor }: Shown): ToolAnswer {
  const returned = fitted.lines.length
  const before = (place.page - 1) * place.pageSize + place.skip
  const isWhole = before === 0 && cursor === null
  const notes = [...request.notes, ...page.notes, ...placeNotes(before, returned, cursor)]
  if (fitted.isCut)
    notes.push(
      `Cut to fit max_tokens=${request.maxTokens}: ${returned} of ${rows.length} rows; the cursor continues with the next row.`,
    )
  const untrusted = untrustedColumns(request.columns, request.schema)
  const envelope = {
    env: context.environment.host,
    env_id: context.environment.id,
    as_of: instantText(context.clock.nowMs()),
    ...(request.site !== null && { site: request.site }),
    reading: page.reading,
    returned,
    // All rows in one answer are a total that needs no second question.
    total: page.total ?? (isWhole ? returned : null),
    complete: isWhole,
    cursor,
    ...(notes.length > 0 && { notes }),
    ...(untrusted.length > 0 && { untrusted }),
  }
  return { text: tableText(envelope, request.columns, fitted.lines, request.format), recordCount: returned }
}

/** A later page is never "complete" by itself: it says which rows it holds, and whether it is the last one. */
function placeNotes(before: number, returned: number, cursor: string | null): readonly string[] {
  if (before === 0) return []
  const rows = `Rows ${before + 1} to ${before + returned}`
  return [cursor === null ? `${rows}: the last page.` : `${rows}.`]
}
