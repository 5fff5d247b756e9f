import { err, ok, type Result } from '../../../kernel/result.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import {
  figureOf,
  unlessForbidden,
  type Figure,
  type FigureSaid,
  type Measured,
} from '../reliability/figure.ts'
import type { ToolContext } from '../tool.ts'
import { chargesOf } from './invoices.ts'
import type { OrderLine, OrderLines } from './order-lines.ts'
import { receiptsOf, type Receipts } from './receipts.ts'

const SAID = {
  on_time: {
    kpi: 'on_time',
    unit: '%',
    formula:
      'order lines received in full by the end of the promised day / order lines promised for the period (promised: the vendor delivery date of the order)',
  },
  quantity_variance: {
    kpi: 'quantity_variance',
    unit: '%',
    formula:
      'of those, lines whose received quantity differs from the ordered one / lines of which nothing more is to come',
  },
  price_variance: {
    kpi: 'price_variance',
    unit: '%',
    formula:
      'sum of quantity invoiced × (unit cost invoiced − unit cost ordered) / sum of quantity invoiced × unit cost ordered, over the invoice lines of those order lines, cancelled invoices left out',
  },
  returns: {
    kpi: 'returns',
    unit: '%',
    formula: 'of those, lines of which something was sent back / lines of which anything was received',
  },
} as const satisfies Record<string, FigureSaid>

/** All figures of the lines that a vendor promised for a period. @throws MaximoFault */
export async function vendorFigures(
  found: Result<OrderLines, ToolProblem>,
  context: ToolContext,
): Promise<readonly Figure[]> {
  if (!found.ok) return Object.values(SAID).map((said) => figureOf(said, err(found.error)))
  const { lines } = found.value
  const receipts = await unlessForbidden(() => receiptsOf(lines, context))
  return [
    figureOf(
      SAID.on_time,
      onReceipts(receipts, (known) => onTime(lines, known)),
    ),
    figureOf(SAID.quantity_variance, ok(quantityVariance(lines))),
    figureOf(SAID.price_variance, await unlessForbidden(() => priceVariance(lines, context))),
    figureOf(
      SAID.returns,
      onReceipts(receipts, (known) => returns(lines, known)),
    ),
  ]
}

const onReceipts = (
  receipts: Result<Receipts, ToolProblem>,
  measure: (receipts: Receipts) => Measured,
): Result<Measured, ToolProblem> => (receipts.ok ? ok(measure(receipts.value)) : receipts)

const counted = (what: string, { length }: readonly unknown[]) => ({ what, value: length, rows: length })

function onTime(lines: readonly OrderLine[], receipts: Receipts): Measured {
  const kept = lines.filter((line) => receipts.receivedBy(line, line.promised) >= line.ordered)
  return {
    numerator: counted('order lines received in full by the promised day', kept),
    denominator: counted('order lines promised for the period', lines),
  }
}

function quantityVariance(lines: readonly OrderLine[]): Measured {
  const over = lines.filter(({ isOver }) => isOver)
  const other = over.filter(({ ordered, received }) => Math.abs(received - ordered) > HALF_A_HUNDREDTH)
  return {
    numerator: counted('order lines whose received quantity differs from the ordered one', other),
    denominator: counted('order lines of which nothing more is to come', over),
  }
}
/** Quantities have two decimals. */
const HALF_A_HUNDREDTH = 0.005

function returns(lines: readonly OrderLine[], receipts: Receipts): Measured {
  const received = lines.filter((line) => receipts.isReceived(line))
  return {
    numerator: counted(
      'order lines of which something was sent back',
      received.filter((line) => receipts.isReturned(line)),
    ),
    denominator: counted('order lines of which anything was received', received),
  }
}

/** Sums of several currencies would mean nothing. */
async function priceVariance(
  lines: readonly OrderLine[],
  context: ToolContext,
): Promise<Result<Measured, ToolProblem>> {
  const charged = await chargesOf(lines, context)
  if (!charged.ok) return charged
  const { over, agreed, rows, left } = charged.value
  const currencies = [...new Set(lines.map(({ currency }) => currency ?? 'no currency'))].sort()
  return ok({
    numerator: { what: 'charged above what was ordered', value: over, rows },
    denominator: { what: 'charged at the unit cost ordered', value: agreed, rows },
    unknown:
      currencies.length < 2
        ? undefined
        : `The orders are in ${currencies.join(' and ')}, which do not add up.`,
    notes: left === 0 ? [] : [`${left} invoice lines without a quantity or a unit cost are left out.`],
  })
}
