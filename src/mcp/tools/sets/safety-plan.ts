import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { site } from '../query/inputs.ts'
import { allPages } from '../read/all-pages.ts'
import { chooseSite } from '../read/site.ts'
import { findByNumber } from '../records/find-by-number.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { KINDS, offeredBy, type Offered, type Step } from '../safety/steps.ts'
import { defineTool, READS_MAXIMO, type ToolContext } from '../tool.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import { unknownAsset } from '../work/unknown-asset.ts'

const COLUMNS = [
  ...['kind', 'id', 'description', 'detail', 'apply_seq', 'remove_seq', 'assetnum', 'location'],
  ...['site', 'work_orders', 'last_wonum'],
]
const MAX_ORDERS = 1_000
const code = z.string().min(1).max(30)
const input = z.strictObject({
  wonum: code.optional(),
  asset: code.optional(),
  location: code.optional(),
  site,
})
type Asked = z.output<typeof input>

export const getSafetyPlan = defineTool({
  name: 'get_safety_plan',
  title: 'Get a safety plan',
  description:
    'Hazards, precautions, tag-outs and lock-outs that Maximo holds for one work order, or for all work orders of an asset or a location. What Maximo does not show is said, never taken for absent danger.',
  toolset: 'safety',
  isOnRequest: true,
  ...READS_MAXIMO,
  costUnits: 2,
  objectStructure: WORK_ORDERS,
  input,
  output: tableOutput,
  async run(asked, context) {
    const named = [asked.wonum, asked.asset, asked.location].filter((one) => one !== undefined)
    if (named.length !== 1) return err(ONE_OF_THEM)
    const schema = await context.maximo.schema(WORK_ORDERS, context.call)
    const offered = offeredBy(schema)
    if (offered.kinds.length === 0) return err(NOT_OFFERED)
    const found = await ordersOf(asked, { schema, offered }, context)
    if (!found.ok) return found
    const { orders, isComplete, where, notes } = found.value
    const rows = plansOf(orders, offered)
    return ok(
      tableAnswer(
        {
          columns: COLUMNS,
          rows,
          total: isComplete ? rows.length : null,
          site: where,
          reading: `safety of ${orders.length} work order${orders.length === 1 ? '' : 's'}`,
          notes: [...notes, ...notesOn(rows.length, offered)],
          untrusted: ['description', 'detail'],
          whenCut: 'ask for one work order.',
        },
        context,
      ),
    )
  },
})

interface Found {
  /** The newest first. */
  readonly orders: readonly MaximoRecord['values'][]
  readonly isComplete: boolean
  readonly where: string | null
  readonly notes: readonly string[]
}

interface Structure {
  readonly schema: ObjectSchema
  readonly offered: Offered
}

async function ordersOf(
  asked: Asked,
  { schema, offered }: Structure,
  context: ToolContext,
): Promise<Result<Found, ToolProblem>> {
  const select = { fields: ['wonum', 'siteid'], children: offered.children }
  if (asked.wonum !== undefined) {
    const order = await findByNumber(
      {
        ...{ schema, what: 'work order', searchTool: 'search_work_orders (state "any")', field: 'wonum' },
        ...{ number: asked.wonum, site: asked.site, select },
      },
      context,
    )
    if (!order.ok) return order
    const { values } = order.value
    return ok({ orders: [values], isComplete: true, where: String(values['siteid']), notes: [] })
  }
  const where = await chooseSite(asked.site, { schema, filtered: [] }, context)
  const [field, value] = asked.asset === undefined ? ['location', asked.location] : ['assetnum', asked.asset]
  const all = await allPages(
    {
      objectStructure: WORK_ORDERS,
      all: [{ field, op: 'eq', value: value?.trim().toUpperCase() }, ...where.conditions],
      select,
      orderBy: [{ field: 'reportdate', direction: 'desc' }],
    },
    MAX_ORDERS,
    context,
  )
  if (!all.ok) return all
  const { records, isComplete } = all.value
  const unknown = records.length === 0 ? await unknownAsset(asked.asset, where.site, context) : null
  if (unknown !== null) return err(unknown)
  const more = isComplete ? [] : [`Only the newest ${MAX_ORDERS} work orders were read.`]
  return ok({
    orders: records.map(({ values }) => values),
    ...{ isComplete, where: where.site, notes: [...where.notes, ...more] },
  })
}

/** Each step of a site once, with how many work orders have it, and the newest: numbers mean another thing at each site. */
function plansOf(orders: Found['orders'], { stepsOf }: Offered): readonly (readonly unknown[])[] {
  const steps = new Map<
    string,
    { readonly step: Step; readonly at: unknown; readonly numbers: Set<unknown> }
  >()
  for (const order of orders)
    for (const step of stepsOf(order)) {
      const { siteid: at } = order
      const key = JSON.stringify([at, step])
      const known = steps.get(key) ?? { step, at, numbers: new Set() }
      known.numbers.add(order['wonum'])
      steps.set(key, known)
    }
  return [...steps.values()]
    .sort((a, b) => rankOf(a.step) - rankOf(b.step))
    .map(({ step, at, numbers }) => [
      ...[step.kind, step.id, step.description, step.detail, step.applySeq, step.removeSeq],
      ...[step.asset, step.location, at, numbers.size, [...numbers][0]],
    ])
}

/** Kinds in their order; tag-outs as they are applied. */
const rankOf = ({ kind, applySeq }: Step): number =>
  KINDS.indexOf(kind) * 1_000_000 + (typeof applySeq === 'number' ? applySeq : 0)

const notesOn = (rows: number, { kinds, missing }: Offered): readonly string[] => [
  ...(rows === 0 ? ['Maximo holds no safety plan here. That does not mean that there is no danger.'] : []),
  ...(kinds.includes('hazard') ? ['Hazards are those with precautions, as Maximo links them.'] : []),
  ...(missing.length === 0
    ? []
    : [`Not known, since ${WORK_ORDERS} of this Maximo does not show them to you: ${missing.join(', ')}.`]),
]

const ONE_OF_THEM: ToolProblem = {
  kind: 'invalid_input',
  what: 'A safety plan is that of one work order, asset or location.',
  why: null,
  next: 'Give one of wonum, asset and location.',
}

const NOT_OFFERED: ToolProblem = {
  kind: 'not_permitted',
  what: `${WORK_ORDERS} of this Maximo shows no hazards, precautions, tag-outs or lock-outs to you.`,
  why: 'The structure has none of WOSAFETYLINK, WOPRECAUTION, WOTAGOUT and WOLOCKOUT.',
  next: 'Ask a Maximo administrator to add them, and look in Maximo itself until then.',
}
