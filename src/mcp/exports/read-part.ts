import { err, ok, type Result } from '../../kernel/result.ts'
import type { RecordPage } from '../../maximo/contract.ts'
import { MaximoFault } from '../../maximo/fault.ts'
import { type PageCursor, type Query, type QueryProblem, ROWS_AT_ONCE } from '../../maximo/query/query.ts'
import type { ObjectSchema } from '../../maximo/schema/object-schema.ts'
import { queryProblem } from '../tools/read/problems.ts'
import { namedRow } from '../tools/result/answer-text.ts'
import { csvLine } from '../tools/result/csv.ts'
import { cellsOf } from '../tools/result/readable.ts'
import { visibleJson } from '../tools/result/visible.ts'
import type { ToolProblem } from '../tools/problem/tool-problem.ts'
import type { ToolContext } from '../tools/tool.ts'
import type { Export } from './exports.ts'

/** Where a part begins. */
export interface PartStart {
  readonly page: PageCursor
  /** Rows of the parts before. */
  readonly given: number
  /** Of all rows, as it was when the first part was read; null where Maximo does not say. */
  readonly total: number | null
}

export const FIRST_PART: PartStart = { page: { page: 1 }, given: 0, total: null }

/** Some rows of an export as lines of text. */
export interface Part {
  readonly text: string
  readonly rows: number
  readonly total: number | null
  /** Where the next part begins; null: this is the last. */
  readonly next: PartStart | null
  /** The export ended before the rows did. */
  readonly isCut: boolean
  readonly notes: readonly string[]
}

/** A part ends with the page that goes beyond one of these. A page of Maximo has 4 MiB at most. */
const PART_BYTES = 2 * 1024 * 1024
const PART_MS = 15_000
/**
 * Rows of a page where pages follow each other by a number, so that their size may change on the way: as many as most
 * Maximos give at once, as many as every one allows, and fewer for rows that are large.
 */
const KEYSET_ROWS = [500, ROWS_AT_ONCE, 20]

/** Reads rows from a place on, page by page; of each page only its lines are kept. */
export async function readPart(
  asked: Export,
  start: PartStart,
  { schema, context }: { readonly schema: ObjectSchema; readonly context: ToolContext },
): Promise<Result<Part, ToolProblem>> {
  const { clock } = context
  const untilMs = clock.monotonicMs() + PART_MS
  const ask = pagesOf(asked.query, schema, context)
  const lines = linesOf(asked, start)
  let notes: readonly string[] = []
  let step: Step = { reached: start, isLast: false, isCut: false }
  do {
    const page = await ask(step.reached.page)
    if (!page.ok) return err(queryProblem(page.error, asked.query.objectStructure))
    if (step.reached.given === 0) notes = page.value.notes
    step = take(page.value, step.reached, { maxRows: asked.maxRows, lines })
  } while (!step.isLast && lines.bytes < PART_BYTES && clock.monotonicMs() < untilMs)
  const { reached, isLast, isCut } = step
  const rows = reached.given - start.given
  return ok({ text: lines.text(), rows, total: reached.total, next: isLast ? null : reached, isCut, notes })
}

interface Step {
  readonly reached: PartStart
  readonly isLast: boolean
  readonly isCut: boolean
}

function take(
  { records, next, total }: RecordPage,
  reached: PartStart,
  { maxRows, lines }: { readonly maxRows: number; readonly lines: Lines },
): Step {
  const room = maxRows - reached.given
  for (const { values } of records.slice(0, room)) lines.add(values)
  const given = reached.given + Math.min(records.length, room)
  const isCut = records.length > room || (next !== null && records.length === room)
  return {
    reached: { page: next ?? reached.page, given, total: reached.given === 0 ? total : reached.total },
    isLast: next === null || isCut,
    isCut,
  }
}

type Asked = Promise<Result<RecordPage, readonly QueryProblem[]>>

/**
 * By the object's own unique number where it is known: then each record comes exactly once, whatever is inserted or
 * deleted meanwhile. The order that was asked for is left out for it.
 */
function pagesOf(
  query: Export['query'],
  { uniqueId }: ObjectSchema,
  { maximo, call }: ToolContext,
): (from: PageCursor) => Asked {
  const { orderBy = [], ...unordered } = query
  const common = (page: PageCursor): Query => ({
    ...unordered,
    ...(uniqueId === null ? { orderBy } : { paging: 'keyset' as const }),
    ...{ page, pageSize: ROWS_AT_ONCE, count: page.page === 1 },
  })
  let sizes = uniqueId === null ? [ROWS_AT_ONCE] : KEYSET_ROWS
  return async function ask(from) {
    const [pageSize = ROWS_AT_ONCE, ...smaller] = sizes
    try {
      return await maximo.query({ ...common(from), pageSize }, call)
    } catch (error) {
      if (smaller.length === 0 || !(error instanceof MaximoFault) || !MAY_BE_SIZE.has(error.kind)) throw error
      sizes = smaller
      return ask(from)
    }
  }
}

/** What is said of pages that are too large, among other things. */
const MAY_BE_SIZE: ReadonlySet<string> = new Set(['too_large', 'invalid_query'])

type Values = Readonly<Record<string, unknown>>

/** What was written so far. */
interface Lines {
  readonly bytes: number
  add(values: Values): void
  text(): string
}

function linesOf({ columns, format }: Export, { given }: PartStart): Lines {
  const cells = cellsOf(columns)
  const lineOf =
    format === 'csv'
      ? (values: Values) => csvLine(cells(values))
      : (values: Values) => visibleJson(namedRow(cells(values), columns))
  const lines = given === 0 && format === 'csv' ? [csvLine(columns)] : []
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    add(values) {
      const line = lineOf(values)
      bytes += Buffer.byteLength(line) + 1
      lines.push(line)
    },
    text: () => lines.map((line) => `${line}\n`).join(''),
  }
}
