import { aggregateRecords } from './aggregate-records.ts'
import { describeObject } from './describe-object.ts'
import { getContextIn } from './get-context.ts'
import { getRecord } from './get-record.ts'
import { getWorkOrder } from './get-work-order.ts'
import { queryRecords } from './query-records.ts'
import { searchWorkOrders } from './search-work-orders.ts'
import type { Tool } from './tool.ts'

/** Every tool, in the order in which clients see them. */
export const CATALOG: readonly Tool[] = [
  getContextIn(() => CATALOG),
  describeObject,
  queryRecords,
  getRecord,
  aggregateRecords,
  searchWorkOrders,
  getWorkOrder,
]
