import { ok, type Result } from '../../../kernel/result.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { everyRow } from '../read/every-row.ts'
import { rowsIn } from '../result/child-table.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolContext } from '../tool.ts'
import { keyOf, type OrderLine } from './order-lines.ts'
import { someAtOnce } from './receipts.ts'

/** What was charged for lines beside what was agreed. */
export interface Charged {
  /** Quantity invoiced × (unit cost invoiced − unit cost ordered), summed. */
  readonly over: number
  /** Quantity invoiced × unit cost ordered, summed. */
  readonly agreed: number
  /** Invoice lines. */
  readonly rows: number
  /** Invoice lines without a quantity or a unit cost on either side. */
  readonly left: number
}

const INVOICES = { domain: 'IVSTATUS', internal: { cancelled: ['CANCEL'] } }

/** Every invoice line of these lines, but for cancelled invoices. @throws MaximoFault */
export async function chargesOf(
  lines: readonly OrderLine[],
  context: ToolContext,
): Promise<Result<Charged, ToolProblem>> {
  const cancelled = await statusValues(INVOICES, 'cancelled', context)
  if (!cancelled.ok) return cancelled
  const agreed = new Map(lines.map((one) => [keyOf(one.site, one.order, one.line), one.unitCost]))
  const all = { over: 0, agreed: 0, rows: 0, left: 0 }
  for (const orders of someAtOnce(lines)) {
    const found = await everyRow(
      {
        ...{
          objectStructure: 'MXAPIINVOICE',
          what: 'invoices',
          key: ['siteid', 'invoicenum', 'revisionnum'],
        },
        all: [
          { some: 'invoiceline', all: [{ field: 'ponum', op: 'in', value: orders }] },
          ...(cancelled.value.length === 0 ? [] : [{ field: 'status', op: 'notin', value: cancelled.value }]),
        ],
        fields: [],
        children: { invoiceline: ['ponum', 'polinenum', 'invoiceqty', 'unitcost'] },
      },
      context,
    )
    if (!found.ok) return found
    // An invoice may bill orders of several turns: each line counts in its own.
    const asked = new Set(orders)
    const billed = found.value.flatMap((invoice) =>
      rowsIn(invoice['invoiceline'])
        .filter((line) => asked.has(String(line['ponum'])))
        .map((line) => ({ line, agreed: agreed.get(keyIn(invoice, line)) })),
    )
    for (const { line, agreed: cost } of billed) add(all, line, cost)
  }
  return ok(all)
}

type Values = Readonly<Record<string, unknown>>

const keyIn = ({ siteid }: Values, { ponum, polinenum }: Values): string => keyOf(siteid, ponum, polinenum)

/** @param agreed undefined: of another line than those that are asked about */
function add(
  all: { -readonly [Name in keyof Charged]: number },
  line: Values,
  agreed: number | null | undefined,
): void {
  if (agreed === undefined) return
  const { invoiceqty: quantity, unitcost } = line
  if (agreed === null || typeof quantity !== 'number' || typeof unitcost !== 'number') {
    all.left += 1
    return
  }
  all.over += quantity * (unitcost - agreed)
  all.agreed += quantity * agreed
  all.rows += 1
}
