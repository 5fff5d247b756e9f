import { Database } from '../../../src/dev/simulator/plant/database.ts'
import type { Plant, Row } from '../../../src/dev/simulator/plant/plant.ts'
import { createRandom, type Random } from '../../../src/dev/simulator/plant/random.ts'

const DAY_MS = 86_400_000
export const VENDORS = ['ATI', 'BEARING', 'GCE'] as const
const STATUSES = ['APPR', 'APPR', 'CLOSE', 'CLOSE', 'ORDERED', 'WAPPR', 'CAN', 'REVISD']
const LINE_TYPES = ['ITEM', 'ITEM', 'MATERIAL', 'SPARES', 'SERVICE']

/**
 * Puts orders, receipts and invoices into a plant of which a vendor's figures are easily wrong: revisions, services, names
 * of its own for statuses and types, receipts in parts, a second before or after the midnight of the promised day, voided
 * or sent back, and prices that are not those of the order.
 */
export function addRoughPurchases(plant: Plant, { seed, count }: { seed: number; count: number }): void {
  if (!(plant instanceof Database)) throw new Error('not a plant that can be written')
  for (const [domainid, value, maxvalue] of [
    ['POSTATUS', 'ORDERED', 'APPR'],
    ['LINETYPE', 'SPARES', 'MATERIAL'],
    ['ISSUETYP', 'SENT BACK', 'RETURN'],
    ['IVSTATUS', 'DROPPED', 'CANCEL'],
  ] as const)
    plant.insert('SYNONYMDOMAIN', {
      ...{ domainid, value, maxvalue, description: value, defaults: false, valueid: `${domainid}|${value}` },
    })
  const random = createRandom(seed)
  for (let index = 0; index < count; index += 1) addOrder(plant, random, `RP${seed}-${index}`)
}

const like = (plant: Database, table: string): Row => plant.rows(table)[0] ?? {}

function addOrder(plant: Database, random: Random, ponum: string): void {
  const siteid = random.pick(['BEDFORD', 'NASHUA'])
  const promisedMs = plant.startOfDayMs - random.between(1, 60) * DAY_MS
  const key = { ponum, siteid, revisionnum: random.between(0, 1) }
  plant.insert('PO', {
    ...{ ...like(plant, 'PO'), ...key, vendor: random.pick(VENDORS), status: random.pick(STATUSES) },
    vendeliverydate: random.maybe(0.9, () => new Date(promisedMs).toISOString().slice(0, 10)),
    currencycode: 'USD',
  })
  const lines = random.between(1, 3)
  for (let polinenum = 1; polinenum <= lines; polinenum += 1) {
    const line = {
      ...key,
      polinenum,
      orderqty: random.between(1, 8),
      unitcost: random.between(100, 9_000) / 100,
    }
    const receivedqty = addReceipts(plant, random, { ...line, promisedMs })
    plant.insert('POLINE', {
      ...{ ...like(plant, 'POLINE'), ...line, receivedqty, linetype: random.pick(LINE_TYPES) },
      receiptscomplete: receivedqty >= line.orderqty,
    })
    if (random.chance(0.6)) addInvoice(plant, random, line)
  }
}

/** An order of one site with a line for each list of receipts (type and quantity), which came a day before it was promised. */
export function addOrderInParts(
  plant: Plant,
  vendor: string,
  { promised, lines }: { promised: string; lines: readonly (readonly [number, [string, number][]])[] },
): void {
  if (!(plant instanceof Database)) throw new Error('not a plant that can be written')
  const key = { ponum: `IP-${vendor}`, siteid: 'BEDFORD', revisionnum: 0 }
  plant.insert('PO', {
    ...{ ...like(plant, 'PO'), ...key, vendor, status: 'APPR', vendeliverydate: promised },
  })
  for (const [index, [orderqty, moves]] of lines.entries()) {
    const line = { ...key, polinenum: index + 1, unitcost: 1 }
    plant.insert('POLINE', {
      ...{ ...like(plant, 'POLINE'), ...line, orderqty, receivedqty: orderqty, linetype: 'ITEM' },
      receiptscomplete: true,
    })
    for (const [issuetype, quantity] of moves)
      plant.insert('MATRECTRANS', {
        ...{ ...line, quantity, linecost: 0, enterby: 'QUINN', issuetype },
        transdate: Date.parse(promised) - DAY_MS,
      })
  }
}

interface Line {
  readonly ponum: string
  readonly siteid: string
  readonly polinenum: number
  readonly orderqty: number
  readonly unitcost: number
}

/** @returns what is left of them */
function addReceipts(plant: Database, random: Random, line: Line & { readonly promisedMs: number }): number {
  const { ponum, siteid, polinenum, orderqty, unitcost, promisedMs } = line
  let left = 0
  const receive = (issuetype: string, quantity: number): void => {
    left += quantity
    plant.insert('MATRECTRANS', {
      ...{ ponum, siteid, polinenum, quantity, unitcost, linecost: 0, revisionnum: 0, enterby: 'QUINN' },
      positeid: random.maybe(0.5, () => siteid),
      issuetype,
      transdate:
        promisedMs + random.pick([-48, 4, 5, 24, 28, 29, 72]) * 3_600_000 + random.pick([-1, 0, 1]) * 1000,
    })
  }
  const parts = random.between(0, 2)
  for (let part = 0; part < parts; part += 1)
    receive('RECEIPT', parts === 1 ? orderqty : Math.ceil(orderqty / 2))
  if (parts > 0 && random.chance(0.2)) receive('VOIDRECEIPT', -1)
  if (parts > 0 && random.chance(0.3)) receive(random.pick(['RETURN', 'SENT BACK']), -1)
  return left
}

function addInvoice(plant: Database, random: Random, line: Line): void {
  const { ponum, siteid, polinenum, orderqty, unitcost } = line
  const invoicenum = `I${ponum}${polinenum}`
  const status = random.pick(['APPR', 'PAID', 'CANCEL', 'DROPPED'])
  plant.insert('INVOICE', { ...like(plant, 'INVOICE'), invoicenum, siteid, status })
  plant.insert('INVOICELINE', {
    ...{ ...like(plant, 'INVOICELINE'), invoicenum, siteid, invoicelinenum: 1, ponum, polinenum },
    invoiceqty: random.between(1, orderqty),
    unitcost: unitcost + random.pick([0, 0, 0.5, -0.25, 12]),
  })
}
