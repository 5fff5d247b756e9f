import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { RecordPage } from '../../../maximo/contract.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import {
  DEFAULT_EXPORT_ROWS,
  EXPORT_FORMATS,
  MAX_EXPORT_ROWS,
  type Export,
  type ExportWish,
} from '../../exports/exports.ts'
import { EXPORT_TOOL, exportLink } from '../../exports/offer.ts'
import { originOf } from '../result/as-of.ts'
import { filters, match, objectName, select, site } from './inputs.ts'
import { filterOf } from './query-records.ts'
import { findSchema } from '../read/object-schema.ts'
import { queryProblem } from '../read/problems.ts'
import { chooseSite, unknownSite, type SiteChoice } from '../read/site.ts'
import { instantText } from '../result/answer-text.ts'
import { compactColumns, untrustedColumns } from '../result/columns.ts'
import { plainOutput } from '../result/outputs.ts'
import { visibleJson } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, READS_MAXIMO, type ToolAnswer, type ToolContext } from '../tool.ts'

export const exportRecords = defineTool({
  name: EXPORT_TOOL,
  title: 'Export records',
  description:
    'Address of a resource with all rows of a query as CSV or JSON lines, for the same questions as query_records.',
  toolset: 'query',
  isOnRequest: true,
  ...READS_MAXIMO,
  costUnits: 5,
  input: z.strictObject({
    object: objectName,
    filters,
    match,
    site,
    select: select.describe('default: a compact set'),
    format: z.enum(EXPORT_FORMATS).default('csv'),
    max_rows: z.int().min(1).max(MAX_EXPORT_ROWS).default(DEFAULT_EXPORT_ROWS),
  }),
  output: plainOutput,
  async run(asked, context) {
    const found = await findSchema(asked.object, context)
    if (!found.ok) return found
    const schema = found.value
    const filtered = (asked.filters ?? []).map(({ field }) => field)
    const where = await chooseSite(asked.site, { schema, filtered }, context)
    const filter = filterOf(asked)
    const columns = asked.select?.map((name) => name.trim().toLowerCase()) ?? compactColumns(schema)
    const query = {
      objectStructure: schema.resource,
      ...filter,
      all: [...(filter.all ?? []), ...where.conditions],
      select: { fields: columns },
    }
    const first = await firstRow(query, { schema, site: asked.site }, context)
    if (!first.ok) return first
    const kept = await keep({ query, columns, format: asked.format, maxRows: asked.max_rows }, context)
    return kept.ok ? ok(answer({ kept: kept.value, first: first.value, schema, where }, context)) : kept
  },
})

/** One row says whether the question can be asked, how it is read, and how many rows there are. */
async function firstRow(
  query: ExportWish['query'],
  { schema, site: asked }: { readonly schema: ObjectSchema; readonly site: string | undefined },
  context: ToolContext,
): Promise<Result<RecordPage, ToolProblem>> {
  const first = await context.maximo.query({ ...query, pageSize: 1, count: true }, context.call)
  if (!first.ok) return err(queryProblem(first.error, schema.resource))
  const problem = first.value.records.length === 0 ? await unknownSite(asked, schema, context) : null
  return problem === null ? ok(first.value) : err(problem)
}

interface Kept {
  readonly kept: Export
  readonly first: RecordPage
  readonly schema: ObjectSchema
  readonly where: SiteChoice
}

function answer({ kept, first, schema, where }: Kept, context: ToolContext): ToolAnswer {
  const link = exportLink(kept)
  const { reading, total, notes } = first
  const head = {
    ...originOf(context),
    ...(where.site !== null && { site: where.site }),
    ...{ reading, total, export: link.uri, format: kept.format, cols: kept.columns },
    max_rows: kept.maxRows,
    expires: instantText(kept.endsMs),
    untrusted: untrustedColumns(kept.columns, schema),
    notes: [...where.notes, ...notes, HOW, ...orderNotes(schema.uniqueId)],
  }
  return { text: visibleJson(head), links: [link], recordCount: 0 }
}

const HOW =
  'Read the resource at "export" (resources/read): each part names the next. The rows are read from Maximo then, with the rights of this connection.'

const orderNotes = (uniqueId: string | null): readonly string[] =>
  uniqueId === null
    ? ['Pages follow by number: rows that are inserted or deleted meanwhile can shift others.']
    : []

async function keep(wish: ExportWish, context: ToolContext): Promise<Result<Export, ToolProblem>> {
  const kept = await context.exports.keep(wish, context.admitted.caller.facts)
  if (kept === 'full') return err(FULL)
  return kept === 'too_large' ? err(TOO_LONG) : ok(kept)
}

const FULL: ToolProblem = {
  kind: 'rate_limited',
  what: 'This connection has asked for too many exports.',
  why: null,
  next: 'Read those that there are, or wait half an hour.',
}

const TOO_LONG: ToolProblem = {
  kind: 'too_large',
  what: 'The question of this export is too long.',
  why: null,
  next: 'Use shorter lists of values or fewer filters.',
}
