import { answerQuestion } from '../changes/answer-question.ts'
import { commitChange } from '../changes/commit-change.ts'
import { discardChange, getChange, listChanges, planUndo } from '../changes/other-change-tools.ts'
import { planChange } from '../changes/plan-change.ts'
import { completeWorkOrder } from '../staging/completion-tool.ts'
import { issueItems } from '../staging/stock-tools.ts'
import {
  attachFile,
  attachLink,
  changePurchaseStatus,
  createPurchaseRequisition,
  receiveItems,
  respondToAssignment,
} from '../staging/office-tools.ts'
import { moveAsset, recordMeterReading, recordPhysicalCount, reportDowntime } from '../staging/plant-tools.ts'
import {
  addWorkLog,
  createServiceRequest,
  createWorkOrderFromRequest,
  updateServiceRequest,
} from '../staging/ticket-tools.ts'
import {
  addPlannedWork,
  assignWork,
  changeWorkOrderStatus,
  createFollowUp,
  createWorkOrder,
  reportLabor,
  reportMaterials,
  updateWorkOrder,
} from '../staging/work-order-tools.ts'
import { revokeSession } from '../sets/revoke-session.ts'
import type { Tool } from '../tool.ts'

const CHANGE = [planChange, commitChange, getChange, listChanges, discardChange, planUndo, answerQuestion]
const WORK_WRITE = [
  createWorkOrder,
  updateWorkOrder,
  changeWorkOrderStatus,
  completeWorkOrder,
  addWorkLog,
  reportLabor,
  reportMaterials,
  assignWork,
  addPlannedWork,
  createFollowUp,
  createServiceRequest,
  updateServiceRequest,
  createWorkOrderFromRequest,
]
const PLANT_WRITE = [recordMeterReading, moveAsset, reportDowntime, issueItems, recordPhysicalCount]
const OFFICE_WRITE = [
  createPurchaseRequisition,
  receiveItems,
  changePurchaseStatus,
  respondToAssignment,
  attachFile,
  attachLink,
]

/** The tools that stage a change, the one that makes it, and the one that ends a connection. */
export const CHANGING_TOOLS: readonly Tool[] = [
  ...CHANGE,
  ...WORK_WRITE,
  ...PLANT_WRITE,
  ...OFFICE_WRITE,
  revokeSession,
]
