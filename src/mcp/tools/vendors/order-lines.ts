import { ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { everyRow } from '../read/every-row.ts'
import { conditionOn, type Period } from '../reliability/period.ts'
import { rowsIn } from '../result/child-table.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolContext } from '../tool.ts'

export const ORDERS = 'MXAPIPO'

/** Orders that were given to a vendor: approved, or closed since; revisions that were replaced are not (maximo-api §8.2). */
const PLACED = { domain: 'POSTATUS', internal: { placed: ['APPR', 'CLOSE'], closed: ['CLOSE'] } }
/** What is received as material; services are accepted elsewhere. */
const MATERIAL = {
  domain: 'LINETYPE',
  internal: { material: ['ITEM', 'MATERIAL', 'SPORDER', 'TOOL'] },
}

/** A line of an order whose promised day lies in the period. */
export interface OrderLine {
  readonly site: string
  readonly order: string
  readonly line: number
  /** The promised day of its order. */
  readonly promised: string
  readonly ordered: number
  /** By Maximo's own count, what was sent back taken off. */
  readonly received: number
  readonly unitCost: number | null
  readonly currency: string | null
  /** Nothing more is to come. */
  readonly isOver: boolean
}

export interface OrderLines {
  readonly lines: readonly OrderLine[]
  readonly orders: number
  readonly notes: readonly string[]
}

interface Asked {
  readonly vendor: string
  readonly period: Pick<Period, 'from' | 'to'>
  readonly conditions: readonly Condition[]
}

/** Every material line that a vendor promised for a period, or why they are not known. @throws MaximoFault */
export async function orderLines(
  { vendor, period, conditions }: Asked,
  context: ToolContext,
): Promise<Result<OrderLines, ToolProblem>> {
  const known = await meanings(context)
  if (!known.ok) return known
  const { placed, closed, material } = known.value
  if (placed.length === 0) return ok({ lines: [], orders: 0, notes: [] })
  const found = await everyRow(
    {
      ...{ objectStructure: ORDERS, what: 'orders', key: ['siteid', 'ponum', 'revisionnum'] },
      all: [
        { field: 'vendor', op: 'eq', value: vendor },
        { field: 'status', op: 'in', value: placed },
        conditionOn('vendeliverydate', period),
        ...conditions,
      ],
      fields: ['status', 'vendeliverydate', 'currencycode'],
      children: { poline: LINE },
    },
    context,
  )
  if (!found.ok) return found
  const all = found.value.flatMap((order) => rowsIn(order['poline']).map((line) => ({ order, line })))
  const ofMaterial = all.filter(({ line }) => material.includes(String(line['linetype'])))
  const others = all.length - ofMaterial.length
  return ok({
    lines: ofMaterial.map(({ order, line }) => lineOf(order, line, closed)),
    orders: found.value.length,
    notes:
      others === 0 ? [] : [`${others} lines of services are left out: they are not received as material.`],
  })
}

const LINE = ['polinenum', 'linetype', 'orderqty', 'receivedqty', 'receiptscomplete', 'unitcost']

async function meanings(
  context: ToolContext,
): Promise<Result<Readonly<Record<'placed' | 'closed' | 'material', readonly string[]>>, ToolProblem>> {
  const placed = await statusValues(PLACED, 'placed', context)
  if (!placed.ok) return placed
  const closed = await statusValues(PLACED, 'closed', context)
  if (!closed.ok) return closed
  const material = await statusValues(MATERIAL, 'material', context)
  if (!material.ok) return material
  return ok({ placed: placed.value, closed: closed.value, material: material.value })
}

type Values = Readonly<Record<string, unknown>>

const lineOf = (order: Values, line: Values, closed: readonly string[]): OrderLine => ({
  ...{ site: String(order['siteid']), order: String(order['ponum']), line: Number(line['polinenum']) },
  promised: String(order['vendeliverydate']).slice(0, 10),
  ordered: Number(line['orderqty'] ?? 0),
  received: Number(line['receivedqty'] ?? 0),
  unitCost: typeof line['unitcost'] === 'number' ? line['unitcost'] : null,
  currency: typeof order['currencycode'] === 'string' ? order['currencycode'] : null,
  isOver: line['receiptscomplete'] === true || closed.includes(String(order['status'])),
})

/** By this receipts and invoices name a line. */
export const keyOf = (site: unknown, order: unknown, line: unknown): string =>
  JSON.stringify([String(site), String(order), Number(line)])
