import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import { site } from '../inputs.ts'
import { noRecord, queryProblem } from '../read/problems.ts'
import { chooseSite } from '../read/site.ts'
import { rowsIn } from '../result/child-table.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { WORK_ORDER_STATES } from '../status/meanings.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../tool-problem.ts'
import { defineTool, type ToolContext } from '../tool.ts'

const LOCATIONS = 'MXAPIOPERLOC'
const MAX_NODES = 300

interface Node {
  readonly location: string
  readonly parent: string | null
  readonly level: number
  readonly description: unknown
  readonly type: unknown
}

export const getLocationTree = defineTool({
  name: 'get_location_tree',
  title: 'Get locations and assets below a location',
  description:
    'The location hierarchy from a location, or from the top, with the number of assets and of open work orders at each.',
  toolset: 'assets',
  isOnRequest: true,
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 2,
  reachesOutside: true,
  objectStructure: LOCATIONS,
  input: z.strictObject({
    location: z.string().min(1).max(30).optional().describe('default: the top'),
    system: z.string().min(1).max(20).optional().describe('default: all'),
    site,
    depth: z.int().min(1).max(5).default(2),
  }),
  output: tableOutput,
  async run({ location, system, site: asked, depth }, context) {
    const schema = await context.maximo.schema(LOCATIONS, context.call)
    const where = await chooseSite(asked, { schema, filtered: [] }, context)
    const level = levelsIn({ schema, system, conditions: where.conditions }, context)
    const top =
      location === undefined ? await level(null, 0) : await self(location, where.conditions, context)
    if (!top.ok) return top
    if (location !== undefined && top.value.length === 0) return err(noRecord(location, schema))
    const nodes = await below(top.value, depth, level)
    if (!nodes.ok) return nodes
    const counts = await countsAt(nodes.value, where.conditions, context)
    const rows = nodes.value
      .slice(0, MAX_NODES)
      .map((node) => [
        ...[node.location, node.parent, node.level, node.description, node.type],
        ...[
          counts.assets?.get(node.location) ?? zeroOf(counts.assets),
          counts.work?.get(node.location) ?? zeroOf(counts.work),
        ],
      ])
    const isMore = nodes.value.length > MAX_NODES
    return ok(
      tableAnswer(
        {
          columns: ['location', 'parent', 'level', 'description', 'type', 'assets', 'open_work'],
          rows,
          total: isMore ? null : rows.length,
          site: where.site,
          notes: [
            ...where.notes,
            ...counts.notes,
            ...(isMore ? [`Only the first ${MAX_NODES}: name a location further down.`] : []),
          ],
          untrusted: ['description'],
          whenCut: 'name a location further down, or a smaller depth.',
        },
        context,
      ),
    )
  },
})

type Nodes = Result<readonly Node[], ToolProblem>
type Level = (parents: readonly string[] | null, level: number) => Promise<Nodes>

async function self(
  location: string,
  conditions: readonly Condition[],
  { maximo, call }: ToolContext,
): Promise<Nodes> {
  const found = await maximo.query(
    {
      objectStructure: LOCATIONS,
      all: [{ field: 'location', op: 'eq', value: location.trim().toUpperCase() }, ...conditions],
      select: { fields: ['location', 'description', 'type'] },
      pageSize: 1,
    },
    call,
  )
  if (!found.ok) return err(queryProblem(found.error, LOCATIONS))
  return ok(
    found.value.records.map(({ values }) => ({
      location: String(values['location']),
      parent: null,
      level: 0,
      description: values['description'],
      type: values['type'],
    })),
  )
}

interface Within {
  readonly schema: ObjectSchema
  readonly system: string | undefined
  readonly conditions: readonly Condition[]
}

/** The locations right below some, or at the top, from Maximo's own hierarchy table. */
function levelsIn({ schema, system, conditions }: Within, { maximo, call }: ToolContext): Level {
  return async (parents, level) => {
    const placed: readonly Condition[] = [
      parents === null ? { field: 'parent', op: 'null' } : { field: 'parent', op: 'in', value: parents },
      ...(system === undefined ? [] : [{ field: 'systemid', op: 'eq', value: system }]),
    ]
    const found = await maximo.query(
      {
        objectStructure: schema.resource,
        all: [{ some: 'lochierarchy', all: placed }, ...conditions],
        select: {
          fields: ['location', 'description', 'type'],
          children: { lochierarchy: ['parent', 'systemid'] },
        },
        orderBy: [{ field: 'location', direction: 'asc' }],
        pageSize: MAX_NODES + 1,
      },
      call,
    )
    if (!found.ok) return err(queryProblem(found.error, schema.resource))
    return ok(
      found.value.records.map(({ values }) => ({
        location: String(values['location']),
        parent: parentIn(values['lochierarchy'], parents),
        level,
        description: values['description'],
        type: values['type'],
      })),
    )
  }
}

/** A location may stand in several systems: the parent is the one that was asked for. */
function parentIn(hierarchy: unknown, parents: readonly string[] | null): string | null {
  if (parents === null) return null
  const all = rowsIn(hierarchy).map(({ parent }) => String(parent))
  return all.find((parent) => parents.includes(parent)) ?? null
}

/** Level by level; a location that was met before is not followed again. */
async function below(top: readonly Node[], depth: number, level: Level): Promise<Nodes> {
  const all = new Map(top.map((node) => [node.location, node]))
  let parents = [...all.keys()]
  for (let at = 1; at <= depth && parents.length > 0 && all.size <= MAX_NODES; at += 1) {
    const found = await level(parents.slice(0, MAX_NODES), at)
    if (!found.ok) return found
    const fresh = found.value.filter(({ location }) => !all.has(location))
    for (const node of fresh) all.set(node.location, node)
    parents = fresh.map(({ location }) => location)
  }
  return ok([...all.values()])
}

interface Counts {
  /** Null: this user may not read them. */
  readonly assets: ReadonlyMap<string, number> | null
  readonly work: ReadonlyMap<string, number> | null
  readonly notes: readonly string[]
}
const zeroOf = (counts: ReadonlyMap<string, number> | null): number | null => (counts === null ? null : 0)

async function countsAt(
  nodes: readonly Node[],
  conditions: readonly Condition[],
  context: ToolContext,
): Promise<Counts> {
  const names = nodes.slice(0, MAX_NODES).map(({ location }) => location)
  if (names.length === 0) return { assets: new Map(), work: new Map(), notes: [] }
  const at: readonly Condition[] = [{ field: 'location', op: 'in', value: names }, ...conditions]
  const open = await statusValues(WORK_ORDER_STATES, 'open', context)
  const status: readonly Condition[] = open.ok
    ? [{ field: 'status', op: 'in', value: open.value }]
    : [{ field: 'historyflag', op: 'eq', value: false }]
  const [assets, work] = await Promise.all([
    countBy('MXAPIASSET', at, context),
    countBy('MXAPIWODETAIL', [...at, ...status, { field: 'istask', op: 'eq', value: false }], context),
  ])
  const notes = [
    ...(assets === null ? ['The Maximo user may not read assets: they are not counted.'] : []),
    ...(work === null ? ['The Maximo user may not read work orders: they are not counted.'] : []),
  ]
  return { assets, work, notes }
}

async function countBy(
  objectStructure: string,
  all: readonly Condition[],
  { maximo, call }: ToolContext,
): Promise<ReadonlyMap<string, number> | null> {
  try {
    const counted = await maximo.aggregate(
      { objectStructure, all, groupBy: ['location'], metrics: [{ kind: 'count' }], limit: MAX_NODES + 1 },
      call,
    )
    if (!counted.ok) return null
    return new Map(
      counted.value.groups.map(({ by, metrics }) => [String(by['location']), Number(metrics['count'])]),
    )
  } catch (error) {
    if (error instanceof MaximoFault && error.kind === 'not_permitted') return null
    throw error
  }
}
