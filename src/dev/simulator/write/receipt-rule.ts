import { BmxError } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import type { Draft, ObjectRule } from './object-rules.ts'
import type { Saving } from './saving.ts'

/**
 * A receipt of a line of an approved order, as IBM's receiving app makes one: the order and line, `receiptquantity`, and an
 * `externalrefid` of its own. What it is worth and where it goes is the line's; returns are not simulated.
 */
export const receiptRule: ObjectRule = {
  isPosted: true,
  readOnly: ['quantity', 'unitcost', 'linecost', 'transdate', 'tostoreloc'],
  fill: fillReceipt,
  post: takeIn,
}

const cents = (amount: number): number => Math.round(amount * 100) / 100

function fillReceipt(draft: Draft, saving: Saving): void {
  draft['issuetype'] ??= 'RECEIPT'
  if (draft['issuetype'] !== 'RECEIPT') throw refusal('issuetype', 'Only receipts are entered here.')
  const line = lineOf(draft, saving)
  const quantity = Number(draft['receiptquantity'] ?? 0)
  const left = Number(line['orderqty']) - Number(line['receivedqty'] ?? 0)
  if (!(quantity > 0)) throw refusal('receiptquantity', 'The quantity must be greater than zero.')
  if (quantity > left) throw refusal('receiptquantity', `Only ${left} of this line can still be received.`)
  const unitcost = Number(line['unitcost'] ?? 0)
  const { itemnum, storeloc: tostoreloc, revisionnum } = line
  Object.assign(draft, { quantity, unitcost, linecost: cents(quantity * unitcost) })
  Object.assign(draft, { itemnum, tostoreloc, revisionnum, porevisionnum: revisionnum })
}

/** @throws BmxError for an order that is not there or not approved, and for a line that it does not have */
function lineOf({ ponum, polinenum, positeid, siteid }: Draft, { db }: Saving): Row {
  const site = positeid ?? siteid
  const order = db
    .find('PO', 'ponum', ponum ?? '')
    .find((row) => row['siteid'] === site && row['status'] !== 'REVISD')
  if (order === undefined) throw refusal('ponum', `There is no purchase order ${String(ponum)}.`)
  if (order['status'] !== 'APPR') throw refusal('ponum', `Purchase order ${String(ponum)} is not approved.`)
  const line = db
    .find('POLINE', 'ponum', ponum ?? '')
    .find((row) => row['siteid'] === site && row['polinenum'] === polinenum && isOf(order, row))
  if (line === undefined) throw refusal('polinenum', `The order has no line ${String(polinenum)}.`)
  return line
}

const isOf = (order: Row, line: Row): boolean => line['revisionnum'] === order['revisionnum']

const refusal = (attribute: string, text: string): BmxError =>
  new BmxError(400, 'BMXAA4198E', text, { attribute, object: 'matrectrans' })

/** The line, the order and the storeroom have it from now on. */
function takeIn(row: Row, saving: Saving): void {
  const { db } = saving
  const line = lineOf(row, saving)
  const receivedqty = Number(line['receivedqty'] ?? 0) + Number(row['quantity'])
  const receivedtotalcost = cents(Number(line['receivedtotalcost'] ?? 0) + Number(row['linecost']))
  const receiptscomplete = receivedqty >= Number(line['orderqty'])
  db.update('POLINE', line, { receivedqty, receivedtotalcost, receiptscomplete })
  const lines = db.find('POLINE', 'ponum', row['ponum'] ?? '').filter((one) => isSameOrder(one, line))
  const order = db.find('PO', 'ponum', row['ponum'] ?? '').find((one) => isSameOrder(one, line))
  if (order !== undefined) {
    const receipts = lines.every((one) => one['receiptscomplete'] === true) ? 'COMPLETE' : 'PARTIAL'
    const received = lines.reduce((sum, one) => sum + Number(one['receivedtotalcost'] ?? 0), 0)
    db.update('PO', order, { receipts, receivedtotalcost: cents(received) })
  }
  addToStock(row, saving)
}

const isSameOrder = (one: Row, line: Row): boolean =>
  one['siteid'] === line['siteid'] && one['revisionnum'] === line['revisionnum']

function addToStock({ itemnum, tostoreloc, siteid, quantity }: Row, { db }: Saving): void {
  if (itemnum === undefined || tostoreloc === undefined) return
  for (const table of ['INVBALANCES', 'INVENTORY']) {
    const stock = db
      .find(table, 'itemnum', itemnum)
      .find((one) => one['location'] === tostoreloc && one['siteid'] === siteid)
    if (stock === undefined) continue
    const curbal = Number(stock['curbal']) + Number(quantity)
    db.update(table, stock, table === 'INVENTORY' ? { curbal, avblbalance: curbal } : { curbal })
  }
}
