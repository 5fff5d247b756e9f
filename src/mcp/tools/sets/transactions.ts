import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { site } from '../query/inputs.ts'
import { allPages, type WholeQuery } from '../read/all-pages.ts'
import { chooseSite } from '../read/site.ts'
import { cellText } from '../result/cell-text.ts'
import { rowsIn } from '../result/child-table.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { WORK_ORDERS } from '../work/search-work-orders.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool } from '../tool.ts'

const code = z.string().min(1).max(30)
const MAX_ORDERS = 1_000
const LINE = ['itemnum', 'description', 'quantity', 'storeloc', 'issuetype', 'transdate']
const COLUMNS = [
  'date',
  'kind',
  'item',
  'description',
  'quantity',
  'storeroom',
  'wonum',
  'siteid',
  'assetnum',
]

const input = z.strictObject({
  item: code.optional(),
  storeroom: code.optional(),
  wonum: code.optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional().describe('the last day'),
  site,
})
type Asked = z.output<typeof input>

export const getInventoryTransactions = defineTool({
  name: 'get_inventory_transactions',
  title: 'Get issues and returns of items',
  description:
    'Issues of items to work orders and returns from them, by item, storeroom, work order or days, the last first. Receipts, transfers and adjustments are not in this interface.',
  toolset: 'inventory',
  isOnRequest: true,
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 2,
  reachesOutside: true,
  objectStructure: WORK_ORDERS,
  input,
  output: tableOutput,
  async run(asked, context) {
    const problem = problemIn(asked)
    if (problem !== null) return err(problem)
    const schema = await context.maximo.schema(WORK_ORDERS, context.call)
    const where = await chooseSite(asked.site, { schema, filtered: [] }, context)
    const found = await allPages(ordersWith(asked, where.conditions), MAX_ORDERS, context)
    if (!found.ok) return found
    const { records, isComplete } = found.value
    const rows = records
      .flatMap(({ values }) => rowsIn(values['matusetrans']).map((line) => ({ line, order: values })))
      .filter(({ line }) => isWanted(line, asked))
      .map(({ line, order }) => [
        ...[line['transdate'], line['issuetype'], line['itemnum'], line['description'], line['quantity']],
        ...[line['storeloc'], order['wonum'], order['siteid'], order['assetnum']],
      ])
      .sort(byDate)
    const more = `Only the first ${MAX_ORDERS} work orders were read: name fewer days, or an item.`
    return ok(
      tableAnswer(
        {
          columns: COLUMNS,
          rows,
          total: isComplete ? rows.length : null,
          site: where.site,
          notes: [...where.notes, ...(isComplete ? [] : [more])],
          untrusted: ['description'],
          whenCut: 'name fewer days, or an item.',
        },
        context,
      ),
    )
  },
})

/** The last first; times of one Maximo user have one offset, so their texts sort as they do. */
const byDate = ([a]: readonly unknown[], [b]: readonly unknown[]): number =>
  String(a) < String(b) ? 1 : -Number(String(a) > String(b))

function problemIn({ item, storeroom, wonum, from, to }: Asked): ToolProblem | null {
  if ([item, storeroom, wonum, from].every((value) => value === undefined)) return NOTHING_NAMED
  if (from === undefined || to === undefined || from <= to) return null
  return {
    kind: 'invalid_value',
    what: `"to" (${to}) lies before "from" (${from}).`,
    why: null,
    next: 'Give the first day in "from" and the last in "to".',
  }
}

const NOTHING_NAMED: ToolProblem = {
  kind: 'invalid_input',
  what: 'Every issue that there ever was is too much.',
  why: null,
  next: 'Give an item, a storeroom, a work order, or the day to start from.',
}

/** Work orders with at least one such line; the lines themselves are chosen afterwards. */
function ordersWith(asked: Asked, conditions: readonly Condition[]): WholeQuery {
  const { wonum, from, to } = asked
  const lines: readonly Condition[] = [
    ...codesOf(asked).map(([field, value]) => ({ field, op: 'eq', value })),
    ...(from === undefined ? [] : [{ field: 'transdate', op: 'ge', value: from }]),
    ...(to === undefined ? [] : [{ field: 'transdate', op: 'le', value: to }]),
  ]
  const line = lines.length === 0 ? [{ field: 'itemnum', op: 'notnull' }] : lines
  return {
    objectStructure: WORK_ORDERS,
    all: [
      { some: 'matusetrans', all: line },
      ...(wonum === undefined ? [] : [{ field: 'wonum', op: 'eq', value: wonum.trim().toUpperCase() }]),
      ...conditions,
    ],
    select: { fields: ['wonum', 'siteid', 'assetnum'], children: { matusetrans: LINE } },
  }
}

const codesOf = ({ item, storeroom }: Asked): readonly (readonly [string, string])[] =>
  (
    [
      ['itemnum', item],
      ['storeloc', storeroom],
    ] as const
  ).flatMap(([field, value]) => (value === undefined ? [] : [[field, value.trim().toUpperCase()] as const]))

function isWanted(line: Readonly<Record<string, unknown>>, asked: Asked): boolean {
  const day = cellText(line['transdate']).slice(0, 10)
  return (
    codesOf(asked).every(([field, value]) => line[field] === value) &&
    (asked.from === undefined || day >= asked.from) &&
    (asked.to === undefined || day <= asked.to)
  )
}
