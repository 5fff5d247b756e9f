import { ok, type Result } from '../../../kernel/result.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { everyRow } from '../read/every-row.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolContext } from '../tool.ts'
import { keyOf, type OrderLine } from './order-lines.ts'

/** What was received of lines, and what of it was sent back. */
export interface Receipts {
  /** What the books had received of a line when a day was over. */
  readonly receivedBy: (line: OrderLine, day: string) => number
  readonly isReceived: (line: OrderLine) => boolean
  readonly isReturned: (line: OrderLine) => boolean
  readonly count: number
}

/** Transactions of receiving, by what they mean (maximo-api §8.2). */
const KINDS = {
  domain: 'ISSUETYP',
  internal: { received: ['RECEIPT'], voided: ['VOIDRECEIPT'], returned: ['RETURN'] },
}
type Kind = keyof typeof KINDS.internal

interface Receipt {
  readonly kind: Kind
  readonly day: string
  readonly quantity: number
}

/** Every receipt of these lines, or why they are not known. @throws MaximoFault */
export async function receiptsOf(
  lines: readonly OrderLine[],
  context: ToolContext,
): Promise<Result<Receipts, ToolProblem>> {
  const kinds = await kindsHere(context)
  if (!kinds.ok) return kinds
  const byLine = new Map<string, Receipt[]>()
  let count = 0
  for (const orders of someAtOnce(lines)) {
    const found = await everyRow(
      {
        ...{ objectStructure: 'MXAPIRECEIPT', what: 'receipts', key: ['matrectransid'] },
        all: [
          { field: 'ponum', op: 'in', value: orders },
          { field: 'issuetype', op: 'in', value: [...kinds.value.keys()] },
        ],
        fields: ['ponum', 'polinenum', 'siteid', 'positeid', 'quantity', 'issuetype', 'transdate'],
      },
      context,
    )
    if (!found.ok) return found
    count += found.value.length
    for (const values of found.value) {
      const key = keyOf(values['positeid'] ?? values['siteid'], values['ponum'], values['polinenum'])
      byLine.set(key, [...(byLine.get(key) ?? []), receiptOf(values, kinds.value)])
    }
  }
  const of = ({ site, order, line }: OrderLine): readonly Receipt[] =>
    byLine.get(keyOf(site, order, line)) ?? []
  return ok({
    count,
    receivedBy: (line, day) => netOf(of(line).filter((receipt) => receipt.day <= day)),
    isReceived: (line) => netOf(of(line)) > 0,
    isReturned: (line) => of(line).some(({ kind }) => kind === 'returned'),
  })
}

/** What each value of the type means here. */
async function kindsHere(context: ToolContext): Promise<Result<ReadonlyMap<string, Kind>, ToolProblem>> {
  const kinds = new Map<string, Kind>()
  for (const kind of ['received', 'voided', 'returned'] as const) {
    const values = await statusValues(KINDS, kind, context)
    if (!values.ok) return values
    for (const value of values.value) kinds.set(value, kind)
  }
  return ok(kinds)
}

/** Maximo writes what goes back with a minus or without one, as its versions have it; a kind has one direction. */
const receiptOf = (
  { issuetype, quantity, transdate }: Readonly<Record<string, unknown>>,
  kinds: ReadonlyMap<string, Kind>,
): Receipt => ({
  kind: kinds.get(String(issuetype)) ?? 'received',
  day: String(transdate).slice(0, 10),
  quantity: Math.abs(Number(quantity ?? 0)),
})

/** A receipt that was voided was none; what was sent back had come. Quantities have two decimals, and so has their sum. */
const netOf = (receipts: readonly Receipt[]): number =>
  Math.round(receipts.reduce((sum, { kind, quantity }) => sum + DIRECTIONS[kind] * quantity, 0) * 100) / 100
const DIRECTIONS = { received: 1, voided: -1, returned: 0 } as const

/** The orders of lines, as many at once as one condition takes. */
export function someAtOnce(lines: readonly OrderLine[]): readonly (readonly string[])[] {
  const orders = [...new Set(lines.map(({ order }) => order))]
  return Array.from({ length: Math.ceil(orders.length / AT_ONCE) }, (_, index) =>
    orders.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  )
}
const AT_ONCE = 200
