import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import { site } from '../query/inputs.ts'
import { chooseSite } from '../read/site.ts'
import { rounded } from '../reliability/figure.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer, type WholeTable } from '../result/table-answer.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { defineTool } from '../tool.ts'
import { type Assignments, assignmentsIn, code, equal, MAX_ORDERS, WINDOW } from './assignments.ts'

const COLUMNS = [
  'day',
  'start',
  'labor',
  'craft',
  'hours',
  'wonum',
  'description',
  'status',
  'assetnum',
  'crew',
]

export const getSchedule = defineTool({
  name: 'get_schedule',
  title: 'Get the schedule',
  description:
    'Assignments of work orders in a window of days, by labor, craft or crew, with hours per day and person. Shifts and calendars are not in this interface: it shows load, not capacity.',
  toolset: 'planning',
  isOnRequest: true,
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 2,
  reachesOutside: true,
  objectStructure: WORK_ORDERS,
  input: z.strictObject({
    ...WINDOW,
    labor: code.optional().describe('labor code'),
    craft: code.optional(),
    crew: code.optional(),
    total_by: z.enum(['labor', 'craft', 'crew', 'day']).optional().describe('hours of each instead of rows'),
    site,
  }),
  output: tableOutput,
  async run({ from, to, labor, craft, crew, total_by: by, site: asked }, context) {
    const schema = await context.maximo.schema(WORK_ORDERS, context.call)
    const where = await chooseSite(asked, { schema, filtered: [] }, context)
    const found = await assignmentsIn(
      {
        ...{ from, to },
        conditions: [...equal('laborcode', labor), ...equal('craft', craft)],
        orderConditions: [...equal('crewid', crew), ...where.conditions],
      },
      context,
    )
    if (!found.ok) return found
    const { all, isComplete } = found.value
    const table = by === undefined ? assignmentRows(all) : totals(all, by)
    const sum = rounded(all.reduce((hours, one) => hours + one.hours, 0))
    return ok(
      tableAnswer(
        {
          ...table,
          total: isComplete ? table.rows.length : null,
          site: where.site,
          reading: `${sum} hours assigned from ${from} to ${to}${isComplete ? '' : ', in what was read'}`,
          notes: [
            ...where.notes,
            ...(isComplete
              ? []
              : [`Only the first ${MAX_ORDERS} work orders were read: ask for fewer days.`]),
          ],
          whenCut: 'ask for fewer days, or one person.',
        },
        context,
      ),
    )
  },
})

type Table = Pick<WholeTable, 'columns' | 'rows' | 'untrusted'>

const assignmentRows = (all: Assignments['all']): Table => ({
  columns: COLUMNS,
  rows: all.map(({ day, start, labor, craft, hours, order }) => [
    ...[day, start, labor, craft, hours, order['wonum'], order['description'], order['status']],
    ...[order['assetnum'], order['crewid']],
  ]),
  untrusted: ['description'],
})

/** One row of each, the most loaded first; days in their order. */
function totals(all: Assignments['all'], by: 'labor' | 'craft' | 'crew' | 'day'): Table {
  const sums = new Map<unknown, { hours: number; assignments: number }>()
  for (const one of all) {
    const key = by === 'crew' ? (one.order['crewid'] ?? null) : one[by]
    const known = sums.get(key) ?? { hours: 0, assignments: 0 }
    sums.set(key, { hours: known.hours + one.hours, assignments: known.assignments + 1 })
  }
  const rows = [...sums].map(([key, { hours, assignments }]) => [key, rounded(hours), assignments] as const)
  return {
    columns: [by, 'hours', 'assignments'],
    rows: by === 'day' ? rows : rows.toSorted(([, one], [, other]) => other - one),
  }
}
