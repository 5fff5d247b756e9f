import type { Meanings } from '../lists/states.ts'

const WAITING = ['WAPPR', 'WSCH', 'WMATL']
const OPEN = [...WAITING, 'APPR', 'INPRG']

export const WORK_ORDER_STATES: Meanings = {
  domain: 'WOSTATUS',
  internal: {
    open: OPEN,
    waiting: WAITING,
    in_progress: ['INPRG'],
    overdue: OPEN,
    completed: ['COMP'],
    closed: ['CLOSE', 'HISTEDIT'],
    cancelled: ['CAN'],
  },
  // Approved, but waiting for the plant: IBM ships it as a synonym of APPR, and it means waiting all the same.
  also: { WPCOND: 'waiting' },
  overdue: { state: 'overdue', field: 'targcompdate' },
  default: 'open',
}

export const REQUEST_STATES: Meanings = {
  domain: 'SRSTATUS',
  internal: {
    open: ['NEW', 'QUEUED', 'PENDING', 'INPROG'],
    new: ['NEW'],
    queued: ['QUEUED'],
    pending: ['PENDING'],
    in_progress: ['INPROG'],
    resolved: ['RESOLVED'],
    closed: ['CLOSED', 'HISTEDIT'],
  },
  default: 'open',
}

export const ASSET_STATES: Meanings = {
  domain: 'LOCASSETSTATUS',
  internal: {
    operating: ['OPERATING'],
    not_ready: ['NOT READY'],
    decommissioned: ['DECOMMISSIONED'],
  },
  default: 'any',
}

export const PM_STATES: Meanings = {
  domain: 'PMSTATUS',
  internal: { active: ['ACTIVE'], draft: ['DRAFT'], inactive: ['INACTIVE'] },
  default: 'active',
}

/** Results of inspections, which no list asks for by state. */
export const INSPECTION_STATES: Meanings = {
  domain: 'INSPRESULTSTATUS',
  internal: { unfinished: ['PENDING', 'INPROG', 'REVIEW', 'DRAFT'] },
  default: 'unfinished',
}

/** Of job plans' revisions. */
export const JOB_PLAN_STATES = { domain: 'JOBPLANSTATUS', internal: { active: ['ACTIVE'] } }

/** Of people, whom no list asks for by state. */
export const LABOR_STATES = { domain: 'LABORSTATUS', internal: { active: ['ACTIVE'] } }

/** Those of lists; a domain belongs to one. */
export const STATES: readonly Meanings[] = [WORK_ORDER_STATES, REQUEST_STATES, ASSET_STATES, PM_STATES]
