import { z } from 'zod'
import { ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { site } from '../query/inputs.ts'
import { chooseSite, unknownSite } from '../read/site.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { locationsBelow } from '../work/locations-below.ts'
import { unknownAsset } from '../work/unknown-asset.ts'

const code = z.string().min(1).max(30)

/** The arguments that name a part of the plant. */
export const PLACE = { site, location: code.optional().describe('with all below it') }
export const SCOPE = { ...PLACE, asset: code.optional() }

export interface AskedScope {
  readonly site?: string | undefined
  readonly location?: string | undefined
  readonly asset?: string | undefined
}

/** A part of the plant. Its conditions fit work orders and assets alike. */
export interface Scope {
  readonly site: string | null
  readonly conditions: readonly Condition[]
  readonly notes: readonly string[]
}

/** A location that does not exist is refused by name. */
export async function scopeOf(asked: AskedScope, context: ToolContext): Promise<Result<Scope, ToolProblem>> {
  const schema = await context.maximo.schema(WORK_ORDERS, context.call)
  const where = await chooseSite(asked.site, { schema, filtered: [] }, context)
  const conditions: Condition[] = [...where.conditions]
  if (asked.location !== undefined) {
    const below = await locationsBelow(asked.location, where.site, context)
    if (!below.ok) return below
    conditions.push({ field: 'location', op: 'in', value: below.value })
  }
  if (asked.asset !== undefined)
    conditions.push({ field: 'assetnum', op: 'eq', value: asked.asset.trim().toUpperCase() })
  return ok({ site: where.site, conditions, notes: where.notes })
}

/** Why there may be nothing at all: a name that does not exist is refused, not answered with nothing. */
export async function explainEmpty(
  asked: AskedScope,
  { site: chosen }: Scope,
  context: ToolContext,
): Promise<ToolProblem | null> {
  const schema = await context.maximo.schema(WORK_ORDERS, context.call)
  return (
    (await unknownSite(asked.site, schema, context)) ?? (await unknownAsset(asked.asset, chosen, context))
  )
}
