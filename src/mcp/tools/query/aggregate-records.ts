import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { GroupPage, GroupRow } from '../../../maximo/contract.ts'
import type { Metric } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { originOf } from '../result/as-of.ts'
import { DEFAULT_TOKENS, filters, match, objectName, site } from './inputs.ts'
import { filterOf } from './query-records.ts'
import { findSchema } from '../read/object-schema.ts'
import { queryProblem } from '../read/problems.ts'
import { chooseSite, unknownSite, type SiteChoice } from '../read/site.ts'
import { fitRows, tableText } from '../result/answer-text.ts'
import { untrustedColumns } from '../result/columns.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { tableOutput } from '../result/outputs.ts'
import { defineTool, type ToolAnswer, type ToolContext, READS_MAXIMO } from '../tool.ts'

const METRIC = /^(?:count|(?:sum|avg|min|max):[A-Za-z_][A-Za-z0-9_]{0,63})$/

const input = z.strictObject({
  object: objectName,
  filters,
  match,
  site,
  group_by: z
    .array(z.string().min(1).max(64))
    .max(5)
    .default([])
    .describe('stored fields; none: one row over everything'),
  metrics: z
    .array(
      z
        .string()
        .refine((text) => METRIC.test(text), 'must be count, sum:field, avg:field, min:field or max:field'),
    )
    .min(1)
    .max(10)
    .default(['count'])
    .describe('count, sum:field, avg:field, min:field, max:field'),
  limit: z.int().min(1).max(500).default(50).describe('groups'),
})
type Input = z.output<typeof input>

export const aggregateRecords = defineTool({
  name: 'aggregate_records',
  title: 'Count and total records',
  description:
    'Counts, sums, averages and extremes, grouped, computed by Maximo over all matching rows, never over one page.',
  toolset: 'query',
  picture: 'trend-chart',
  ...READS_MAXIMO,
  input,
  output: tableOutput,
  async run(asked, context) {
    const found = await findSchema(asked.object, context)
    if (!found.ok) return found
    const schema = found.value
    const named = [...(asked.filters ?? []).map(({ field }) => field), ...asked.group_by]
    const where = await chooseSite(asked.site, { schema, filtered: named }, context)
    const filter = filterOf(asked)
    const query = {
      objectStructure: schema.resource,
      ...filter,
      all: [...(filter.all ?? []), ...where.conditions],
      groupBy: asked.group_by.map((name) => name.trim().toLowerCase()),
      metrics: asked.metrics.map(metricOf),
      limit: asked.limit,
    }
    const grouped = await context.maximo.aggregate(query, context.call)
    if (!grouped.ok) return err(queryProblem(grouped.error, schema.resource))
    if (isNothing(grouped.value)) {
      const problem = await unknownSite(asked.site, schema, context)
      if (problem !== null) return err(problem)
    }
    return answerOf({ asked, schema, where, page: grouped.value }, context)
  },
})

function metricOf(text: string): Metric {
  const [kind = '', field] = text.split(':')
  if (field === undefined) return { kind: 'count' }
  // The input schema lets through these four alone.
  return { kind: kind as 'sum' | 'avg' | 'min' | 'max', field: field.toLowerCase() }
}

const isNothing = ({ groups }: GroupPage): boolean =>
  groups.every(({ metrics }) => Object.values(metrics).every((value) => value === 0 || value === null))

interface Grouped {
  readonly asked: Input
  readonly schema: ObjectSchema
  readonly where: SiteChoice
  readonly page: GroupPage
}

function answerOf(
  { asked, schema, where, page }: Grouped,
  context: ToolContext,
): Result<ToolAnswer, ToolProblem> {
  const groups = asked.group_by.map((name) => name.toLowerCase())
  const metrics = asked.metrics.map((metric) => metric.replace(':', '_').toLowerCase())
  const columns = [...groups, ...metrics]
  const rows = page.groups.map((group) => cells(group, groups, metrics))
  const fitted = fitRows(rows, columns, { format: 'compact', maxTokens: DEFAULT_TOKENS })
  const returned = fitted.returned
  const isComplete = page.isComplete && !fitted.isCut
  const notes = [...where.notes, ...page.notes]
  if (!isComplete)
    notes.push(`There are more groups than the ${returned} shown: narrow the filter or raise limit.`)
  const untrusted = untrustedColumns(groups, schema)
  const envelope = {
    ...originOf(context),
    ...(where.site !== null && { site: where.site }),
    reading: page.reading,
    returned,
    total: isComplete ? returned : null,
    complete: isComplete,
    cursor: null,
    ...(notes.length > 0 && { notes }),
    ...(untrusted.length > 0 && { untrusted }),
  }
  return ok({ text: tableText(envelope, columns, fitted, 'compact'), recordCount: returned })
}

const cells = (
  group: GroupRow,
  groups: readonly string[],
  metrics: readonly string[],
): readonly unknown[] => [
  ...groups.map((name) => group.by[name]),
  ...metrics.map((name) => group.metrics[name]),
]
