import { DAY_MS, ITEM_SET, ORG, type PlantBuilder } from '../builder.ts'
import { addInvoice, type BilledLine } from '../invoice.ts'
import type { Row } from '../plant.ts'
import { SITES, STOREROOMS, type Site } from './sites.ts'
import { cents } from './stock.ts'

const STATUSES = ['WAPPR', 'APPR', 'APPR', 'CLOSE', 'CLOSE', 'CLOSE', 'CLOSE', 'CAN'] as const
const VENDORS = ['ATI', 'BEARING', 'GCE', 'GOULDS', 'HELWIG', 'DATACHIP'] as const

/** Purchase orders up to this many in all, each with one to three lines; a closed one was received and billed. */
export function addManyPurchases(plant: PlantBuilder, total: number): void {
  const costs = plant.rows('INVCOST')
  const items = new Map(plant.rows('ITEM').map((row) => [row['itemnum'], row]))
  const stock = new Map(SITES.map((siteid) => [siteid, costs.filter((row) => row['siteid'] === siteid)]))
  for (let index = plant.rows('PO').length; index < total; index += 1) {
    const siteid: Site = SITES[index % 2] ?? 'BEDFORD'
    const lines = Array.from({ length: plant.random.between(1, 3) }, () => {
      const cost = plant.random.pick(stock.get(siteid) ?? [])
      const quantity = plant.random.between(1, 20)
      const unitcost = Number(cost['lastcost'])
      return {
        cost,
        item: items.get(cost['itemnum']),
        quantity,
        unitcost,
        linecost: cents(quantity * unitcost),
      }
    })
    addOrder(plant, { index, siteid, lines })
  }
}

interface Purchase {
  readonly index: number
  readonly siteid: Site
  readonly lines: readonly Line[]
}

interface Line {
  readonly cost: Row
  readonly item: Row | undefined
  readonly quantity: number
  readonly unitcost: number
  readonly linecost: number
}

function addOrder(plant: PlantBuilder, { index, siteid, lines }: Purchase): void {
  const { random } = plant
  const key = { ponum: String(10_000 + index), revisionnum: 0, siteid }
  const status = random.pick(STATUSES)
  const isReceived = status === 'CLOSE'
  const statusdate = plant.instant(-random.between(2, 700))
  const total = cents(lines.reduce((sum, { linecost }) => sum + linecost, 0))
  const po = plant.add('PO', {
    ...key,
    orgid: ORG,
    description: String(lines[0]?.item?.['description']),
    status,
    statusdate,
    orderdate: status === 'WAPPR' ? undefined : statusdate - DAY_MS,
    requireddate: statusdate + 30 * DAY_MS,
    vendeliverydate: new Date(statusdate + random.between(10, 60) * DAY_MS).toISOString().slice(0, 10),
    potype: 'STD',
    priority: random.between(1, 3),
    vendor: random.pick(VENDORS),
    purchaseagent: 'SINCLAIR',
    currencycode: 'USD',
    exchangerate: 1,
    pretaxtotal: total,
    totalcost: total,
    totalbasecost: total,
    totaltax1: 0,
    receivedtotalcost: isReceived ? total : 0,
    receipts: isReceived ? 'COMPLETE' : 'NONE',
    internal: false,
    inspectionrequired: false,
    payonreceipt: false,
    storeloc: STOREROOMS[siteid],
    storelocsiteid: siteid,
    historyflag: isReceived || status === 'CAN',
    changeby: 'SINCLAIR',
    changedate: statusdate,
  })
  for (const [position, line] of lines.entries()) {
    const received = isReceived ? { quantity: line.quantity, cost: line.linecost } : NOTHING
    addLine(plant, { ...key, polinenum: position + 1, enterdate: statusdate }, { line, received })
  }
  plant.add('POSTATUS', { ...key, status, changeby: 'SINCLAIR', changedate: statusdate })
  if (isReceived)
    addInvoice(plant, po, {
      invoicenum: String(50_000 + index),
      statuses: INVOICED,
      lines: lines.map(billed),
    })
}

const INVOICED = ['ENTERED', 'WAPPR', 'APPR', 'PAID', 'PAID', 'PAID'] as const

const billed = ({ cost, item, ...line }: Line): BilledLine => ({
  ...line,
  itemnum: cost['itemnum'],
  description: item?.['description'],
  unit: item?.['orderunit'],
})

const NOTHING = { quantity: 0, cost: 0 }

function addLine(
  plant: PlantBuilder,
  key: { readonly siteid: Site; readonly polinenum: number; readonly enterdate: number },
  from: { readonly line: Line; readonly received: typeof NOTHING },
): void {
  const { line, received } = from
  plant.add('POLINE', {
    ...key,
    orgid: ORG,
    linetype: 'ITEM',
    itemnum: line.cost['itemnum'],
    itemsetid: ITEM_SET,
    description: line.item?.['description'],
    orderqty: line.quantity,
    orderunit: line.item?.['orderunit'],
    unitcost: line.unitcost,
    linecost: line.linecost,
    loadedcost: line.linecost,
    receivedqty: received.quantity,
    receivedtotalcost: received.cost,
    receiptscomplete: received.quantity > 0,
    inspectionrequired: false,
    issue: false,
    storeloc: STOREROOMS[key.siteid],
    tositeid: key.siteid,
    enterby: 'SINCLAIR',
  })
}
