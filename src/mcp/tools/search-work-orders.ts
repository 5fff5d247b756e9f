import { z } from 'zod'
import { ok, type Result } from '../../kernel/result.ts'
import type { Condition, OrderTerm } from '../../maximo/query/query.ts'
import type { ObjectSchema } from '../../maximo/schema/object-schema.ts'
import { cursor, DEFAULT_TOKENS, format, limit, select, site } from './inputs.ts'
import { readPage, startReading } from './read/read-page.ts'
import { chooseSite, unknownSite, type SiteChoice } from './read/site.ts'
import type { ToolProblem } from './tool-problem.ts'
import { tableOutput } from './result/outputs.ts'
import { defineTool, type ToolContext } from './tool.ts'
import { assignedTo, unassigned } from './work/assignee.ts'
import { unknownAsset } from './work/unknown-asset.ts'
import { locationsBelow } from './work/locations-below.ts'
import { stateConditions, STATES } from './work/work-states.ts'

export const WORK_ORDERS = 'MXAPIWODETAIL'
const COLUMNS = [
  'wonum',
  'description',
  'status',
  'worktype',
  'wopriority',
  'assetnum',
  'location',
  'lead',
  'targcompdate',
]
const code = z.string().min(1).max(30)
const codes = z.array(code).min(1).max(20)

const input = z.strictObject({
  text: z.string().min(1).max(100).optional().describe('words that the description has'),
  state: z.enum(STATES).optional().describe('by meaning; default: open'),
  status: codes.optional().describe('exact statuses instead of state'),
  work_type: codes.optional(),
  asset: code.optional(),
  location: code.optional().describe('with all locations below it'),
  assigned_to: z.string().min(1).max(60).optional().describe('person, crew or "me"'),
  unassigned: z.boolean().optional(),
  priority_max: z.int().min(0).max(999).optional().describe('1 is the most urgent'),
  due_before: z.iso.date().optional().describe('target finish before this day'),
  reported_after: z.iso.date().optional(),
  site,
  fields: select,
  limit,
  cursor,
  format,
})
type Input = z.output<typeof input>

export const searchWorkOrders = defineTool({
  name: 'search_work_orders',
  title: 'Search work orders',
  description:
    'Work orders by state, text, asset, location, assignee, priority and dates, with the exact total. Tasks of work orders are not counted. Statuses are understood by meaning, in the values of this site.',
  toolset: 'work',
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: true,
  objectStructure: WORK_ORDERS,
  input,
  output: tableOutput,
  async run(asked, context) {
    const { limit: pageSize, cursor: from, format: shape, ...question } = asked
    const started = await startReading(
      { tool: 'search_work_orders', question, limit: pageSize, cursor: from },
      context,
    )
    if (!started.ok) return started
    const schema = await context.maximo.schema(WORK_ORDERS, context.call)
    const where = await chooseSite(asked.site, { schema, filtered: [] }, context)
    const filter = await filterOf(asked, { schema, where, atMs: started.value.place.atMs }, context)
    if (!filter.ok) return filter
    const columns = asked.fields?.map((name) => name.trim().toLowerCase()) ?? defaultColumns(schema, where)
    return readPage(
      {
        started: started.value,
        schema,
        query: {
          objectStructure: WORK_ORDERS,
          ...filter.value,
          select: { fields: columns },
          orderBy: orderOf(asked),
          count: true,
        },
        columns,
        format: shape,
        maxTokens: DEFAULT_TOKENS,
        site: where.site,
        notes: where.notes,
        explainNothing: async () =>
          (await unknownSite(asked.site, schema, context)) ??
          (await unknownAsset(asked.asset, where.site, context)),
      },
      context,
    )
  },
})

const defaultColumns = (schema: ObjectSchema, { site: chosen }: SiteChoice): readonly string[] =>
  [...(chosen === null ? ['siteid'] : []), ...COLUMNS].filter((name) => schema.fields.has(name))

/** What is due soonest first where that is the question, else what was reported last. */
const orderOf = ({ state, due_before: dueBefore }: Input): readonly OrderTerm[] =>
  state === 'overdue' || dueBefore !== undefined
    ? [{ field: 'targcompdate', direction: 'asc' }]
    : [{ field: 'reportdate', direction: 'desc' }]

interface Where {
  readonly schema: ObjectSchema
  readonly where: SiteChoice
  /** Now, as the first page saw it. */
  readonly atMs: number
}
interface WorkFilter {
  readonly all: readonly Condition[]
  readonly any?: readonly Condition[]
}

/** Reads what the meanings stand for, then writes them down as conditions. */
async function filterOf(
  asked: Input,
  { schema, where, atMs }: Where,
  context: ToolContext,
): Promise<Result<WorkFilter, ToolProblem>> {
  const state = await statusOf(asked, atMs, context)
  if (!state.ok) return state
  const places = await placesOf(asked, where, context)
  if (!places.ok) return places
  const all = [
    ...(schema.fields.has('istask') ? [{ field: 'istask', op: 'eq', value: false }] : []),
    ...where.conditions,
    ...state.value,
    ...places.value,
    ...plainConditions(asked),
    ...(asked.unassigned === true ? unassigned(schema) : []),
  ]
  if (asked.assigned_to === undefined) return ok({ all })
  const holders = await assignedTo(asked.assigned_to, schema, context)
  return holders.ok ? ok({ all, any: holders.value }) : holders
}

async function placesOf(
  { location }: Input,
  where: SiteChoice,
  context: ToolContext,
): Promise<Result<readonly Condition[], ToolProblem>> {
  if (location === undefined) return ok([])
  const below = await locationsBelow(location, where.site, context)
  return below.ok ? ok([{ field: 'location', op: 'in', value: below.value }]) : below
}

/** Exact statuses say more than a meaning; the default meaning is "open". */
async function statusOf(
  asked: Input,
  atMs: number,
  context: ToolContext,
): Promise<Result<readonly Condition[], ToolProblem>> {
  const exact = asked.status === undefined ? [] : [{ field: 'status', op: 'in', value: asked.status }]
  const state = asked.state ?? (asked.status === undefined ? 'open' : 'any')
  const meant = await stateConditions(state, atMs, context)
  return meant.ok ? ok([...meant.value, ...exact]) : meant
}

function plainConditions(asked: Input): readonly Condition[] {
  const words = asked.text?.split(/\s+/).filter((word) => word !== '') ?? []
  return [
    ...words.map((word) => ({ field: 'description', op: 'contains', value: word })),
    ...when(asked.work_type, (value) => ({ field: 'worktype', op: 'in', value })),
    ...when(asked.asset, (value) => ({ field: 'assetnum', op: 'eq', value })),
    ...when(asked.priority_max, (value) => ({ field: 'wopriority', op: 'le', value })),
    ...when(asked.due_before, (value) => ({ field: 'targcompdate', op: 'lt', value })),
    ...when(asked.reported_after, (value) => ({ field: 'reportdate', op: 'gt', value })),
  ]
}

const when = <Value>(
  value: Value | undefined,
  condition: (value: Value) => Condition,
): readonly Condition[] => (value === undefined ? [] : [condition(value)])
