import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoClient, RecordPage } from '../../../maximo/contract.ts'
import type { Query } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { MAX_EXPORT_ROWS } from '../../exports/exports.ts'
import { offerExport } from '../../exports/offer.ts'
import { originOf } from '../result/as-of.ts'
import type { Place, Question } from '../run/cursors.ts'
import type { Format } from '../query/inputs.ts'
import { fitRows, tableText, type Cells, type Fitted } from '../result/answer-text.ts'
import { untrustedColumns } from '../result/columns.ts'
import { cellsOf } from '../result/readable.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ResourceLink, ToolAnswer, ToolContext } from '../tool.ts'
import { queryProblem } from './problems.ts'

/** The arguments that say where to start, and with which question. */
export interface Start {
  readonly tool: string
  /** Every argument that decides which rows there are, in which order and with which columns. */
  readonly question: unknown
  readonly limit: number
  readonly cursor: string | undefined
}

export interface Started {
  readonly place: Place
  readonly question: Question
}

/** The first row, or where the cursor of the same question left off. */
export async function startReading(
  start: Start,
  { admitted, cursors, clock }: ToolContext,
): Promise<Result<Started, ToolProblem>> {
  const { subject, environment } = admitted.caller.facts
  const question = { subject, environment, tool: start.tool, query: start.question }
  const first = { page: 1, skip: 0, pageSize: start.limit, atMs: clock.nowMs() }
  if (start.cursor === undefined) return ok({ place: first, question })
  const place = await cursors.open(start.cursor, question)
  return place.ok ? ok({ place: place.value, question }) : place
}

/** Which of the rows. */
export type Part = Pick<Query, 'page' | 'pageSize'>

export interface PageRequest {
  readonly started: Started
  readonly schema: ObjectSchema
  readonly query: Omit<Query, 'page' | 'pageSize'>
  /** What is asked instead of the query, where its answer must be fresh. */
  readonly ask?: (part: Part) => ReturnType<MaximoClient['query']>
  readonly columns: readonly string[]
  readonly format: Format
  readonly maxTokens: number
  readonly site: string | null
  readonly notes: readonly string[]
  /** Why there may be no rows at all: a name that does not exist is better refused than answered with nothing. */
  readonly explainNothing?: () => Promise<ToolProblem | null>
}

/** One page of rows: from Maximo, cut to the budget, with a cursor that continues exactly behind the last row shown. */
export async function readPage(
  request: PageRequest,
  context: ToolContext,
): Promise<Result<ToolAnswer, ToolProblem>> {
  const { place, question } = request.started
  const { page, skip, pageSize } = place
  const part = { pageSize, page: { page } }
  const found = await (request.ask?.(part) ??
    context.maximo.query({ ...request.query, ...part }, context.call))
  if (!found.ok) return err(queryProblem(found.error, request.query.objectStructure))
  const problem = await explained(request, found.value)
  if (problem !== null) return err(problem)
  const cells = cellsOf(request.columns)
  const rows = found.value.records.slice(skip).map(({ values }) => cells(values))
  const fitted = fitRows(rows, request.columns, request)
  if (fitted.isCut && fitted.returned === 0) return err(ROW_TOO_LARGE)
  const next = nextPlace(place, fitted, found.value)
  const cursor = next === null ? null : await context.cursors.seal(next, question)
  const whole = fitted.isCut && isFirst(place) ? await offerExport(request, context) : null
  return ok(answer({ request, context, page: found.value, place, rows, fitted, cursor, whole }))
}

const isFirst = ({ page, skip }: Place): boolean => page === 1 && skip === 0

const explained = async (
  { started, explainNothing }: PageRequest,
  { records }: RecordPage,
): Promise<ToolProblem | null> =>
  started.place.page === 1 && records.length === 0 ? ((await explainNothing?.()) ?? null) : null

const ROW_TOO_LARGE: ToolProblem = {
  kind: 'too_large',
  what: 'Not even one row fits into max_tokens.',
  why: null,
  next: 'Ask for fewer fields (select) or give a larger max_tokens.',
}

/** Behind the last row shown: within this page when it was cut, else the page after, else nowhere. */
function nextPlace(place: Place, fitted: Fitted, page: RecordPage): Place | null {
  if (fitted.isCut) return { ...place, skip: place.skip + fitted.returned }
  return page.next === null ? null : { ...place, page: page.next.page, skip: 0 }
}

interface Shown {
  readonly request: PageRequest
  readonly context: ToolContext
  readonly page: RecordPage
  readonly place: Place
  readonly rows: readonly Cells[]
  readonly fitted: Fitted
  readonly cursor: string | null
  /** All rows as a resource. */
  readonly whole: ResourceLink | null
}

function answer(shown: Shown): ToolAnswer {
  const { request, context, page, place, fitted, cursor, whole } = shown
  const { returned } = fitted
  const isWhole = isFirst(place) && cursor === null
  const notes = notesOf(shown)
  const untrusted = untrustedColumns(request.columns, request.schema)
  const envelope = {
    ...originOf(context),
    ...(request.site !== null && { site: request.site }),
    reading: page.reading,
    returned,
    // All rows in one answer are a total that needs no second question.
    total: page.total ?? (isWhole ? returned : null),
    complete: isWhole,
    cursor,
    ...(whole !== null && { export: whole.uri }),
    ...(notes.length > 0 && { notes }),
    ...(untrusted.length > 0 && { untrusted }),
  }
  return {
    text: tableText(envelope, request.columns, fitted, request.format),
    ...(whole !== null && { links: [whole] }),
    recordCount: returned,
  }
}

const notesOf = ({ request, page, place, rows, fitted, cursor, whole }: Shown): readonly string[] => {
  const { returned, isCut } = fitted
  const before = (place.page - 1) * place.pageSize + place.skip
  const cut = `Cut to fit max_tokens=${request.maxTokens}: ${returned} of ${rows.length} rows; the cursor continues with the next row`
  const all = whole === null ? '.' : `, the resource at "export" has all, up to ${MAX_EXPORT_ROWS}.`
  return [
    ...[...request.notes, ...page.notes, ...placeNotes(before, returned, cursor)],
    ...(isCut ? [cut + all] : []),
  ]
}

/** A later page is never "complete" by itself: it says which rows it holds, and whether it is the last one. */
function placeNotes(before: number, returned: number, cursor: string | null): readonly string[] {
  if (before === 0) return []
  const rows = `Rows ${before + 1} to ${before + returned}`
  return [cursor === null ? `${rows}: the last page.` : `${rows}.`]
}
