import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { READS_MAXIMO, type ToolFacts } from '../tool.ts'

/** What a tool is that reckons over all work orders there are: several questions to Maximo, and so several calls' worth. */
export const RECKONS_WORK = {
  ...READS_MAXIMO,
  toolset: 'reliability',
  isOnRequest: true,
  costUnits: 3,
  objectStructure: WORK_ORDERS,
} as const satisfies Partial<ToolFacts>
