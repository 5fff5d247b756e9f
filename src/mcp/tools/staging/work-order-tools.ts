import { z } from 'zod'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { code, day, given, instant, longText, quantity, site, text, values, wonum } from './inputs.ts'
import { stagingTool } from './staging-tool.ts'

const FACTS = { toolset: 'work_write', objectStructure: WORK_ORDERS } as const
const object = WORK_ORDERS
const priority = z.int().min(0).max(999).optional()

export const createWorkOrder = stagingTool({
  ...FACTS,
  name: 'create_work_order',
  title: 'Create a work order',
  does: 'New work order, with a look for likely duplicates.',
  input: {
    description: text,
    details: longText.optional(),
    site,
    asset: code.optional(),
    location: code.optional(),
    work_type: code.optional(),
    priority,
    target_start: instant.optional(),
    target_finish: instant.optional(),
    job_plan: code.optional(),
    lead: code.optional(),
  },
  proposals: (input) => ({
    proposals: [
      {
        op: 'create',
        object,
        site: input.site,
        values: given({
          description: input.description,
          description_longdescription: input.details,
          assetnum: input.asset,
          location: input.location,
          worktype: input.work_type,
          wopriority: input.priority,
          targstartdate: input.target_start,
          targcompdate: input.target_finish,
          jpnum: input.job_plan,
          lead: input.lead,
        }),
      },
    ],
  }),
})

export const updateWorkOrder = stagingTool({
  ...FACTS,
  name: 'update_work_order',
  title: 'Update a work order',
  does: 'Changes fields of a work order by name; null clears one.',
  input: { wonum, site, values },
  proposals: ({ wonum: record, site: where, values: wanted }) => ({
    proposals: [{ op: 'update', object, record, site: where, values: wanted }],
  }),
})

export const changeWorkOrderStatus = stagingTool({
  ...FACTS,
  name: 'change_work_order_status',
  title: 'Change work order status',
  does: 'Moves a work order to a status that Maximo allows now.',
  input: {
    wonum,
    site,
    status: code,
    memo: z.string().min(1).max(50).optional(),
    status_date: instant.optional(),
  },
  proposals: ({ wonum: record, site: where, status, memo, status_date: date }) => ({
    proposals: [
      {
        ...{ op: 'status', object, record, site: where, status },
        ...(memo !== undefined && { memo }),
        ...(date !== undefined && { date }),
      },
    ],
  }),
})

export const reportLabor = stagingTool({
  ...FACTS,
  name: 'report_labor',
  title: 'Report labor',
  does: 'Reports hours worked on a work order.',
  input: {
    wonum,
    site,
    labor: code.describe('labor code'),
    hours: quantity.max(24),
    date: day.optional(),
    craft: code.optional(),
  },
  proposals: ({ wonum: record, site: where, labor, hours, date, craft }) => ({
    proposals: [
      {
        ...{ op: 'update', object, record, site: where, values: {} },
        children: {
          labtrans: [
            { action: 'add', values: given({ laborcode: labor, regularhrs: hours, startdate: date, craft }) },
          ],
        },
      },
    ],
  }),
})

export const reportMaterials = stagingTool({
  ...FACTS,
  name: 'report_materials',
  title: 'Report material use',
  does: 'Reports items used on a work order, taken out of a storeroom.',
  input: { wonum, site, item: code, storeroom: code.optional(), quantity },
  proposals: ({ wonum: record, site: where, item, storeroom, quantity: used }) => ({
    proposals: [
      {
        ...{ op: 'update', object, record, site: where, values: {} },
        children: {
          matusetrans: [
            { action: 'add', values: given({ itemnum: item, storeloc: storeroom, quantity: used }) },
          ],
        },
      },
    ],
  }),
})

export const addPlannedWork = stagingTool({
  toolset: 'planning_write',
  objectStructure: WORK_ORDERS,
  name: 'add_planned_work',
  title: 'Add planned labor and materials',
  does: 'Adds planned crafts and items to a work order; whether Maximo reserves the items is its own rule.',
  input: {
    wonum,
    site,
    labor: z
      .array(
        z.strictObject({
          craft: code,
          hours: quantity.max(1_000),
          people: z.int().min(1).max(50).default(1),
        }),
      )
      .max(10)
      .optional(),
    materials: z
      .array(z.strictObject({ item: code, quantity, storeroom: code.optional() }))
      .max(20)
      .optional(),
  },
  proposals: ({ wonum: record, site: where, labor = [], materials = [] }) => {
    const wplabor = labor.map(({ craft, hours: laborhrs, people }) => ({
      action: 'add' as const,
      values: given({ craft, laborhrs, quantity: people }),
    }))
    const wpmaterial = materials.map(({ item, quantity: itemqty, storeroom }) => ({
      action: 'add' as const,
      values: given({ itemnum: item, itemqty, location: storeroom }),
    }))
    const rows = Object.entries({ wplabor, wpmaterial }).filter(([, all]) => all.length > 0)
    return {
      proposals: [
        { ...{ op: 'update', object, record, site: where, values: {} }, children: Object.fromEntries(rows) },
      ],
    }
  },
})

export const assignWork = stagingTool({
  ...FACTS,
  name: 'assign_work',
  title: 'Assign work',
  does: 'Adds an assignment of a person to a work order.',
  input: {
    wonum,
    site,
    labor: code.describe('labor code'),
    craft: code.optional(),
    start: instant.optional(),
    hours: quantity.max(1_000).optional(),
  },
  proposals: ({ wonum: record, site: where, labor, craft, start, hours }) => ({
    proposals: [
      {
        ...{ op: 'update', object, record, site: where, values: {} },
        children: {
          assignment: [
            {
              action: 'add',
              values: given({ laborcode: labor, craft, scheduledate: start, laborhrs: hours }),
            },
          ],
        },
      },
    ],
  }),
})

export const createFollowUp = stagingTool({
  ...FACTS,
  name: 'create_follow_up',
  title: 'Create a follow-up work order',
  does: 'New work order that follows up another one, with its asset and place.',
  input: { from_wonum: wonum, site, description: text, work_type: code.optional(), priority },
  proposals: ({
    from_wonum: record,
    site: where,
    description,
    work_type: worktype,
    priority: wopriority,
  }) => ({
    proposals: [
      {
        ...{ op: 'action', object, record, site: where, method: 'createFollowUp' },
        parameters: given({ description, worktype, wopriority }),
      },
    ],
  }),
})
