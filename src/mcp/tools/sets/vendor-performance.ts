import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { site } from '../query/inputs.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { chooseSite } from '../read/site.ts'
import { unlessForbidden } from '../reliability/figure.ts'
import { PERIOD, periodOf } from '../reliability/period.ts'
import { originOf } from '../result/as-of.ts'
import { figuresOutput } from '../result/outputs.ts'
import { visible, visibleJson } from '../result/visible.ts'
import { defineTool, READS_MAXIMO, type ToolContext } from '../tool.ts'
import { vendorFigures } from '../vendors/figures.ts'
import { orderLines, ORDERS } from '../vendors/order-lines.ts'

export const getVendorPerformance = defineTool({
  name: 'get_vendor_performance',
  title: 'Get vendor performance',
  description:
    'How a vendor kept what its orders promised for a period: on-time delivery, quantity and price variance and returns over all order lines, each with formula, both sides of its fraction, row counts and whether it is complete.',
  toolset: 'purchasing',
  isOnRequest: true,
  ...READS_MAXIMO,
  scopes: ['maximo:read', 'maximo:finance'],
  costUnits: 5,
  objectStructure: ORDERS,
  input: z.strictObject({
    vendor: z.string().min(1).max(30).describe('company code, e.g. ATI'),
    ...PERIOD,
    site,
  }),
  output: figuresOutput.extend({ vendor: z.string(), orders: z.int().min(0).nullable() }),
  async run(asked, context) {
    const period = await periodOf(asked, context)
    if (!period.ok) return period
    const schema = await context.maximo.schema(ORDERS, context.call)
    const { site: where, conditions, notes } = await chooseSite(asked.site, { schema, filtered: [] }, context)
    const vendor = asked.vendor.trim().toUpperCase()
    const lines = await orderLines({ vendor, period: period.value, conditions }, context)
    if (lines.ok && lines.value.orders === 0) {
      const problem = await unknownVendor(vendor, context)
      if (problem !== null) return err(problem)
    }
    const kpis = await vendorFigures(lines, context)
    const all = [...notes, ...period.value.notes, ...(lines.ok ? lines.value.notes : [])]
    const { from, to, zone } = period.value
    const body = {
      ...originOf(context),
      ...(where !== null && { site: where }),
      ...{ vendor, orders: lines.ok ? lines.value.orders : null },
      period: { from, to, time_zone: zone },
      ...{ returned: kpis.length, total: kpis.length, complete: kpis.every(({ complete }) => complete) },
      ...(all.length > 0 && { notes: all }),
      kpis,
    }
    return ok({ text: visibleJson(body), recordCount: kpis.length })
  },
})

/** A vendor that does not exist is better refused than given no figures; who may not read vendors is told those. */
async function unknownVendor(vendor: string, context: ToolContext): Promise<ToolProblem | null> {
  const found = await unlessForbidden(async () => {
    const page = await context.maximo.query(
      {
        objectStructure: 'MXAPIVENDOR',
        all: [{ field: 'company', op: 'eq', value: vendor }],
        select: { fields: ['company'] },
        pageSize: 1,
      },
      context.call,
    )
    return ok(!page.ok || page.value.records.length > 0)
  })
  if (!found.ok || found.value) return null
  return {
    kind: 'not_found',
    what: `There is no vendor "${visible(vendor)}" that you may see.`,
    why: null,
    next: 'query_records on mxapivendor finds vendors by name.',
  }
}
