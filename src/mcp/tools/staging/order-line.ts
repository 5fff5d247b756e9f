import { err, ok, type Result } from '../../../kernel/result.ts'
import { findExisting } from '../../changes/staging/find-existing.ts'
import { problem } from '../../changes/problems.ts'
import { rowsIn } from '../result/child-table.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

const ORDERS = 'MXAPIPO'

interface OrderLine {
  readonly siteid: string | undefined
  readonly porevisionnum: number | undefined
  /** What of it is still to be received; null: Maximo does not say. */
  readonly left: number | null
}

/** A line of a purchase order, as it is now. @throws MaximoFault */
export async function orderLine(
  {
    ponum,
    line,
    where,
  }: { readonly ponum: string; readonly line: number; readonly where: string | undefined },
  context: ToolContext,
): Promise<Result<OrderLine, ToolProblem>> {
  const schema = await context.maximo.schema(ORDERS, context.call)
  const select = {
    fields: [...schema.key, 'status'],
    children: { poline: ['polinenum', 'orderqty', 'receivedqty'] },
  }
  const named = { record: ponum, site: where }
  const found = await findExisting(named, { schema, select }, context)
  if (!found.ok) return found
  const { values } = found.value.record
  const rows = rowsIn(values['poline'])
  const row = rows.find((one) => one['polinenum'] === line)
  if (row === undefined) return err(noLine(ponum, line, rows))
  const [ordered, received] = [row['orderqty'], row['receivedqty'] ?? 0]
  const left = typeof ordered === 'number' && typeof received === 'number' ? ordered - received : null
  const { siteid, revisionnum } = values
  return ok({
    siteid: typeof siteid === 'string' ? siteid : undefined,
    porevisionnum: typeof revisionnum === 'number' ? revisionnum : undefined,
    left,
  })
}

const noLine = (
  ponum: string,
  line: number,
  rows: readonly Readonly<Record<string, unknown>>[],
): ToolProblem =>
  problem('not_found', `Purchase order ${visible(ponum)} has no line ${line}.`, {
    why: 'Nothing was staged and nothing was written.',
    next: `Its lines: ${rows
      .map((row) => Number(row['polinenum']))
      .slice(0, 50)
      .join(', ')}.`,
  })

export const tooMuch = (line: number, left: number): ToolProblem =>
  problem('invalid_value', `Only ${left} of line ${line} can still be received.`, {
    why: 'Nothing was staged and nothing was written.',
    next: 'Correct the quantity, or the order in Maximo.',
  })
