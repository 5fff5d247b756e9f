import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import { site } from '../query/inputs.ts'
import { allPages } from '../read/all-pages.ts'
import { noRecord } from '../read/problems.ts'
import { chooseSite } from '../read/site.ts'
import { rowsIn } from '../result/child-table.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { WORK_ORDER_STATES } from '../status/meanings.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext } from '../tool.ts'

const LOCATIONS = 'MXAPIOPERLOC'
/** Children and counts are asked for by name, and a list of a condition takes so many. */
const MAX_NODES = 250
/** The same names in many sites. */
const MAX_GROUPS = 10_000

/** Sites name their locations each for themselves: a location is its site and its name. */
interface Node {
  readonly site: string
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
        ...[node.location, node.site, node.parent, node.level, node.description, node.type],
        ...[counts.assets, counts.work].map((all) => (all === null ? null : (all.get(keyOf(node)) ?? 0))),
      ])
    const isMore = nodes.value.length > MAX_NODES
    return ok(
      tableAnswer(
        {
          columns: ['location', 'siteid', 'parent', 'level', 'description', 'type', 'assets', 'open_work'],
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
type Level = (parents: readonly Node[] | null, level: number) => Promise<Nodes>

const FIELDS = ['location', 'siteid', 'description', 'type']
const keyOf = ({ site, location }: Pick<Node, 'site' | 'location'>): string => `${site}/${location}`

async function self(
  location: string,
  conditions: readonly Condition[],
  context: ToolContext,
): Promise<Nodes> {
  const found = await allPages(
    {
      objectStructure: LOCATIONS,
      all: [{ field: 'location', op: 'eq', value: location.trim().toUpperCase() }, ...conditions],
      select: { fields: FIELDS },
    },
    MAX_NODES + 1,
    context,
  )
  if (!found.ok) return found
  return ok(found.value.records.map(({ values }) => nodeOf(values, null, 0)))
}

const nodeOf = (values: MaximoRecord['values'], parent: string | null, level: number): Node => ({
  site: String(values['siteid']),
  location: String(values['location']),
  ...{ parent, level, description: values['description'], type: values['type'] },
})

interface Within {
  readonly schema: ObjectSchema
  readonly system: string | undefined
  readonly conditions: readonly Condition[]
}

/** The locations right below some, or at the top, from Maximo's own hierarchy table. */
function levelsIn({ schema, system, conditions }: Within, context: ToolContext): Level {
  return async (parents, level) => {
    const placed: readonly Condition[] = [
      parents === null
        ? { field: 'parent', op: 'null' }
        : { field: 'parent', op: 'in', value: [...new Set(parents.map(({ location }) => location))] },
      ...(system === undefined ? [] : [{ field: 'systemid', op: 'eq', value: system }]),
    ]
    const found = await allPages(
      {
        objectStructure: schema.resource,
        all: [{ some: 'lochierarchy', all: placed }, ...conditions],
        select: {
          fields: FIELDS,
          children: { lochierarchy: ['parent', 'systemid'] },
        },
        orderBy: [{ field: 'location', direction: 'asc' }],
      },
      MAX_NODES + 1,
      context,
    )
    if (!found.ok) return found
    return ok(
      found.value.records.flatMap(({ values }) => {
        if (parents === null) return [nodeOf(values, null, level)]
        const parent = parentIn(values, parents)
        return parent === null ? [] : [nodeOf(values, parent, level)]
      }),
    )
  }
}

/**
 * A location may stand in several systems: the parent is the one that was asked for; null where only another site has one
 * of that name.
 */
function parentIn(values: MaximoRecord['values'], parents: readonly Node[]): string | null {
  const above = parents.filter(({ site }) => site === values['siteid']).map(({ location }) => location)
  const all = rowsIn(values['lochierarchy']).map(({ parent }) => String(parent))
  return all.find((parent) => above.includes(parent)) ?? null
}

/** Level by level; a location that was met before is not followed again. */
async function below(top: readonly Node[], depth: number, level: Level): Promise<Nodes> {
  const all = new Map(top.map((node) => [keyOf(node), node]))
  let parents = top
  for (let at = 1; at <= depth && parents.length > 0 && all.size <= MAX_NODES; at += 1) {
    const found = await level(parents.slice(0, MAX_NODES), at)
    if (!found.ok) return found
    const fresh = found.value.filter((node) => !all.has(keyOf(node)))
    for (const node of fresh) all.set(keyOf(node), node)
    parents = fresh
  }
  return ok([...all.values()])
}

interface Counts {
  /** By site and location. Null: this user may not read them. */
  readonly assets: ReadonlyMap<string, number> | null
  readonly work: ReadonlyMap<string, number> | null
  readonly notes: readonly string[]
}

async function countsAt(
  nodes: readonly Node[],
  conditions: readonly Condition[],
  context: ToolContext,
): Promise<Counts> {
  const names = [...new Set(nodes.slice(0, MAX_NODES).map(({ location }) => location))]
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
    ...(assets === null ? ['Assets cannot be counted for the Maximo user.'] : []),
    ...(work === null ? ['Work orders cannot be counted for the Maximo user.'] : []),
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
      {
        ...{ objectStructure, all, groupBy: ['siteid', 'location'], metrics: [{ kind: 'count' }] },
        limit: MAX_GROUPS,
      },
      call,
    )
    if (!counted.ok || !counted.value.isComplete) return null
    return new Map(
      counted.value.groups.map(({ by, metrics }) => [
        keyOf({ site: String(by['siteid']), location: String(by['location']) }),
        Number(metrics['count']),
      ]),
    )
  } catch (error) {
    if (error instanceof MaximoFault && error.kind === 'not_permitted') return null
    throw error
  }
}
