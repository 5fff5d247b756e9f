import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { inTurns } from '../../../maximo/records/in-turns.ts'
import { RECKONS_WORK } from '../reliability/facts.ts'
import {
  HOUR_S,
  repairedFailures,
  repairSeconds,
  reportedOnAssets,
  type FailureQuestion,
} from '../reliability/failures.ts'
import { rounded, unlessForbidden } from '../reliability/figure.ts'
import { conditionOn, PERIOD } from '../reliability/period.ts'
import { failureQuestion, notesOn } from '../reliability/question.ts'
import { explainEmpty, PLACE } from '../reliability/scope.ts'
import { ranked, type Counted, type Ranked } from '../reliability/shares.ts'
import { groupsOf } from '../read/groups.ts'
import { everyOrder, failureTypes, ON_AN_ASSET, withStatus, WORK } from '../reliability/work.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext } from '../tool.ts'

const ASSETS = 'MXAPIASSET'
const COSTS = ['actlabcost', 'actmatcost', 'acttoolcost', 'actservcost']

interface AssetKey {
  readonly asset: string
  readonly site: string
}
type Amounts = Result<readonly Counted<AssetKey>[], ToolProblem>

export const rankBadActors = defineTool({
  name: 'rank_bad_actors',
  title: 'Rank bad actors',
  description:
    'Assets ranked over all work of a period by failures, by hours of repair from start to finish, or by cost, with their share of the whole. Downtime records are not counted.',
  ...RECKONS_WORK,
  picture: 'trend-chart',
  input: z.strictObject({
    by: z.enum(['failures', 'repair_hours', 'cost']).default('failures'),
    ...PLACE,
    ...PERIOD,
    failure_types: failureTypes,
    limit: z.int().min(1).max(50).default(10),
  }),
  output: tableOutput,
  async run(asked, context) {
    const question = await failureQuestion(asked, context)
    if (!question.ok) return question
    const { scope, period } = question.value
    const { amounts, said } = RANKINGS[asked.by]
    const { fields } = await context.maximo.schema(WORK_ORDERS, context.call)
    const found = await amounts(question.value, context)
    if (!found.ok) return found
    const all = ranked(found.value, ({ asset, site }) => `${site}/${asset}`)
    const problem = all.length === 0 ? await explainEmpty(asked, scope, context) : null
    if (problem !== null) return err(problem)
    const top = all.slice(0, asked.limit)
    const names = await descriptionsOf(top, context)
    const sum = rounded(found.value.reduce((total, { amount }) => total + amount, 0))
    const { from, to } = period
    return ok(
      tableAnswer(
        {
          columns: ['rank', 'assetnum', 'siteid', 'description', asked.by, 'share', 'cumulative'],
          rows: top.map((one) => [
            ...[one.rank, one.key.asset, one.key.site, names.get(keyOf(one)) ?? null],
            ...[one.amount, one.share, one.cumulative],
          ]),
          total: all.length,
          site: scope.site,
          reading: `${said(asked.failure_types, costsIn(fields))}, ${from} to ${to}: ${sum} on ${all.length} assets; shares are percent of that`,
          notes: await notesOn(question.value, context),
          untrusted: ['description'],
          whenCut: 'ask for fewer assets (limit).',
        },
        context,
      ),
    )
  },
})

interface Ranking {
  readonly said: (types: readonly string[], costs: readonly string[]) => string
  readonly amounts: (question: FailureQuestion, context: ToolContext) => Promise<Amounts>
}

const RANKINGS: Readonly<Record<'failures' | 'repair_hours' | 'cost', Ranking>> = {
  failures: {
    said: (types) => `${types.join(', ')} work orders reported, cancelled ones left out`,
    amounts: (question, context) => perAsset(reportedOnAssets(question), { metrics: ['count'] }, context),
  },
  repair_hours: {
    said: (types) =>
      `hours from actual start to actual finish of ${types.join(', ')} work orders finished, those without both left out`,
    amounts: repairHoursPerAsset,
  },
  cost: {
    said: (_types, costs) => `${costs.join(' + ')} of all work orders finished`,
    async amounts({ scope, period, statuses }, context) {
      const { fields } = await context.maximo.schema(WORK_ORDERS, context.call)
      const finished = [WORK, withStatus(statuses.done), conditionOn('actfinish', period), ON_AN_ASSET]
      const metrics = costsIn(fields)
      if (metrics.length === 0) return err(NO_COSTS)
      return perAsset([...finished, ...scope.conditions], { metrics }, context)
    },
  },
}

/** What this Maximo has of costs, and the caller may see: the answer names what was added up. */
const costsIn = (fields: ObjectSchema['fields']): readonly string[] =>
  COSTS.filter((name) => fields.has(name))

const NO_COSTS: ToolProblem = {
  kind: 'invalid_field',
  what: 'Work orders show no actual costs here.',
  why: null,
  next: 'Rank by failures or repair_hours.',
}

/** A count, or the sum of several fields, per asset: by Maximo, over all rows. */
async function perAsset(
  all: Parameters<typeof groupsOf>[0]['all'],
  { metrics: names }: { readonly metrics: readonly string[] },
  context: ToolContext,
): Promise<Amounts> {
  const metrics = names.map((name) =>
    name === 'count' ? ({ kind: 'count' } as const) : ({ kind: 'sum', field: name } as const),
  )
  const groups = await groupsOf({ all, groupBy: ['siteid', 'assetnum'], metrics }, context)
  if (!groups.ok) return groups
  return ok(
    groups.value.map(({ by, metrics: figures }) => ({
      key: { asset: String(by['assetnum']), site: String(by['siteid']) },
      amount: Object.values(figures).reduce<number>((sum, figure) => sum + Number(figure ?? 0), 0),
    })),
  )
}

async function repairHoursPerAsset(question: FailureQuestion, context: ToolContext): Promise<Amounts> {
  const orders = await everyOrder(
    { all: repairedFailures(question), fields: ['assetnum', 'actstart', 'actfinish'] },
    context,
  )
  if (!orders.ok) return orders
  const sums = new Map<string, Counted<AssetKey>>()
  for (const values of orders.value) {
    const key = { asset: String(values['assetnum']), site: String(values['siteid']) }
    const known = sums.get(`${key.site}/${key.asset}`)?.amount ?? 0
    sums.set(`${key.site}/${key.asset}`, { key, amount: known + (repairSeconds(values) ?? 0) })
  }
  return ok([...sums.values()].map(({ key, amount }) => ({ key, amount: amount / HOUR_S })))
}

const keyOf = ({ key }: Ranked<AssetKey>): string => `${key.site}/${key.asset}`

/** What the assets are called; nothing where assets may not be read. */
async function descriptionsOf(
  top: readonly Ranked<AssetKey>[],
  { maximo, call }: ToolContext,
): Promise<ReadonlyMap<string, unknown>> {
  const names = new Map<string, unknown>()
  const sites = [...new Set(top.map(({ key }) => key.site))]
  await inTurns(sites, (site) =>
    unlessForbidden(async () => {
      const numbers = top.filter(({ key }) => key.site === site).map(({ key }) => key.asset)
      const found = await maximo.query(
        {
          objectStructure: ASSETS,
          all: [
            { field: 'siteid', op: 'eq', value: site },
            { field: 'assetnum', op: 'in', value: numbers },
          ],
          select: { fields: ['assetnum', 'description'] },
          pageSize: numbers.length,
        },
        call,
      )
      if (found.ok)
        for (const { values } of found.value.records)
          names.set(`${site}/${String(values['assetnum'])}`, values['description'])
      return ok(null)
    }),
  )
  return names
}
