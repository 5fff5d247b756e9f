import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { oncePer } from '../../../src/kernel/once-per.ts'
import type { Question } from '../question.ts'
import { SITE, type World } from '../world.ts'

type Values = Readonly<Record<string, unknown>>

/** An item that an open order will bring to a storeroom of the site. */
const comingItem = oncePer((world: World): string => {
  const orders = new Set(
    world.rows('PO', (row) => row['siteid'] === SITE && row['status'] === 'APPR').map((row) => row['ponum']),
  )
  const lines = world.rows(
    'POLINE',
    (row) => orders.has(row['ponum']) && row['receiptscomplete'] === false && row['itemnum'] !== undefined,
  )
  const stocked = new Set(world.rows('INVENTORY').map((row) => row['itemnum']))
  const items = lines.map((row) => row['itemnum']).filter((item) => stocked.has(item))
  return String(items.toSorted()[0])
})
const anOrder = oncePer((world: World): Row => {
  const lines = world.rows('POLINE').map((row) => `${String(row['siteid'])}/${String(row['ponum'])}`)
  const withLines = new Set(lines)
  const numbers = new Map<unknown, number>()
  for (const row of world.rows('PO')) numbers.set(row['ponum'], (numbers.get(row['ponum']) ?? 0) + 1)
  const orders = world.rows(
    'PO',
    (row) =>
      row['siteid'] === SITE &&
      withLines.has(`${SITE}/${String(row['ponum'])}`) &&
      numbers.get(row['ponum']) === 1,
  )
  return orders.toSorted((a, b) => (String(a['ponum']) < String(b['ponum']) ? -1 : 1))[0] ?? {}
})
const isLate =
  ({ today }: World) =>
  (row: Row): boolean =>
    row['siteid'] === SITE &&
    ['APPR', 'INPRG'].includes(String(row['status'])) &&
    typeof row['vendeliverydate'] === 'string' &&
    row['vendeliverydate'] < today
const byKey = (sums: ReadonlyMap<unknown, number>): object =>
  Object.fromEntries([...sums].map(([key, sum]) => [String(key), sum]))
const summed = (rows: readonly Values[], key: string, field: string): ReadonlyMap<unknown, number> => {
  const sums = new Map<unknown, number>()
  for (const row of rows) sums.set(row[key], (sums.get(row[key]) ?? 0) + Number(row[field] ?? 0))
  return sums
}
const balance = (row: Values): number => Number(row['avblbalance'] ?? row['curbal'])
const worst = (short: readonly Values[]): number | null =>
  short.length === 0 ? null : Math.max(...short.map((row) => Number(row['minlevel']) - balance(row)))
const isShort = (row: Values): boolean =>
  Number(row['minlevel'] ?? 0) > 0 && balance(row) < Number(row['minlevel'])

export const SUPPLY_QUESTIONS: readonly Question[] = [
  {
    id: 'below-reorder-point',
    who: 'buyer',
    asks: 'How many parts lie below their reorder point at Bedford, and how short is the shortest?',
    async our(tools) {
      const { total, cols, rows } = await tools.call(
        'list_items_to_reorder',
        { site: SITE, limit: 5 },
        'parts below reorder point',
      )
      const at = (cols as string[]).indexOf('short')
      return { total, most: (rows as unknown[][])[0]?.[at] ?? null }
    },
    async bare(tool) {
      const rows = await tool.all({
        ...{ os: 'mxapiinventory', where: `siteid="${SITE}" and minlevel>0` },
        select: 'itemnum,location,curbal,avblbalance,minlevel',
      })
      const short = rows.filter(isShort)
      return { total: short.length, most: worst(short) }
    },
    truth(world) {
      const short = world.rows('INVENTORY', (row) => row['siteid'] === SITE && isShort(row))
      return { total: short.length, most: worst(short) }
    },
  },
  {
    id: 'availability-of-an-item',
    who: 'technician',
    asks: 'How many of this part lie in each storeroom?',
    async our(tools, world) {
      const rows = await tools.rows(
        'get_item_availability',
        { item: comingItem(world), site: '*' },
        'is this item available in a storeroom',
      )
      return Object.fromEntries(rows.map((row) => [String(row['location']), balance(row)]))
    },
    async bare(tool, world) {
      const rows = await tool.all({
        os: 'mxapiinventory',
        where: `itemnum="${comingItem(world)}"`,
        select: 'itemnum,siteid,location,curbal,avblbalance',
      })
      return Object.fromEntries(rows.map((row) => [String(row['location']), balance(row)]))
    },
    truth: (world) =>
      Object.fromEntries(
        world
          .rows('INVENTORY', (row) => row['itemnum'] === comingItem(world))
          .map((row) => [String(row['location']), balance(row)]),
      ),
  },
  {
    id: 'late-orders',
    who: 'buyer',
    asks: 'Which approved purchase orders at Bedford should have been delivered by now?',
    our: async (tools, world) =>
      (
        await tools.call(
          'search_purchase_documents',
          { kind: 'po', site: SITE, status: ['APPR', 'INPRG'], due_before: world.today, limit: 1 },
          'purchase orders that are late',
        )
      )['total'],
    bare: async (tool, world) => {
      const where = `siteid="${SITE}" and status in ["APPR","INPRG"] and vendeliverydate<"${world.today}"`
      return (await tool.query({ os: 'mxapipo', where, select: 'ponum', pageSize: 1 })).total
    },
    truth: (world) => world.rows('PO', isLate(world)).length,
  },
  {
    id: 'orders-to-approve',
    who: 'buyer',
    asks: 'How many purchase orders over 5,000 wait for approval?',
    our: async (tools) =>
      (
        await tools.call(
          'search_purchase_documents',
          { kind: 'po', site: '*', status: ['WAPPR'], min_total: 5_000, limit: 1 },
          'purchase orders waiting for approval',
        )
      )['total'],
    bare: async (tool) => {
      const where = 'status="WAPPR" and totalcost>=5000'
      return (await tool.query({ os: 'mxapipo', where, select: 'ponum', pageSize: 1 })).total
    },
    truth: (world) =>
      world.rows('PO', (row) => row['status'] === 'WAPPR' && Number(row['totalcost'] ?? 0) >= 5_000).length,
  },
  {
    id: 'spend-by-vendor',
    who: 'manager',
    asks: 'What have we ordered from each vendor and not closed yet?',
    async our(tools) {
      const rows = await tools.rows('aggregate_records', {
        object: 'mxapipo',
        site: SITE,
        filters: [{ field: 'status', op: 'eq', value: 'APPR' }],
        ...{ group_by: ['vendor'], metrics: ['sum:totalcost'] },
      })
      return Object.fromEntries(rows.map((row) => [String(row['vendor']), row['sum_totalcost']]))
    },
    bare: async (tool) =>
      byKey(
        summed(
          await tool.all({
            ...{ os: 'mxapipo', where: `siteid="${SITE}" and status="APPR"` },
            select: 'ponum,vendor,totalcost',
          }),
          'vendor',
          'totalcost',
        ),
      ),
    truth: (world) =>
      byKey(
        summed(
          world.rows('PO', (row) => row['siteid'] === SITE && row['status'] === 'APPR'),
          'vendor',
          'totalcost',
        ),
      ),
  },
  {
    id: 'lines-of-an-order',
    who: 'buyer',
    asks: 'What is on this purchase order?',
    async our(tools, world) {
      const asked = { kind: 'po', number: String(anOrder(world)['ponum']), site: SITE }
      const { children } = await tools.call(
        'get_purchase_document',
        asked,
        'one purchase order with its lines',
      )
      const { cols, rows } = (children as { poline: { cols: string[]; rows: unknown[][] } }).poline
      return rows.map((row) => Number(row[cols.indexOf('linecost')])).toSorted((a, b) => a - b)
    },
    async bare(tool, world) {
      const { rows } = await tool.query({
        os: 'mxapipo',
        where: `ponum="${String(anOrder(world)['ponum'])}" and siteid="${SITE}"`,
        select:
          'ponum,status,vendor,totalcost,poline{polinenum,itemnum,description,orderqty,unitcost,linecost}',
      })
      const lines = (rows[0]?.['poline'] ?? []) as readonly Values[]
      return lines.map(({ linecost }) => Number(linecost)).toSorted((a, b) => a - b)
    },
    truth: (world) =>
      world
        .rows('POLINE', (row) => row['ponum'] === anOrder(world)['ponum'] && row['siteid'] === SITE)
        .map((row) => Number(row['linecost']))
        .toSorted((a, b) => a - b),
  },
]
