import { DAY_MS, ITEM_SET, ORG, type PlantBuilder } from './builder.ts'
import { addInvoice } from './invoice.ts'
import type { Row } from './plant.ts'

/** `company|name|type|contact|city` */
const COMPANIES = `ATI|Atlantic Trading, Inc|V|Joan Pell|Boston
BEARING|Bearing Supply Company|V|Rick Dow|Lowell
GCE|Garden City Electrical|V|Ann Marsh|Newton
HELWIG|Helwig Packaging|M|Uwe Helwig|Chicago
TRANE|Trane Cooling|M|Sue Bell|La Crosse
CAT|Caterpillar Power|M|Ted Holm|Peoria
IR|Ingersoll Compressors|M|Kim Yi|Davidson
CB|Cleaver Boilers|M|Lou Ray|Milwaukee
GOULDS|Goulds Pumps|M|Ira Moss|Seneca Falls
DATACHIP|Datachip Computers|V|Liz Orr|Austin
BAC|Cooling Tower Works|M|Pat Lane|Baltimore
BOSCH|Bosch Verpackung|M|Jörg Weiß|Stuttgart
KUKA|Kuka Robots|M|Eva Lang|Augsburg
LINDE|Linde Trucks|M|Max Roth|Aschaffenburg
PLUS|Plus Couriers|C|Di Park|Boston`

const BUYABLE = ['ATI', 'BEARING', 'GCE', 'GOULDS', 'HELWIG', 'DATACHIP'] as const

/** Purchase orders by status; a closed one is received and billed. */
const ORDERS = [
  'WAPPR',
  'WAPPR',
  'WAPPR',
  'INPRG',
  'HOLD',
  'APPR',
  'APPR',
  'APPR',
  'CLOSE',
  'CLOSE',
  'CAN',
  'REVISD',
]
const REQUISITIONS = ['WAPPR', 'WAPPR', 'APPR', 'COMP', 'CLOSE', 'CAN']
const STORES = { BEDFORD: 'CENTRAL', NASHUA: 'NSTORE' } as const
type Site = keyof typeof STORES

export function addCompanies(plant: PlantBuilder): void {
  for (const line of COMPANIES.split('\n')) {
    const [company = '', name, type, contact = '', address2] = line.split('|')
    const key = { company, orgid: ORG }
    plant.add('COMPANIES', {
      ...key,
      name,
      type,
      contact,
      address2,
      currencycode: 'USD',
      paymentterms: 'NET30',
      disabled: company === 'PLUS',
    })
    plant.add('COMPCONTACT', { ...key, contact, voicephone: '+1-555-0199', position: 'Sales' })
  }
}

/** 24 purchase orders, 12 requisitions and the invoices of what was received, over both sites. */
export function addPurchasing(plant: PlantBuilder): void {
  for (const siteid of ['BEDFORD', 'NASHUA'] as const) {
    for (const [index, status] of ORDERS.entries()) addOrder(plant, { siteid, status, index })
    for (const [index, status] of REQUISITIONS.entries()) addRequisition(plant, { siteid, status, index })
  }
}

interface Document {
  readonly siteid: Site
  readonly status: string
  readonly index: number
}

const numberOf = (first: number, { siteid, index }: Document): string =>
  String(first + index + (siteid === 'BEDFORD' ? 0 : 100))

interface Line {
  readonly itemnum: string
  readonly description: string
  readonly unit: string
  readonly quantity: number
  readonly unitcost: number
}

function linesOf(plant: PlantBuilder, siteid: Site): Line[] {
  const stock = plant.rows('INVENTORY').filter((row) => row['siteid'] === siteid)
  return Array.from({ length: plant.random.between(1, 4) }, () => {
    const { itemnum, orderunit } = plant.random.pick(stock)
    const item = plant.rows('ITEM').find((row) => row['itemnum'] === itemnum)
    const cost = plant.rows('INVCOST').find((row) => row['itemnum'] === itemnum && row['siteid'] === siteid)
    return {
      itemnum: String(itemnum),
      description: String(item?.['description']),
      unit: String(orderunit),
      quantity: plant.random.between(1, 12),
      unitcost: Number(cost?.['lastcost']),
    }
  })
}

const cents = (amount: number): number => Math.round(amount * 100) / 100
const totalOf = (lines: readonly Line[]): number =>
  cents(lines.reduce((sum, line) => sum + cents(line.quantity * line.unitcost), 0))

function addOrder(plant: PlantBuilder, order: Document): void {
  const { siteid, status } = order
  const lines = linesOf(plant, siteid)
  const isReceived = status === 'CLOSE'
  const statusdate = plant.instant(-plant.random.between(2, 200))
  const total = totalOf(lines)
  const requireddate = plant.planned(plant.random.between(-20, 60))
  const row = plant.add('PO', {
    ponum: numberOf(1017, order),
    revisionnum: 0,
    siteid,
    orgid: ORG,
    description: `${lines[0]?.description ?? 'Spares'} and more`.slice(0, 100),
    status,
    statusdate,
    orderdate: status === 'WAPPR' ? undefined : statusdate,
    requireddate,
    vendeliverydate: new Date(requireddate).toISOString().slice(0, 10),
    potype: 'STD',
    priority: plant.random.between(1, 3),
    vendor: plant.random.pick(BUYABLE),
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
    paymentterms: 'NET30',
    shipto: siteid,
    storeloc: STORES[siteid],
    storelocsiteid: siteid,
    historyflag: HISTORY.has(status),
    changeby: 'SINCLAIR',
    changedate: statusdate,
  })
  addOrderParts(plant, row, lines)
  if (isReceived)
    addInvoice(plant, row, {
      invoicenum: numberOf(3000, order),
      statuses: ['ENTERED', 'WAPPR', 'APPR', 'PAID'],
      lines: lines.map((line) => ({ ...line, linecost: cents(line.quantity * line.unitcost) })),
    })
}

const HISTORY = new Set(['CLOSE', 'CAN', 'REVISD', 'PAID', 'CANCEL'])

function addOrderParts(plant: PlantBuilder, po: Row, lines: readonly Line[]): void {
  const key = { ponum: po['ponum'], revisionnum: 0, siteid: po['siteid'] }
  const isReceived = po['receipts'] === 'COMPLETE'
  for (const [index, line] of lines.entries()) {
    const linecost = cents(line.quantity * line.unitcost)
    const receipt = { itemnum: line.itemnum, quantity: line.quantity, unitcost: line.unitcost, linecost }
    plant.add('POLINE', {
      ...key,
      orgid: ORG,
      polinenum: index + 1,
      linetype: 'ITEM',
      itemnum: line.itemnum,
      itemsetid: ITEM_SET,
      description: line.description,
      orderqty: line.quantity,
      orderunit: line.unit,
      unitcost: line.unitcost,
      linecost,
      loadedcost: linecost,
      receivedqty: isReceived ? line.quantity : 0,
      receivedtotalcost: isReceived ? linecost : 0,
      receiptscomplete: isReceived,
      inspectionrequired: false,
      issue: false,
      storeloc: po['storeloc'],
      tositeid: po['siteid'],
      gldebitacct: '6210-300-???',
      enterby: 'SINCLAIR',
      enterdate: po['statusdate'],
    })
    if (!isReceived) continue
    plant.add('MATRECTRANS', {
      ...key,
      ...receipt,
      polinenum: index + 1,
      tostoreloc: po['storeloc'],
      issuetype: 'RECEIPT',
      transdate: Number(po['statusdate']) - DAY_MS,
      enterby: 'QUINN',
    })
  }
  plant.add('POTERM', { ...key, termid: 'NET30', description: 'Payment within 30 days', sendtovendor: true })
  plant.add('POSTATUS', { ...key, status: po['status'], changeby: 'SINCLAIR', changedate: po['statusdate'] })
}

function addRequisition(plant: PlantBuilder, requisition: Document): void {
  const { siteid, status } = requisition
  const lines = linesOf(plant, siteid)
  const statusdate = plant.instant(-plant.random.between(1, 120))
  const total = totalOf(lines)
  const key = { prnum: numberOf(2000, requisition), siteid, orgid: ORG }
  plant.add('PR', {
    ...key,
    description: `Refill ${lines[0]?.description ?? 'stock'}`.slice(0, 100),
    status,
    statusdate,
    requestedby: siteid === 'BEDFORD' ? 'QUINN' : 'RAO',
    issuedate: statusdate,
    requireddate: plant.planned(plant.random.between(-5, 40)),
    priority: 2,
    vendor: plant.random.pick(BUYABLE),
    currencycode: 'USD',
    pretaxtotal: total,
    totalcost: total,
    historyflag: HISTORY.has(status),
    changeby: 'QUINN',
    changedate: statusdate,
  })
  for (const [index, line] of lines.entries()) {
    plant.add('PRLINE', {
      ...key,
      prlinenum: index + 1,
      linetype: 'ITEM',
      itemnum: line.itemnum,
      itemsetid: ITEM_SET,
      description: line.description,
      orderqty: line.quantity,
      orderunit: line.unit,
      unitcost: line.unitcost,
      linecost: cents(line.quantity * line.unitcost),
      storeloc: STORES[siteid],
      enterby: 'QUINN',
      enterdate: statusdate,
    })
  }
}
