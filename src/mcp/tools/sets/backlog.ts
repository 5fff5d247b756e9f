import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import { allPages } from '../read/all-pages.ts'
import { openWork } from '../reliability/backlog.ts'
import { RECKONS_WORK } from '../reliability/facts.ts'
import { rounded, unlessForbidden } from '../reliability/figure.ts'
import { explainEmpty, PLACE, scopeOf, type Scope } from '../reliability/scope.ts'
import { countOf } from '../read/groups.ts'
import { everyOrder, workOrderStatuses } from '../reliability/work.ts'
import { rowsIn } from '../result/child-table.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { LABOR_STATES } from '../status/meanings.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext } from '../tool.ts'

const MAX_PEOPLE = 5_000

export const getBacklog = defineTool({
  name: 'get_backlog',
  title: 'Get the backlog by craft',
  description:
    'Planned labor hours of all open work orders by craft, with the active people of the craft and the weeks that they would need. Tasks are not counted.',
  ...RECKONS_WORK,
  picture: 'trend-chart',
  input: z.strictObject({
    ...PLACE,
    weekly_hours: z.number().min(1).max(168).default(40).describe('hours of maintenance per person and week'),
  }),
  output: tableOutput,
  async run({ weekly_hours: weekly, ...asked }, context) {
    const scope = await scopeOf(asked, context)
    if (!scope.ok) return scope
    const statuses = await workOrderStatuses(context)
    if (!statuses.ok) return statuses
    const open = openWork({ scope: scope.value, statuses: statuses.value })
    const orders = await countOf(open, context)
    if (!orders.ok) return orders
    const problem = orders.value === 0 ? await explainEmpty(asked, scope.value, context) : null
    if (problem !== null) return err(problem)
    const planned = await everyOrder(
      {
        all: [...open, { some: 'wplabor', all: [{ field: 'laborhrs', op: 'gt', value: 0 }] }],
        fields: [],
        children: { wplabor: ['craft', 'quantity', 'laborhrs'] },
      },
      context,
    )
    if (!planned.ok) return planned
    const people = await unlessForbidden(() => peopleByCraft(scope.value, context))
    const crafts = [...byCraft(planned.value)].sort(([, one], [, other]) => other.hours - one.hours)
    const hours = rounded(crafts.reduce((sum, [, craft]) => sum + craft.hours, 0))
    return ok(
      tableAnswer(
        {
          columns: ['craft', 'work_orders', 'hours', 'people', 'weeks'],
          rows: crafts.map(([craft, load]) => rowOf(craft, load, { people, weekly })),
          site: scope.value.site,
          reading: `planned hours of ${planned.value.length} of the ${orders.value} open work orders: ${hours}; weeks = hours / (people x ${weekly} hours a week)`,
          notes: [
            ...scope.value.notes,
            ...(planned.value.length < orders.value
              ? [
                  `Open without planned labor, so that their hours are not known: ${orders.value - planned.value.length}.`,
                ]
              : []),
            ...(people.ok ? [] : [`People and weeks are not known. ${people.error.what}`]),
          ],
          whenCut: 'name a site.',
        },
        context,
      ),
    )
  },
})

interface Load {
  readonly orders: number
  readonly hours: number
}

/** Work that names no craft is under an empty name. */
function byCraft(orders: readonly Readonly<Record<string, unknown>>[]): ReadonlyMap<string, Load> {
  const loads = new Map<string, Load>()
  for (const values of orders) {
    const own = new Map<string, number>()
    for (const line of rowsIn(values['wplabor'])) {
      const hours = Number(line['quantity'] ?? 1) * Number(line['laborhrs'] ?? 0)
      const craft = typeof line['craft'] === 'string' ? line['craft'] : ''
      if (hours > 0) own.set(craft, (own.get(craft) ?? 0) + hours)
    }
    for (const [craft, hours] of own) {
      const known = loads.get(craft) ?? { orders: 0, hours: 0 }
      loads.set(craft, { orders: known.orders + 1, hours: known.hours + hours })
    }
  }
  return loads
}

type People = Result<ReadonlyMap<string, number>, ToolProblem>

function rowOf(
  craft: string,
  { orders, hours }: Load,
  { people, weekly }: { readonly people: People; readonly weekly: number },
): readonly unknown[] {
  const found = people.ok && craft !== '' ? (people.value.get(craft) ?? 0) : null
  const weeks = found === null || found === 0 ? null : rounded(hours / (found * weekly))
  return [craft === '' ? null : craft, orders, rounded(hours), found, weeks]
}

/** Active people, each under the craft that is his default. */
async function peopleByCraft({ site }: Scope, context: ToolContext): Promise<People> {
  const active = await statusValues(LABOR_STATES, 'active', context)
  if (!active.ok) return active
  const found = await allPages(
    {
      objectStructure: 'MXAPILABOR',
      all: [
        { field: 'status', op: 'in', value: active.value },
        ...(site === null ? [] : [{ field: 'worksite', op: 'eq', value: site }]),
      ],
      select: { fields: ['laborcode'], children: { laborcraftrate: ['craft', 'defaultcraft'] } },
    },
    MAX_PEOPLE,
    context,
  )
  if (!found.ok) return found
  if (!found.value.isComplete) return err(TOO_MANY_PEOPLE)
  const people = new Map<string, number>()
  for (const { values } of found.value.records) {
    const own = rowsIn(values['laborcraftrate']).find((rate) => rate['defaultcraft'] === true)?.['craft']
    if (typeof own === 'string') people.set(own, (people.get(own) ?? 0) + 1)
  }
  return ok(people)
}

const TOO_MANY_PEOPLE: ToolProblem = {
  kind: 'too_large',
  what: `There are more than ${MAX_PEOPLE} people.`,
  why: null,
  next: 'Name a site.',
}
