import { recordTool } from '../records/record-tool.ts'
import { WORK_ORDERS } from './search-work-orders.ts'
import { WORK_ORDER_SECTIONS } from './sections.ts'

export const getWorkOrder = recordTool({
  name: 'get_work_order',
  title: 'Get a work order',
  description: 'One work order with the sections you name and the statuses it may change to now.',
  toolset: 'work',
  number: 'wonum',
  searchTool: 'search_work_orders (state "any")',
  subject: {
    objectStructure: WORK_ORDERS,
    what: 'work order',
    field: 'wonum',
    fields: `wonum siteid description description_longdescription status statusdate worktype wopriority assetnum location
      parent istask reportedby reportdate lead owner supervisor crewid persongroup targstartdate targcompdate schedstart
      schedfinish actstart actfinish estdur jpnum pmnum failurecode problemcode`,
    allowedStates: true,
  },
  sections: WORK_ORDER_SECTIONS,
})
