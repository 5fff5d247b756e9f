import { err, ok, type Result } from '../../../kernel/result.ts'
import { findExisting, type Named } from '../../changes/staging/find-existing.ts'
import { problem } from '../../changes/problems.ts'
import { visible } from '../result/visible.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { onlyRecord } from './only-record.ts'

const ASSETS = 'MXAPIASSET'

interface OrderAsset {
  /** Resource id of the work order. */
  readonly orderId: string
  readonly assetnum: string
  readonly isRunning: boolean
}

/** The asset of a work order, and whether it runs now. @throws MaximoFault */
export async function assetOfOrder(
  named: Named,
  context: ToolContext,
): Promise<Result<OrderAsset, ToolProblem>> {
  const schema = await context.maximo.schema(WORK_ORDERS, context.call)
  const found = await findExisting(
    named,
    { schema, select: { fields: [...schema.key, 'assetnum'] } },
    context,
  )
  if (!found.ok) return found
  const { id, values } = found.value.record
  const { assetnum, siteid } = values
  if (typeof assetnum !== 'string' || id === null) return err(noAsset(named.record))
  const where = typeof siteid === 'string' ? siteid : named.site
  const place = { object: ASSETS, filter: { assetnum }, where, what: `asset ${assetnum}` }
  const asset = await onlyRecord({ ...place, fields: ['isrunning'] }, context)
  if (!asset.ok) return asset
  return ok({ orderId: id, assetnum, isRunning: asset.value.values['isrunning'] !== false })
}

const noAsset = (wonum: string): ToolProblem =>
  problem('invalid_value', `Work order ${visible(wonum)} has no asset that could be down.`, {
    why: 'Nothing was staged and nothing was written.',
    next: 'Name a work order of the asset: Maximo reports downtime over one.',
  })

export const alreadySo = (assetnum: string, state: 'down' | 'up'): ToolProblem =>
  problem('conflict', `Asset ${visible(assetnum)} is ${state} already.`, {
    why: 'Maximo turns what it has now into the other: nothing was staged.',
    next: 'get_asset, section downtime, says since when.',
  })
