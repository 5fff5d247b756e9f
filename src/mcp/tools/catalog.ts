import { aggregateRecords } from './aggregate-records.ts'
import { callReadTool } from './call-read-tool.ts'
import { callWriteTool } from './call-write-tool.ts'
import { commitChange } from './changes/commit-change.ts'
import { discardChange, getChange, listChanges, planUndo } from './changes/other-change-tools.ts'
import { planChange } from './changes/plan-change.ts'
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
import {
  attachLink,
  changePurchaseStatus,
  createPurchaseRequisition,
  respondToAssignment,
} from './staging/office-tools.ts'
import { moveAsset, recordMeterReading, recordPhysicalCount } from './staging/plant-tools.ts'
import {
  addWorkLog,
  createServiceRequest,
  createWorkOrderFromRequest,
  updateServiceRequest,
} from './staging/ticket-tools.ts'
import {
  assignWork,
  changeWorkOrderStatus,
  createFollowUp,
  createWorkOrder,
  reportLabor,
  reportMaterials,
  updateWorkOrder,
} from './staging/work-order-tools.ts'
import type { Tool } from './tool.ts'

const CORE = [getContext, findTools, callReadTool, callWriteTool]
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

const CHANGE = [planChange, commitChange, getChange, listChanges, discardChange, planUndo]
const WORK_WRITE = [
  createWorkOrder,
  updateWorkOrder,
  changeWorkOrderStatus,
  addWorkLog,
  reportLabor,
  reportMaterials,
  assignWork,
  createFollowUp,
  createServiceRequest,
  updateServiceRequest,
  createWorkOrderFromRequest,
]
const PLANT_WRITE = [recordMeterReading, moveAsset, recordPhysicalCount]
const OFFICE_WRITE = [createPurchaseRequisition, changePurchaseStatus, respondToAssignment, attachLink]

/** Every tool, in the order in which clients see them. */
export const CATALOG: readonly Tool[] = [
  ...CORE,
  ...QUERY,
  ...WORK,
  ...ASSETS,
  ...INVENTORY,
  ...PURCHASING,
  ...PLANNING,
  ...CHANGE,
  ...WORK_WRITE,
  ...PLANT_WRITE,
  ...OFFICE_WRITE,
]
