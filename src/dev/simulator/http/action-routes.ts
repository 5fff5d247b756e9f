import { assertMayWrite } from '../auth/rights.ts'
import { BmxError, notAllowed } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { changeStatus } from '../write/change-status.ts'
import { assertDeletable } from '../write/delete-record.ts'
import { readJson, readRecord, textIn, type Payload } from '../write/payload.ts'
import type { Saving } from '../write/saving.ts'
import { readInstant } from '../where/date-literal.ts'
import type { Answer, Exchange } from './exchange.ts'
import { answerWritten, savingOf, transacted } from './write-context.ts'
import { createFrom, moveAsset, showWorkLog } from './record-actions.ts'
import { reportDowntime } from './report-downtime.ts'
import { completeAssignment, startWorkflow } from './workflow-routes.ts'
import type { WriteTarget } from './write-routes.ts'

export interface ActionCall {
  readonly row: Row
  /** `wsmethod:changeStatus`, `system:candelete`. */
  readonly action: string
  readonly payload: Payload
}

/** An action called on the address of a record: parameters in the body, or none. */
export function answerAction(
  exchange: Exchange,
  target: WriteTarget,
  call: { readonly row: Row; readonly action: string },
): Answer {
  const payload =
    exchange.body.length === 0 ? {} : readRecord(readJson(exchange.body, exchange.contentType), true)
  return transacted(exchange, () => runAction(exchange, target, { ...call, payload }))
}

type Action = (exchange: Exchange, target: WriteTarget, call: ActionCall) => Answer

/** Runs an action on a record (maximo-api §4.6). @throws BmxError BMXAA0024E for one that its object does not have. */
export function runAction(exchange: Exchange, target: WriteTarget, call: ActionCall): Answer {
  const { mbo } = target.collection
  const [kind = '', name = ''] = call.action.split(':')
  if (kind === 'workflow') {
    assertMayWrite(exchange.user, target.structure, 'WORKFLOW')
    return startWorkflow(exchange, { table: mbo.name, row: call.row, process: name })
  }
  const key = `${kind}:${name}`.toLowerCase()
  const action = ACTIONS[key] ?? OBJECT_ACTIONS[`${mbo.name} ${key}`]
  if (action === undefined) throw notAllowed(call.action, mbo.name)
  return action(exchange, target, call)
}

const ACTIONS: Readonly<Record<string, Action>> = {
  'wsmethod:changestatus': (exchange, target, { row, payload }) => {
    assertMayWrite(exchange.user, target.structure, 'changeStatus')
    const saving = savingOf(exchange)
    const moved = changeStatus(target.collection.mbo, row, readStatusChange(payload, saving), saving)
    return answerWritten(exchange, { collection: target.collection, row: moved, isNew: false })
  },
  'system:candelete': (_exchange, target, { row }) => {
    assertDeletable(target.collection.mbo, row)
    return { status: 200, body: {} }
  },
}

/** Actions that one object alone has. */
const OBJECT_ACTIONS: Readonly<Record<string, Action>> = {
  'WORKORDER wsmethod:getworklog': (exchange, _target, call) => showWorkLog(exchange, call),
  'WORKORDER wsmethod:downtimereport': reportDowntime,
  'WORKORDER wsmethod:createfollowup': (exchange, _target, call) =>
    createFrom(exchange, call, 'MXAPIWODETAIL'),
  'ASSET wsmethod:createworkorder': (exchange, _target, call) => createFrom(exchange, call, 'MXAPIWODETAIL'),
  'ASSET wsmethod:createservicerequest': (exchange, _target, call) => createFrom(exchange, call, 'MXAPISR'),
  'ASSET wsmethod:movesingleasset': moveAsset,
  'WFASSIGNMENT wsmethod:completeassignment': (exchange, _target, { row, payload }) =>
    completeAssignment(exchange, row, payload),
}

/** `{status, date | statusdate, memo}`; its own names, never with a prefix. */
function readStatusChange(payload: Payload, saving: Saving): Parameters<typeof changeStatus>[2] {
  const status = textIn(payload, 'status')
  if (status === null) {
    throw new BmxError(400, 'BMXAA4195E', 'A value is required for the status field.', {
      attribute: 'status',
    })
  }
  const date = textIn(payload, 'date') ?? textIn(payload, 'statusdate')
  const memo = textIn(payload, 'memo')
  return {
    status,
    ...(date === null ? {} : { atMs: readInstant(date, saving) }),
    ...(memo === null ? {} : { memo }),
  }
}
