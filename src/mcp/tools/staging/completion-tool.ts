import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import { allowedStates } from '../../../maximo/records/record.ts'
import { findExisting } from '../../changes/staging/find-existing.ts'
import type { PlannedRow } from '../../changes/plan.ts'
import { problem } from '../../changes/problems.ts'
import type { Proposal } from '../../changes/staging/proposal.ts'
import { visible } from '../result/visible.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { code, day, given, instant, quantity, site, wonum } from './inputs.ts'
import { METERS, onlyRecord } from './only-record.ts'
import { stagingTool } from './staging-tool.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

const labor = z.strictObject({
  labor: code.describe('labor code'),
  hours: quantity.max(24),
  date: day.optional(),
  craft: code.optional(),
})
const FAILURES = { problem: 'PROBLEM', cause: 'CAUSE', remedy: 'REMEDY' } as const

/** What was done, then the readings, then the status: in this order, so that an order is not complete without its report. */
export const completeWorkOrder = stagingTool({
  toolset: 'work_write',
  objectStructure: WORK_ORDERS,
  name: 'complete_work_order',
  title: 'Complete a work order',
  does: 'Reports labor, failure codes and meter readings of its asset, and moves a work order to completed.',
  input: {
    wonum,
    site,
    problem: code.optional().describe('failure codes'),
    cause: code.optional(),
    remedy: code.optional(),
    finished_at: instant.optional(),
    memo: z.string().min(1).max(50).optional(),
    labor: z.array(labor).max(10).optional(),
    meters: z
      .array(z.strictObject({ meter: code, value: z.string().min(1).max(18) }))
      .max(5)
      .optional(),
  },
  async proposals({ wonum: record, site: where, finished_at: date, memo, meters = [], ...report }, context) {
    const schema = await context.maximo.schema(WORK_ORDERS, context.call)
    const select = { fields: [...schema.key, 'status', 'assetnum'], allowedStates: true }
    const found = await findExisting({ record, site: where }, { schema, select }, context)
    if (!found.ok) return found
    const order = found.value.record
    const place = { object: WORK_ORDERS, record: order.id ?? record }
    const readings = await readingsOf(meters, { order, wonum: record }, context)
    if (!readings.ok) return readings
    const children = rowsOf(report)
    const done =
      Object.keys(children).length === 0 ? [] : [{ op: 'update' as const, ...place, values: {}, children }]
    const status = {
      ...{ op: 'status' as const, ...place, status: completed(order) },
      ...(memo !== undefined && { memo }),
      ...(date !== undefined && { date }),
    }
    return ok({ proposals: [...done, ...readings.value, status] })
  },
})

type Report = { readonly [name in keyof typeof FAILURES]?: string | undefined } & {
  readonly labor?: readonly z.output<typeof labor>[] | undefined
}

/** What was done and why it had failed, as rows of the order. */
function rowsOf({ labor: work = [], ...codes }: Report): Readonly<Record<string, PlannedRow[]>> {
  const labtrans = work.map(({ labor: laborcode, hours, date: startdate, craft }) =>
    added({ laborcode, regularhrs: hours, startdate, craft }),
  )
  const failurereport = (['problem', 'cause', 'remedy'] as const).flatMap((name) => {
    const failurecode = codes[name]?.toUpperCase()
    return failurecode === undefined ? [] : [added({ type: FAILURES[name], failurecode })]
  })
  return Object.fromEntries(Object.entries({ labtrans, failurereport }).filter(([, rows]) => rows.length > 0))
}

/** @throws MaximoFault */
async function readingsOf(
  meters: readonly { readonly meter: string; readonly value: string }[],
  { order, wonum: number }: { readonly order: MaximoRecord; readonly wonum: string },
  context: ToolContext,
): Promise<Result<readonly Proposal[], ToolProblem>> {
  const [asset, siteid] = [textOf(order, 'assetnum'), textOf(order, 'siteid') ?? undefined]
  if (meters.length === 0) return ok([])
  if (asset === null) return err(noAsset(number))
  const readings: Proposal[] = []
  for (const { meter, value } of meters) {
    const filter = { assetnum: asset, metername: meter.toUpperCase() }
    const what = `meter ${meter} of asset ${asset}`
    const one = await onlyRecord({ object: METERS, filter, where: siteid, what }, context)
    if (!one.ok) return one
    readings.push({ op: 'update', object: METERS, record: one.value.id, values: { newreading: value } })
  }
  return ok(readings)
}

const added = (values: Parameters<typeof given>[0]): PlannedRow => ({ action: 'add', values: given(values) })

/** A site may call it otherwise. */
const completed = (order: MaximoRecord): string =>
  allowedStates(order).find(({ internal }) => internal === 'COMP')?.value ?? 'COMP'

const textOf = ({ values }: MaximoRecord, field: string): string | null => {
  const value = values[field]
  return typeof value === 'string' && value !== '' ? value : null
}

const noAsset = (wonum: string) =>
  problem('invalid_value', `Work order ${visible(wonum)} has no asset whose meters could be read.`, {
    why: 'Nothing was staged and nothing was written.',
    next: 'Leave meters out, or give the work order its asset first.',
  })
