import { DAY_MS, ORG, type PlantBuilder } from './builder.ts'
import type { Row, Value } from './plant.ts'

/** What a line of an invoice repeats of its order's. */
export interface BilledLine {
  readonly itemnum: Value | undefined
  readonly description: Value | undefined
  readonly quantity: number
  readonly unit: Value | undefined
  readonly unitcost: number
  readonly linecost: number
}

interface Bill {
  readonly invoicenum: string
  /** One of them. */
  readonly statuses: readonly string[]
  readonly lines: readonly BilledLine[]
}

/** The invoice for all of a purchase order, a day after it. */
export function addInvoice(plant: PlantBuilder, po: Row, { invoicenum, statuses, lines }: Bill): void {
  const key = { invoicenum, siteid: po['siteid'], orgid: ORG }
  const invoicedate = Number(po['statusdate']) + DAY_MS
  plant.add('INVOICE', {
    ...key,
    revisionnum: 0,
    description: `Invoice for PO ${String(po['ponum'])}`,
    status: plant.random.pick(statuses),
    statusdate: invoicedate,
    vendor: po['vendor'],
    vendorinvoicenum: `V-${invoicenum}`,
    invoicedate,
    duedate: new Date(invoicedate + 30 * DAY_MS).toISOString().slice(0, 10),
    currencycode: 'USD',
    totalcost: po['totalcost'],
    historyflag: false,
    changeby: 'SINCLAIR',
    changedate: invoicedate,
  })
  for (const [index, line] of lines.entries())
    plant.add('INVOICELINE', {
      ...key,
      invoicelinenum: index + 1,
      linetype: 'ITEM',
      ponum: po['ponum'],
      polinenum: index + 1,
      itemnum: line.itemnum,
      description: line.description,
      invoiceqty: line.quantity,
      invoiceunit: line.unit,
      unitcost: line.unitcost,
      linecost: line.linecost,
      enterby: 'SINCLAIR',
      enterdate: invoicedate,
    })
}
