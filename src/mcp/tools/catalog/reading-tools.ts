import { aggregateRecords } from '../query/aggregate-records.ts'
import { callReadTool } from '../core/call-read-tool.ts'
import { describeObject } from '../core/describe-object.ts'
import { explainError } from '../core/explain-error.ts'
import { exportRecords } from '../query/export-records.ts'
import { findTools } from '../core/find-tools.ts'
import { getContext } from '../core/get-context.ts'
import { getRecord } from '../query/get-record.ts'
import { getWorkOrder } from '../work/get-work-order.ts'
import { previewQuery } from '../query/preview-query.ts'
import { queryRecords } from '../query/query-records.ts'
import { searchWorkOrders } from '../work/search-work-orders.ts'
import { getAsset, searchAssets } from '../sets/assets.ts'
import { getUsage, listSessions, searchAuditLog } from '../sets/admin.ts'
import { getAttachment, listAttachments } from '../sets/attachments.ts'
import { getBacklog } from '../sets/backlog.ts'
import { rankBadActors } from '../sets/bad-actors.ts'
import { getItemAvailability } from '../sets/availability.ts'
import { getPmForecast } from '../sets/forecast.ts'
import { findAvailableLabor } from '../sets/available-labor.ts'
import { getSchedule } from '../sets/schedule.ts'
import { fetchRecord, search } from '../sets/compat.ts'
import { listDetections } from '../sets/detections.ts'
import { listComplianceDue } from '../sets/compliance.ts'
import { getMaintenanceKpis } from '../sets/kpis.ts'
import { searchInventory } from '../sets/inventory.ts'
import { getLocationTree } from '../sets/locations.ts'
import { getMeterReadings } from '../sets/meters.ts'
import { getFailurePareto } from '../sets/pareto.ts'
import { listItemsToReorder } from '../sets/reorder.ts'
import { getJobPlan, searchPms } from '../sets/planning.ts'
import { getPurchaseDocument, searchPurchaseDocuments } from '../sets/purchasing.ts'
import { listSavedQueries, runSavedQuery } from '../sets/saved-queries.ts'
import { getSafetyPlan } from '../sets/safety-plan.ts'
import { getServiceRequest, searchServiceRequests } from '../sets/service-requests.ts'
import { findSimilarWork } from '../sets/similar-work.ts'
import { getInventoryTransactions } from '../sets/transactions.ts'
import { getVendorPerformance } from '../sets/vendor-performance.ts'
import { getWorkflowStatus, listMyInbox } from '../sets/workflow.ts'
import type { Tool } from '../tool.ts'

export const CORE_TOOLS = [getContext, findTools, callReadTool, explainError, getUsage]
const QUERY = [
  describeObject,
  queryRecords,
  getRecord,
  aggregateRecords,
  previewQuery,
  listSavedQueries,
  runSavedQuery,
  exportRecords,
]
const WORK = [searchWorkOrders, getWorkOrder, searchServiceRequests, getServiceRequest]
const ASSETS = [searchAssets, getAsset, getLocationTree, getMeterReadings]
const RELIABILITY = [getMaintenanceKpis, getBacklog, rankBadActors, getFailurePareto, findSimilarWork]
const INVENTORY = [searchInventory, listItemsToReorder, getItemAvailability, getInventoryTransactions]
const PURCHASING = [searchPurchaseDocuments, getPurchaseDocument, getVendorPerformance]
const PLANNING = [searchPms, getPmForecast, getJobPlan, getSchedule, findAvailableLabor]
const WORKFLOW = [listMyInbox, getWorkflowStatus]
const ATTACHMENTS = [listAttachments, getAttachment]
const SAFETY = [getSafetyPlan, listComplianceDue]
const ADMIN = [listSessions, searchAuditLog, listDetections]
const COMPAT = [search, fetchRecord]

/** The tools that read. */
export const READING_TOOLS: readonly Tool[] = [
  ...QUERY,
  ...WORK,
  ...ASSETS,
  ...RELIABILITY,
  ...INVENTORY,
  ...PURCHASING,
  ...PLANNING,
  ...WORKFLOW,
  ...ATTACHMENTS,
  ...SAFETY,
  ...ADMIN,
  ...COMPAT,
]
