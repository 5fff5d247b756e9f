import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition, Criterion } from '../../../maximo/query/query.ts'
import { site } from '../query/inputs.ts'
import { findByNumber } from '../records/find-by-number.ts'
import { allPages, type WholeQuery } from '../read/all-pages.ts'
import { chooseSite } from '../read/site.ts'
import { cellText } from '../result/cell-text.ts'
import { rowsIn } from '../result/child-table.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, READS_MAXIMO, type ToolContext } from '../tool.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'

const COLUMNS = [
  ...['wonum', 'description', 'status', 'worktype', 'assetnum', 'problemcode', 'actfinish', 'actlabhrs'],
  ...['cause', 'remedy', 'match'],
]
const FIELDS = COLUMNS.slice(0, 8)
/** What a piece of work is like. */
interface Likeness {
  readonly words: readonly string[]
  readonly asset: string | null
  readonly problem: string | null
  readonly failure: string | null
  readonly besides: string | null
  readonly site: string | null
}

export const findSimilarWork = defineTool({
  name: 'find_similar_work',
  title: 'Find similar past work',
  description:
    'Finished work orders like a given one, or like a problem in words: same asset, failure class, problem code or words, best first, with cause and remedy as they were reported.',
  toolset: 'reliability',
  isOnRequest: true,
  ...READS_MAXIMO,
  costUnits: 2,
  objectStructure: WORK_ORDERS,
  input: z.strictObject({
    wonum: z.string().min(1).max(30).optional(),
    text: z.string().min(3).max(200).optional().describe('the problem in words'),
    asset: z.string().min(1).max(30).optional(),
    site,
    limit: z.int().min(1).max(50).default(10),
  }),
  output: tableOutput,
  async run(asked, context) {
    if (asked.wonum === undefined && asked.text === undefined && asked.asset === undefined)
      return err(NOTHING_GIVEN)
    const schema = await context.maximo.schema(WORK_ORDERS, context.call)
    const like = await likenessOf(asked, context)
    if (!like.ok) return like
    const where = await chooseSite(like.value.site ?? asked.site, { schema, filtered: [] }, context)
    const found = await allPages(candidates(like.value, where.conditions), MAX_CANDIDATES, context)
    if (!found.ok) return found
    const { records, total, isComplete } = found.value
    const ranked = records
      .map(({ values }) => ({ values, match: matchOf(values, like.value) }))
      .sort((a, b) => b.match - a.match)
      .slice(0, asked.limit)
    return ok(
      tableAnswer(
        {
          columns: COLUMNS,
          rows: ranked.map(({ values, match }) => [
            ...FIELDS.map((name) => values[name]),
            ...['CAUSE', 'REMEDY'].map((type) => reported(values, type)),
            match,
          ]),
          total,
          site: where.site,
          reading:
            'match: 3 for the same problem code, 2 each for the asset and the failure class, 1 per word',
          notes: [
            ...where.notes,
            ...(isComplete
              ? []
              : [`Ranked among the ${records.length} finished last of ${total ?? 'more'} that are like it.`]),
          ],
          untrusted: ['description'],
          whenCut: 'ask for a smaller limit.',
        },
        context,
      ),
    )
  },
})

/** Finished work that is like it in anything, the last first, since old work says less. */
const candidates = (like: Likeness, conditions: readonly Condition[]): WholeQuery => ({
  objectStructure: WORK_ORDERS,
  all: [
    { field: 'istask', op: 'eq', value: false },
    { field: 'actfinish', op: 'notnull' },
    ...(like.besides === null ? [] : [{ field: 'wonum', op: 'ne', value: like.besides }]),
    ...conditions,
  ],
  any: likeConditions(like),
  select: { fields: [...FIELDS, 'failurecode'], children: { failurereport: ['type', 'failurecode'] } },
  orderBy: [{ field: 'actfinish', direction: 'desc' }],
  count: true,
})

/** Older work says less; whoever needs it names an asset. */
const MAX_CANDIDATES = 500

const NOTHING_GIVEN: ToolProblem = {
  kind: 'invalid_input',
  what: 'There is nothing to compare with.',
  why: null,
  next: 'Give a work order (wonum), the problem in words (text), or an asset.',
}

interface Given {
  readonly wonum?: string | undefined
  readonly text?: string | undefined
  readonly asset?: string | undefined
  readonly site?: string | undefined
}

async function likenessOf(given: Given, context: ToolContext): Promise<Result<Likeness, ToolProblem>> {
  const said = { words: wordsOf(given.text ?? ''), asset: given.asset?.trim().toUpperCase() ?? null }
  if (given.wonum === undefined)
    return ok({ ...said, problem: null, failure: null, besides: null, site: null })
  const schema = await context.maximo.schema(WORK_ORDERS, context.call)
  const found = await findByNumber(
    {
      ...{ schema, what: 'work order', searchTool: 'search_work_orders (state "any")', field: 'wonum' },
      number: given.wonum,
      site: given.site,
      select: { fields: ['wonum', 'siteid', 'description', 'assetnum', 'problemcode', 'failurecode'] },
    },
    context,
  )
  if (!found.ok) return found
  const text = (name: string): string | null => {
    const value = found.value.values[name]
    return typeof value === 'string' ? value : null
  }
  return ok({
    words: [...new Set([...said.words, ...wordsOf(text('description') ?? '')])],
    asset: said.asset ?? text('assetnum'),
    problem: text('problemcode'),
    failure: text('failurecode'),
    besides: text('wonum'),
    site: text('siteid'),
  })
}

/** Words that tell work apart; the longest say most. */
const wordsOf = (text: string): readonly string[] =>
  [...new Set(text.toLowerCase().split(/[^\p{L}\p{N}]+/u))]
    .filter((word) => word.length > 3)
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_WORDS)
const MAX_WORDS = 5

/** As many as the compiler takes beside conditions that must hold; further words only rank. */
const MAX_ALTERNATIVES = 5

const likeConditions = ({ words, asset, problem, failure }: Likeness): readonly Criterion[] =>
  [
    ...(asset === null ? [] : [{ field: 'assetnum', op: 'eq', value: asset }]),
    ...(problem === null ? [] : [{ field: 'problemcode', op: 'eq', value: problem }]),
    ...(failure === null ? [] : [{ field: 'failurecode', op: 'eq', value: failure }]),
    ...words.map((word) => ({ field: 'description', op: 'contains', value: word })),
  ].slice(0, MAX_ALTERNATIVES)

type Values = Readonly<Record<string, unknown>>

function matchOf(values: Values, { words, asset, problem, failure }: Likeness): number {
  const description = cellText(values['description']).toLowerCase()
  const is = (name: string, wanted: string | null): boolean => wanted !== null && values[name] === wanted
  return (
    (is('problemcode', problem) ? 3 : 0) +
    (is('assetnum', asset) ? 2 : 0) +
    (is('failurecode', failure) ? 2 : 0) +
    words.filter((word) => description.includes(word)).length
  )
}

const reported = (values: Values, type: string): unknown =>
  rowsIn(values['failurereport']).find((row) => row['type'] === type)?.['failurecode'] ?? null
