import { BmxError, methodNotSupported, noSuchResource, notAllowed } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { WORK_APPROVAL } from '../plant/workflow.ts'
import type { JsonObject } from '../render/json.ts'
import { changeStatus } from '../write/change-status.ts'
import { mboNamed } from '../schema/catalog.ts'
import { readJson, readRecord, textIn, type Payload } from '../write/payload.ts'
import { hrefsOf, type Answer, type Exchange } from './exchange.ts'
import { savingOf, transacted } from './write-context.ts'

/** The two ways on from the input node of the approval process. */
const WAYS = [
  { actionid: 7, instruction: 'Send to supervisor', ispositive: true, sequence: 1, wfactionid: 845 },
  { actionid: 8, instruction: 'Return to planner', ispositive: false, sequence: 2, wfactionid: 846 },
] as const

/**
 * Starts a workflow on a record; the header `wfinitiated` names it (maximo-api §4.8).
 *
 * @throws BmxError BMXAA0024E for a process that does not exist or is for another object, 400 when one is active.
 */
export function startWorkflow(exchange: Exchange, at: { table: string; row: Row; process: string }): Answer {
  const { plant, clock } = exchange.instance
  if (at.process.toUpperCase() !== WORK_APPROVAL.processname || at.table !== 'WORKORDER') {
    throw notAllowed(`workflow:${at.process}`, at.table)
  }
  const owner = { ownertable: at.table, ownerid: at.row['workorderid'] }
  const isActive = plant
    .find('WFINSTANCE', 'ownerid', Number(owner.ownerid))
    .some((one) => one['ownertable'] === at.table && one['active'] === true)
  if (isActive) throw new BmxError(400, 'BMXAA4198E', 'A workflow is already active on this record.')
  const wfid = 1000 + plant.rows('WFINSTANCE').length
  const started = { originator: exchange.user.personId, starttime: clock.nowMs() }
  plant.insert('WFINSTANCE', { wfid, ...WORK_APPROVAL, ...owner, active: true, ...started })
  plant.insert('WFASSIGNMENT', {
    assignid: wfid,
    wfid,
    nodeid: 3,
    processname: WORK_APPROVAL.processname,
    processrev: WORK_APPROVAL.revision,
    ...owner,
    assigncode: at.row['supervisor'] ?? exchange.user.personId,
    assignstatus: 'ACTIVE',
    app: 'WOTRACK',
    description: `Approve work order ${String(at.row['wonum'])}`,
    priority: 3,
    startdate: clock.nowMs(),
  })
  return { status: 204, headers: { wfinitiated: Buffer.from(WORK_APPROVAL.processname).toString('base64') } }
}

/**
 * `wsmethod:completeAssignment` with `{accepted, memo}`. An acceptance leads to an input node: with `interactive=1` its
 * choices are shown under a transient address; without, the positive way is taken.
 *
 * @throws BmxError BMXAA0024E for another person's assignment or one that is no longer active.
 */
export function completeAssignment(exchange: Exchange, assignment: Row, payload: Payload): Answer {
  const isMine = assignment['assigncode'] === exchange.user.personId
  if (!isMine || assignment['assignstatus'] !== 'ACTIVE')
    throw notAllowed('completeAssignment', 'WFASSIGNMENT')
  const { accepted } = payload
  if (typeof accepted !== 'boolean') {
    throw new BmxError(400, 'BMXAA4195E', 'A value is required for accepted.', { attribute: 'accepted' })
  }
  if (accepted && exchange.parameters.has('interactive')) return showInputNode(exchange, assignment)
  finish(exchange, assignment, { isApproved: accepted, memo: textIn(payload, 'memo') })
  return { status: 204 }
}

function showInputNode(exchange: Exchange, assignment: Row): Answer {
  const { transients } = exchange.instance
  const id = `mxapiwfassignment_${54_967 + transients.size}`
  transients.set(id, Number(assignment['wfassignmentid']))
  const process = { processname: assignment['processname'], processrev: assignment['processrev'] }
  const member = WAYS.map((way): JsonObject => ({
    ...way,
    ownernodeid: 9,
    membernodeid: 4,
    processname: String(process.processname),
    processrev: Number(process.processrev),
    href: `null/0-${way.wfactionid}`,
  }))
  const location = hrefsOf(exchange).to(`wf/${id}`)
  const info = { href: location, totalCount: member.length }
  return {
    status: 200,
    headers: { location },
    body: { nodetype: 'INPUT', internalnodetype: 'WFINPUT', member, responseInfo: info },
  }
}

/** `POST /wf/{id}` with `{actionid, memo}`: answers an input node, once. @throws BmxError 404 when there is none. */
export function answerInputNode(exchange: Exchange): Answer {
  const [, id = ''] = exchange.segments
  const { plant, transients } = exchange.instance
  if (exchange.method !== 'POST') throw methodNotSupported(exchange.method)
  const assignmentId = transients.get(id)
  const [assignment] =
    assignmentId === undefined ? [] : plant.find('WFASSIGNMENT', 'wfassignmentid', assignmentId)
  if (assignment === undefined || assignment['assigncode'] !== exchange.user.personId)
    throw noSuchResource(id)
  if (assignment['assignstatus'] !== 'ACTIVE') throw noSuchResource(id)
  const payload = readRecord(readJson(exchange.body, exchange.contentType), true)
  const way = WAYS.find(({ actionid }) => actionid === payload['actionid'])
  if (way === undefined) {
    throw new BmxError(400, 'BMXAA4190E', 'The action is not in the value list.', { attribute: 'actionid' })
  }
  return transacted(exchange, () => {
    finish(exchange, assignment, { isApproved: way.ispositive, memo: textIn(payload, 'memo') })
    return { status: 204 }
  })
}

function finish(
  exchange: Exchange,
  assignment: Row,
  outcome: { isApproved: boolean; memo: string | null },
): void {
  const saving = savingOf(exchange)
  const { db } = saving
  db.update('WFASSIGNMENT', assignment, { assignstatus: 'COMPLETE' })
  const [running] = db.find('WFINSTANCE', 'wfid', assignment['wfid'] ?? 0)
  if (running !== undefined) db.update('WFINSTANCE', running, { active: false })
  const [order] = db.find('WORKORDER', 'workorderid', assignment['ownerid'] ?? 0)
  if (!outcome.isApproved || order === undefined) return
  const change = { status: 'APPR', ...(outcome.memo === null ? {} : { memo: outcome.memo }) }
  changeStatus(mboNamed('WORKORDER'), order, change, saving)
}
