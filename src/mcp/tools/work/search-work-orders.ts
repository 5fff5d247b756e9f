import { after, atMost, before, flag, oneOf, words } from '../lists/plain-arguments.ts'
import { heldBy, ofAsset, within } from '../lists/asked-arguments.ts'
import { listTool } from '../lists/list-tool.ts'
import { stateArgument, statusArgument } from '../lists/states.ts'
import { WORK_ORDER_STATES } from '../status/meanings.ts'

export const WORK_ORDERS = 'MXAPIWODETAIL'
/** Where Maximo writes who does a work order. */
const HOLDERS = ['lead', 'owner', 'crewid']

export const searchWorkOrders = listTool({
  name: 'search_work_orders',
  title: 'Search work orders',
  description:
    'Work orders by state, text, asset, location, assignee, priority and dates, with the exact total. Tasks of work orders are not counted. Statuses are understood by meaning, in the values of this site.',
  toolset: 'work',
  picture: 'work-board',
  subject: {
    objectStructure: WORK_ORDERS,
    columns: [
      'wonum',
      'description',
      'status',
      'worktype',
      'wopriority',
      'assetnum',
      'location',
      'lead',
      'targcompdate',
    ],
    order: [{ field: 'reportdate', direction: 'desc' }],
    always: [{ field: 'istask', op: 'eq', value: false }],
  },
  arguments: {
    text: words(['description'], 'words that the description has'),
    state: stateArgument(WORK_ORDER_STATES),
    status: statusArgument(),
    work_type: oneOf('worktype'),
    asset: ofAsset(),
    location: within(),
    assigned_to: heldBy(['lead', 'owner'], 'crewid', 'person, crew or "me"'),
    unassigned: flag(({ schema }) =>
      HOLDERS.filter((field) => schema.fields.has(field)).map((field) => ({ field, op: 'null' })),
    ),
    priority_max: atMost('wopriority', '1 is the most urgent'),
    due_before: before('targcompdate', 'target finish before this day'),
    reported_after: after('reportdate'),
  },
  // What is due soonest first where that is the question, else what was reported last.
  orderOf: ({ state, due_before: dueBefore }) =>
    state === 'overdue' || dueBefore !== undefined ? [{ field: 'targcompdate', direction: 'asc' }] : null,
})
