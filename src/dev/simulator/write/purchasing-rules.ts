import { BmxError } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import type { Draft, ObjectRule } from './object-rules.ts'
import { receiptRule } from './receipt-rule.ts'
import type { Saving } from './saving.ts'

const CURRENCY = 'USD'

/** Purchase orders, requisitions, invoices and their lines. */
export const purchasingRules: Readonly<Record<string, ObjectRule>> = {
  COMPANIES: { fill: fillCurrency },
  PO: {
    autoNumber: 'ponum',
    readOnly: ['pretaxtotal', 'totalcost', 'totalbasecost', 'receivedtotalcost', 'receipts', 'historyflag'],
    fill: (draft) => {
      fillCurrency(draft)
      draft['revisionnum'] ??= 0
      draft['priority'] ??= 0
      draft['potype'] ??= 'STD'
      draft['receipts'] = 'NONE'
      draft['receivedtotalcost'] = 0
    },
    derive: (row, saving) => {
      const total = totalOf('POLINE', 'ponum', row, saving)
      return { pretaxtotal: total, totalcost: total, totalbasecost: total }
    },
    objectTo: objectToOrder,
    onStatus: (_row, internal) => ({ historyflag: ['CLOSE', 'CAN', 'REVISD'].includes(internal) }),
    // An approved order is read-only (maximo-api §8.2).
    isFrozen: (row) => row['historyflag'] === true || row['status'] === 'APPR',
  },
  PR: {
    autoNumber: 'prnum',
    readOnly: ['pretaxtotal', 'totalcost', 'historyflag'],
    fill: (draft, { user }) => {
      fillCurrency(draft)
      draft['priority'] ??= 0
      draft['requestedby'] ??= user.personId
    },
    derive: (row, saving) => {
      const total = totalOf('PRLINE', 'prnum', row, saving)
      return { pretaxtotal: total, totalcost: total }
    },
    onStatus: (_row, internal) => ({ historyflag: ['CLOSE', 'CAN'].includes(internal) }),
    isFrozen: (row) => row['historyflag'] === true || row['status'] === 'APPR',
  },
  INVOICE: {
    autoNumber: 'invoicenum',
    readOnly: ['historyflag'],
    fill: (draft, { clock }) => {
      fillCurrency(draft)
      draft['revisionnum'] ??= 0
      draft['invoicedate'] ??= clock.nowMs()
    },
    onStatus: (_row, internal) => ({ historyflag: ['PAID', 'CANCEL'].includes(internal) }),
    isFrozen: (row) => row['historyflag'] === true,
  },
  POLINE: lineRule({ table: 'POLINE', owner: 'ponum', number: 'polinenum', quantity: 'orderqty' }),
  PRLINE: lineRule({ table: 'PRLINE', owner: 'prnum', number: 'prlinenum', quantity: 'orderqty' }),
  INVOICELINE: lineRule({
    table: 'INVOICELINE',
    owner: 'invoicenum',
    number: 'invoicelinenum',
    quantity: 'invoiceqty',
  }),
  MATRECTRANS: receiptRule,
}

function fillCurrency(draft: Draft): void {
  draft['currencycode'] ??= CURRENCY
}

const cents = (amount: number): number => Math.round(amount * 100) / 100

function totalOf(table: string, owner: string, row: Row, { db }: Saving): number {
  const lines = db.find(table, owner, row[owner] ?? '').filter((line) => line['siteid'] === row['siteid'])
  return cents(lines.reduce((sum, line) => sum + Number(line['linecost']), 0))
}

/** Over the writer's limit nothing is approved; what was received is not cancelled. */
function objectToOrder(row: Row, internal: string, { user }: Saving): BmxError | null {
  if (internal === 'APPR' && Number(row['totalcost'] ?? 0) > user.approvalLimit) {
    return new BmxError(400, 'BMXAA4198E', `The total is over the approval limit of ${user.approvalLimit}.`)
  }
  if (internal === 'CAN' && Number(row['receivedtotalcost'] ?? 0) > 0) {
    return new BmxError(400, 'BMXAA4198E', 'Lines of this order have been received.')
  }
  return null
}

interface LineKind {
  readonly table: string
  readonly owner: string
  readonly number: string
  readonly quantity: string
}

/** A line numbers itself within its document, takes text, unit and cost from its item, and multiplies. */
function lineRule(kind: LineKind): ObjectRule {
  return {
    readOnly: ['linecost', 'loadedcost', 'receivedqty', 'receivedtotalcost', 'receiptscomplete'],
    fill: (draft, saving) => {
      draft[kind.number] ??= nextLine(kind, draft, saving)
      draft['linetype'] ??= draft['itemnum'] === undefined ? 'MATERIAL' : 'ITEM'
      if (kind.table === 'POLINE') draft['tositeid'] ??= draft['siteid']
      fillFromItem(kind, draft, saving)
    },
    settle: (draft, old) => {
      const line: Row = { ...old, ...draft }
      draft['linecost'] = cents(Number(line[kind.quantity] ?? 0) * Number(line['unitcost'] ?? 0))
      draft['loadedcost'] = draft['linecost']
    },
  }
}

function fillFromItem(kind: LineKind, draft: Draft, { db }: Saving): void {
  const itemnum = draft['itemnum']
  if (itemnum === undefined) return
  const item: Row = db.find('ITEM', 'itemnum', itemnum)[0] ?? {}
  draft['description'] ??= item['description']
  draft['unitcost'] ??= db.find('INVCOST', 'itemnum', itemnum)[0]?.['lastcost']
  if (kind.table !== 'INVOICELINE') draft['orderunit'] ??= item['orderunit']
}

function nextLine(kind: LineKind, draft: Draft, { db }: Saving): number {
  const lines = db.find(kind.table, kind.owner, draft[kind.owner] ?? '')
  const own = lines.filter((line) => line['siteid'] === draft['siteid'])
  return own.reduce((highest, line) => Math.max(highest, Number(line[kind.number])), 0) + 1
}
