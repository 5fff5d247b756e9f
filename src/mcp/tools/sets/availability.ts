import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import { site } from '../query/inputs.ts'
import { allPages, type WholeQuery } from '../read/all-pages.ts'
import { chooseSite } from '../read/site.ts'
import { rowsIn } from '../result/child-table.ts'
import { untrustedColumns } from '../result/columns.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { visible } from '../result/visible.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext } from '../tool.ts'

const INVENTORY = 'MXAPIINVENTORY'
const ORDERS = 'MXAPIPO'
const READ = [
  'siteid',
  'location',
  'status',
  'curbal',
  'avblbalance',
  'minlevel',
  'issueunit',
  'deliverytime',
  'binnum',
]
const COLUMNS = [...READ, 'on_order', 'next_delivery']
const MAX_STOREROOMS = 200
const MAX_ORDERS = 500

export const getItemAvailability = defineTool({
  name: 'get_item_availability',
  title: 'Get item availability',
  description:
    'An item in every storeroom: balance, available, reorder point, lead time (days); with the scope for costs also what is on order and the next delivery.',
  toolset: 'inventory',
  isOnRequest: true,
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 2,
  reachesOutside: true,
  objectStructure: INVENTORY,
  input: z.strictObject({
    item: z.string().min(1).max(30),
    quantity: z.number().min(0).optional().describe('needed: says which storerooms have it'),
    site,
  }),
  output: tableOutput,
  async run({ item, quantity, site: asked }, context) {
    const schema = await context.maximo.schema(INVENTORY, context.call)
    const where = await chooseSite(asked, { schema, filtered: [] }, context)
    const number = item.trim().toUpperCase()
    const found = await allPages(
      {
        objectStructure: INVENTORY,
        all: [{ field: 'itemnum', op: 'eq', value: number }, ...where.conditions],
        select: { fields: READ.filter((name) => schema.fields.has(name)) },
      },
      MAX_STOREROOMS,
      context,
    )
    if (!found.ok) return found
    if (found.value.records.length === 0) return err(notStocked(number, where.site))
    const orders = await onOrder(number, context)
    if (!orders.ok) return orders
    const rows = found.value.records.map(({ values }) => {
      const coming = orders.value.coming?.get(`${String(values['siteid'])} ${String(values['location'])}`)
      const unknown = orders.value.coming === null
      return [
        ...READ.map((name) => values[name]),
        ...(unknown ? [null, null] : [coming?.quantity ?? 0, coming?.next ?? null]),
        ...(quantity === undefined
          ? []
          : [Number(values['avblbalance'] ?? values['curbal'] ?? 0) >= quantity]),
      ]
    })
    return ok(
      tableAnswer(
        {
          columns: [...COLUMNS, ...(quantity === undefined ? [] : ['enough'])],
          rows,
          total: found.value.isComplete ? rows.length : null,
          site: where.site,
          notes: [...where.notes, ...orders.value.notes],
          untrusted: untrustedColumns(READ, schema),
          whenCut: 'name a site.',
        },
        context,
      ),
    )
  },
})

const notStocked = (item: string, at: string | null): ToolProblem => ({
  kind: 'not_found',
  what: `No storeroom${at === null ? '' : ` of site ${visible(at)}`} that you may see has the item "${visible(item)}".`,
  why: null,
  next: 'Look for the item with search_inventory, or give "site": "*".',
})

interface Coming {
  readonly quantity: number
  readonly next: string | null
}
interface OnOrder {
  /** By site and storeroom; null: this caller may not know. */
  readonly coming: ReadonlyMap<string, Coming> | null
  readonly notes: readonly string[]
}

/** Orders that are approved and not closed (maximo-api §8.2). */
const OPEN_ORDERS = { domain: 'POSTATUS', internal: { open: ['APPR', 'INPRG'] } }

async function onOrder(item: string, context: ToolContext): Promise<Result<OnOrder, ToolProblem>> {
  if (!context.admitted.caller.facts.scopes.has('maximo:finance'))
    return ok({ coming: null, notes: ['What is on order needs the scope maximo:finance.'] })
  try {
    const open = await statusValues(OPEN_ORDERS, 'open', context)
    if (!open.ok) return open
    const found = await allPages(openOrdersOf(item, open.value), MAX_ORDERS, context)
    if (!found.ok) return found
    const { records, isComplete } = found.value
    const notes = isComplete ? [] : [`Only the first ${MAX_ORDERS} open orders are counted.`]
    return ok({
      coming: comingOf(
        records.map(({ values }) => values),
        item,
      ),
      notes,
    })
  } catch (error) {
    if (error instanceof MaximoFault && error.kind === 'not_permitted')
      return ok({
        coming: null,
        notes: ['The Maximo user may not read orders: what is on order is not known.'],
      })
    throw error
  }
}

/** Orders with a line of the item that is still to come. */
const openOrdersOf = (item: string, statuses: readonly string[]): WholeQuery => ({
  objectStructure: ORDERS,
  all: [
    {
      some: 'poline',
      all: [
        { field: 'itemnum', op: 'eq', value: item },
        { field: 'receiptscomplete', op: 'eq', value: false },
      ],
    },
    { field: 'status', op: 'in', value: statuses },
  ],
  select: {
    fields: ['ponum', 'siteid', 'vendeliverydate'],
    children: {
      poline: [
        'itemnum',
        'orderqty',
        'receivedqty',
        'receiptscomplete',
        'storeloc',
        'tositeid',
        'reqdeliverydate',
      ],
    },
  },
})

function comingOf(
  orders: readonly Readonly<Record<string, unknown>>[],
  item: string,
): ReadonlyMap<string, Coming> {
  const coming = new Map<string, Coming>()
  for (const order of orders)
    for (const line of rowsIn(order['poline'])) {
      if (line['itemnum'] !== item || line['receiptscomplete'] === true) continue
      const key = `${String(line['tositeid'] ?? order['siteid'])} ${String(line['storeloc'])}`
      const due = [line['reqdeliverydate'], order['vendeliverydate']].find((day) => typeof day === 'string')
      const known = coming.get(key) ?? { quantity: 0, next: null }
      const left = Math.max(0, Number(line['orderqty'] ?? 0) - Number(line['receivedqty'] ?? 0))
      coming.set(key, { quantity: known.quantity + left, next: earlier(known.next, due) })
    }
  return coming
}

const earlier = (known: string | null, day: unknown): string | null => {
  const found = typeof day === 'string' ? day.slice(0, 10) : null
  if (known === null || found === null) return known ?? found
  return found < known ? found : known
}
