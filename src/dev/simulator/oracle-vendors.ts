import type { Fraction } from './oracle-kpis.ts'
import type { Plant, Row, Value } from './plant/plant.ts'
import { localDate } from './time-zone.ts'

/** What a vendor's figures are about. Days are those of the zone; both ends belong to the period. */
export interface VendorScope {
  readonly zone: string
  readonly vendor: string
  readonly from: string
  readonly to: string
  /** Absent: every site. */
  readonly site?: string
}

/** How a vendor kept its promises, from the rows of the plant alone: each line looks its own receipts up. */
export interface VendorOracle {
  readonly orders: number
  readonly onTime: Fraction
  readonly quantityVariance: Fraction
  readonly priceVariance: Fraction
  readonly returns: Fraction
}

type Rule = (domain: string, value: Value | undefined) => string

export function createVendorOracle(plant: Plant, scope: VendorScope): VendorOracle {
  const rule: Rule = (domain, value) => {
    const found = plant
      .rows('SYNONYMDOMAIN')
      .find((row) => row['domainid'] === domain && row['value'] === value)
    return String(found?.['maxvalue'] ?? value)
  }
  const orders = plant.rows('PO').filter((row) => isPromised(row, scope, rule))
  const lines = orders.flatMap((order) => linesOf(plant, order, rule))
  const came = lines.filter(({ moves }) => netOf(moves) > 0)
  const over = lines.filter(({ isOver }) => isOver)
  return {
    orders: orders.length,
    onTime: { over: lines.filter((line) => isInTime(line, scope.zone)).length, under: lines.length },
    quantityVariance: {
      over: over.filter(({ line }) => line['orderqty'] !== line['receivedqty']).length,
      under: over.length,
    },
    priceVariance: chargesOf(plant, lines, rule),
    returns: {
      over: came.filter(({ moves }) => moves.some(({ kind }) => kind === 'RETURN')).length,
      under: came.length,
    },
  }
}

const isPromised = (row: Row, { vendor, site, from, to }: VendorScope, rule: Rule): boolean =>
  row['vendor'] === vendor &&
  (site === undefined || row['siteid'] === site) &&
  ['APPR', 'CLOSE'].includes(rule('POSTATUS', row['status'])) &&
  typeof row['vendeliverydate'] === 'string' &&
  from <= row['vendeliverydate'] &&
  row['vendeliverydate'] <= to

interface Move {
  readonly row: Row
  readonly kind: string
}

interface Line {
  readonly order: Row
  readonly line: Row
  readonly isOver: boolean
  readonly moves: readonly Move[]
}

const linesOf = (plant: Plant, order: Row, rule: Rule): readonly Line[] =>
  plant
    .find('POLINE', 'ponum', order['ponum'] ?? '')
    .filter((row) => row['siteid'] === order['siteid'] && row['revisionnum'] === order['revisionnum'])
    .filter((row) => !SERVICES.has(rule('LINETYPE', row['linetype'])))
    .map((line) => ({
      ...{ order, line },
      isOver: line['receiptscomplete'] === true || rule('POSTATUS', order['status']) === 'CLOSE',
      moves: plant
        .find('MATRECTRANS', 'ponum', order['ponum'] ?? '')
        .filter((row) => row['polinenum'] === line['polinenum'])
        .filter((row) => (row['positeid'] ?? row['siteid']) === order['siteid'])
        .map((row) => ({ row, kind: rule('ISSUETYP', row['issuetype']) })),
    }))

function isInTime({ order, line, moves }: Line, zone: string): boolean {
  const promised = String(order['vendeliverydate'])
  const inTime = moves.filter(({ row }) => localDate(Number(row['transdate']), zone) <= promised)
  return netOf(inTime) >= Number(line['orderqty'])
}

function chargesOf(plant: Plant, lines: readonly Line[], rule: Rule): Fraction {
  const bills = lines.flatMap(({ order, line }) =>
    plant
      .find('INVOICELINE', 'ponum', order['ponum'] ?? '')
      .filter((row) => row['polinenum'] === line['polinenum'] && row['siteid'] === order['siteid'])
      .filter((row) => !isCancelled(plant, row, rule))
      .map((bill) => ({ agreed: Number(line['unitcost']), bill })),
  )
  return {
    over: bills.reduce(
      (sum, { agreed, bill }) => sum + Number(bill['invoiceqty']) * (Number(bill['unitcost']) - agreed),
      0,
    ),
    under: bills.reduce((sum, { agreed, bill }) => sum + Number(bill['invoiceqty']) * agreed, 0),
  }
}

const SERVICES: ReadonlySet<string> = new Set(['SERVICE', 'STDSERVICE'])

function netOf(moves: readonly Move[]): number {
  const of = (kind: string): number =>
    moves
      .filter((move) => move.kind === kind)
      .reduce((sum, { row }) => sum + Math.abs(Number(row['quantity'])), 0)
  return of('RECEIPT') - of('VOIDRECEIPT')
}

const isCancelled = (plant: Plant, bill: Row, rule: Rule): boolean =>
  plant
    .find('INVOICE', 'invoicenum', bill['invoicenum'] ?? '')
    .some((row) => row['siteid'] === bill['siteid'] && rule('IVSTATUS', row['status']) === 'CANCEL')
