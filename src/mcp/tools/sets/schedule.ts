import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import { site } from '../inputs.ts'
import { chooseSite } from '../read/site.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { WORK_ORDERS } from '../search-work-orders.ts'
import { defineTool } from '../tool.ts'
import { assignmentsIn, code, equal, MAX_ORDERS, WINDOW } from './assignments.ts'

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
    site,
  }),
  output: tableOutput,
  async run({ from, to, labor, craft, crew, site: asked }, context) {
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
    const rows = all.map(({ day, start, labor: who, craft: what, hours, order }) => [
      ...[day, start, who, what, hours, order['wonum'], order['description'], order['status']],
      ...[order['assetnum'], order['crewid']],
    ])
    const sum = Math.round(all.reduce((hours, one) => hours + one.hours, 0) * 100) / 100
    return ok(
      tableAnswer(
        {
          columns: COLUMNS,
          rows,
          total: isComplete ? rows.length : null,
          site: where.site,
          reading: `${sum} hours assigned from ${from} to ${to}${isComplete ? '' : ', in what was read'}`,
          notes: [
            ...where.notes,
            ...(isComplete
              ? []
              : [`Only the first ${MAX_ORDERS} work orders were read: ask for fewer days.`]),
          ],
          untrusted: ['description'],
          whenCut: 'ask for fewer days, or one person.',
        },
        context,
      ),
    )
  },
})
