import { assertMayWrite } from '../auth/rights.ts'
import { BmxError } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { readInstant } from '../where/date-literal.ts'
import { textIn, type Payload } from '../write/payload.ts'
import type { Saving } from '../write/saving.ts'
import type { Answer, Exchange } from './exchange.ts'
import { answerWritten, savingOf } from './write-context.ts'
import type { WriteTarget } from './write-routes.ts'

/**
 * `downtimereport` of a work order with `{statuschangedate, statuschangecode, operational}`, as IBM's technician app calls
 * it: its asset goes down, or up again, at that time.
 *
 * @throws BmxError without a time, an asset, or for an end before the beginning
 */
export function reportDowntime(
  exchange: Exchange,
  target: WriteTarget,
  call: { readonly row: Row; readonly payload: Payload },
): Answer {
  assertMayWrite(exchange.user, target.structure, 'REPDOWN')
  const saving = savingOf(exchange)
  const date = textIn(call.payload, 'statuschangedate')
  if (date === null) throw refusal('BMXAA4195E', 'A value is required for statuschangedate.')
  turn(assetOf(call.row, saving), readInstant(date, saving), {
    code: textIn(call.payload, 'statuschangecode'),
    saving,
  })
  return answerWritten(exchange, { collection: target.collection, row: call.row, isNew: false })
}

function assetOf({ assetnum, siteid }: Row, { db }: Saving): Row {
  const assets = assetnum === undefined ? [] : db.find('ASSET', 'assetnum', assetnum)
  const asset = assets.find((one) => one['siteid'] === siteid)
  if (asset === undefined) throw refusal('BMXAA0090E', 'The work order has no asset that could be down.')
  return asset
}

function turn(asset: Row, atMs: number, at: { readonly code: string | null; readonly saving: Saving }): void {
  const { db, clock } = at.saving
  const { assetnum, siteid } = asset
  if (atMs > clock.nowMs()) throw refusal('BMXAA4198E', 'Downtime cannot be reported for the future.')
  const isDown = asset['isrunning'] === false
  const open = db
    .find('MODDOWNTIMEHIST', 'assetnum', assetnum ?? '')
    .find((row) => row['siteid'] === siteid && row['enddate'] === undefined)
  if (!isDown) {
    const code = at.code === null || at.code === '' ? undefined : at.code
    db.insert('MODDOWNTIMEHIST', { assetnum, siteid, startdate: atMs, code })
  } else if (open !== undefined) {
    if (atMs < Number(open['startdate'])) throw refusal('BMXAA4198E', 'Downtime cannot end before it began.')
    db.update('MODDOWNTIMEHIST', open, { enddate: atMs })
  }
  db.update('ASSET', asset, { isrunning: isDown })
}

const refusal = (code: string, text: string): BmxError =>
  new BmxError(400, code, text, { attribute: 'statuschangedate', object: 'workorder' })
