import { aggregateRecords } from './aggregate-records.ts'
import { callReadTool } from './call-read-tool.ts'
import { describeObject } from './describe-object.ts'
import { findTools } from './find-tools.ts'
import { getContext } from './get-context.ts'
import { getRecord } from './get-record.ts'
import { getWorkOrder } from './get-work-order.ts'
import { previewQuery } from './preview-query.ts'
import { queryRecords } from './query-records.ts'
import { searchWorkOrders } from './search-work-orders.ts'
import { getAsset, searchAssets } from './sets/assets.ts'
import { searchInventory } from './sets/inventory.ts'
import { getJobPlan, searchPms } from './sets/planning.ts'
import { getPurchaseDocument, searchPurchaseDocuments } from './sets/purchasing.ts'
import { listSavedQueries, runSavedQuery } from './sets/saved-queries.ts'
import { getServiceRequest, searchServiceRequests } from './sets/service-requests.ts'
import type { Tool } from './tool.ts'

const CORE = [getContext, findTools, callReadTool]
const QUERY = [
  describeObject,
  queryRecords,
  getRecord,
  aggregateRecords,
  previewQuery,
  listSavedQueries,
  runSavedQuery,
]
const WORK = [searchWorkOrders, getWorkOrder, searchServiceRequests, getServiceRequest]
const ASSETS = [searchAssets, getAsset]
const INVENTORY = [searchInventory]
const PURCHASING = [searchPurchaseDocuments, getPurchaseDocument]
const PLANNING = [searchPms, getJobPlan]

/** Every tool, in the order in which clients see them. */
export const CATALOG: readonly Tool[] = [
  ...CORE,
  ...QUERY,
  ...WORK,
  ...ASSETS,
  ...INVENTORY,
  ...PURCHASING,
  ...PLANNING,
]
