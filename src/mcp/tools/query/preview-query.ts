import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { QueryPreview } from '../../../maximo/contract.ts'
import type { Condition, Filter } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { originOf } from '../result/as-of.ts'
import { DEFAULT_LIMIT, filters, match, objectName, site } from './inputs.ts'
import { filterOf } from './query-records.ts'
import { readQuestion, type ReadQuestion } from '../preview/read-question.ts'
import { warningsOf } from '../preview/warnings.ts'
import { findSchema } from '../read/object-schema.ts'
import { queryProblem } from '../read/problems.ts'
import { chooseSite, unknownSite } from '../read/site.ts'
import { compactColumns } from '../result/columns.ts'
import { plainOutput } from '../result/outputs.ts'
import { visibleJson } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolAnswer, type ToolContext, READS_MAXIMO } from '../tool.ts'

const input = z.strictObject({
  question: z.string().min(3).max(400).optional().describe('e.g. "overdue work orders at Bedford"'),
  object: objectName.optional(),
  filters,
  match,
  site,
})
type Input = z.output<typeof input>

export const previewQuery = defineTool({
  name: 'preview_query',
  title: 'Preview a query',
  description:
    'What a plain question, or filters on an object, ask of Maximo: the compiled query, its reading, the number of rows and warnings, without reading a record. Also says which words it did not understand, and the call that runs it.',
  toolset: 'query',
  ...READS_MAXIMO,
  namesObject: true,
  input,
  output: plainOutput,
  async run(asked, context) {
    const wanted =
      asked.question === undefined ? await explicit(asked, context) : await spoken(asked, context)
    return wanted.ok ? preview(wanted.value, context) : wanted
  },
})

/** A query, however it was asked for. */
interface Wanted {
  readonly schema: ObjectSchema
  readonly filters: readonly Condition[]
  readonly match: 'all' | 'any'
  readonly site: string | undefined
  readonly question: ReadQuestion | null
}

async function explicit(asked: Input, context: ToolContext): Promise<Result<Wanted, ToolProblem>> {
  if (asked.object === undefined) return err(NOTHING_ASKED)
  const found = await findSchema(asked.object, context)
  if (!found.ok) return found
  const { filters: conditions = [], match: rule, site: at } = asked
  return ok({ schema: found.value, filters: conditions, match: rule, site: at, question: null })
}

async function spoken(asked: Input, context: ToolContext): Promise<Result<Wanted, ToolProblem>> {
  if (asked.match === 'any') return err(ANY_BESIDE_QUESTION)
  const read = await readQuestion(asked.question ?? '', asked.object, context)
  if (!read.ok) return read
  const { schema, conditions, site: at } = read.value
  return ok({
    schema,
    filters: [...conditions, ...(asked.filters ?? [])],
    match: 'all',
    site: asked.site ?? at,
    question: read.value,
  })
}

const NOTHING_ASKED: ToolProblem = {
  kind: 'invalid_input',
  what: 'There is nothing to preview.',
  why: null,
  next: 'Give a question in plain words, or an object with filters.',
}
const ANY_BESIDE_QUESTION: ToolProblem = {
  kind: 'invalid_input',
  what: 'A question and "match": "any" do not go together.',
  why: 'What the question says must hold besides the filters.',
  next: 'Leave out match, or ask by object and filters alone.',
}

async function preview(wanted: Wanted, context: ToolContext): Promise<Result<ToolAnswer, ToolProblem>> {
  const { schema, question } = wanted
  const named = wanted.filters.map(({ field }) => field)
  const where = await chooseSite(wanted.site, { schema, filtered: named }, context)
  const chosen = filterOf({ filters: [...wanted.filters], match: wanted.match })
  const filter: Filter = { ...chosen, all: [...(chosen.all ?? []), ...where.conditions] }
  const compiled = await context.maximo.preview(
    {
      objectStructure: schema.resource,
      ...filter,
      select: { fields: compactColumns(schema) },
      pageSize: DEFAULT_LIMIT,
    },
    context.call,
  )
  if (!compiled.ok) return err(queryProblem(compiled.error, schema.resource))
  const rows = await countOf(schema, filter, context)
  if (!rows.ok) return rows
  if (rows.value === 0) {
    const problem = await unknownSite(wanted.site, schema, context)
    if (problem !== null) return err(problem)
  }
  const warnings = [
    ...where.notes,
    ...compiled.value.notes,
    ...warningsOf({
      schema,
      filters: wanted.filters,
      rows: rows.value,
      notUnderstood: question?.notUnderstood ?? [],
    }),
  ]
  return ok(
    answerOf({ wanted, site: where.site, rows: rows.value, compiled: compiled.value, warnings }, context),
  )
}

/** Maximo counts; no record is read. */
async function countOf(
  { resource }: ObjectSchema,
  filter: Filter,
  { maximo, call }: ToolContext,
): Promise<Result<number | null, ToolProblem>> {
  const counted = await maximo.aggregate(
    { objectStructure: resource, ...filter, groupBy: [], metrics: [{ kind: 'count' }], limit: 1 },
    call,
  )
  if (!counted.ok) return err(queryProblem(counted.error, resource))
  const count = counted.value.groups[0]?.metrics['count']
  return ok(typeof count === 'number' ? count : null)
}

interface Previewed {
  readonly wanted: Wanted
  readonly site: string | null
  readonly rows: number | null
  readonly compiled: QueryPreview
  readonly warnings: readonly string[]
}

function answerOf(
  { wanted, site: at, rows, compiled, warnings }: Previewed,
  context: ToolContext,
): ToolAnswer {
  const { question, schema } = wanted
  const text = visibleJson({
    ...originOf(context),
    object: schema.resource.toLowerCase(),
    ...(at !== null && { site: at }),
    reading: compiled.reading,
    rows,
    ...(question !== null && {
      understood: question.understood,
      not_understood: question.notUnderstood,
    }),
    warnings,
    requests: compiled.requests,
    run: callOf(wanted),
  })
  return { text, recordCount: 0 }
}

/** The call that answers what was previewed. */
function callOf({ schema, filters: conditions, match: rule, site: at, question }: Wanted): object {
  const common = {
    object: schema.resource.toLowerCase(),
    filters: conditions,
    ...(rule === 'any' && { match: rule }),
    ...(at !== undefined && { site: at }),
  }
  const groupBy = question?.groupBy ?? null
  return groupBy === null
    ? { tool: 'query_records', arguments: common }
    : { tool: 'aggregate_records', arguments: { ...common, group_by: groupBy, metrics: ['count'] } }
}
