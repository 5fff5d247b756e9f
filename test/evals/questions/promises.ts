import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { oncePer } from '../../../src/kernel/once-per.ts'
import { createVendorOracle, type VendorOracle } from '../../../src/dev/simulator/oracle-vendors.ts'
import type { Question } from '../question.ts'
import type { BareTool, OurTools } from '../tools.ts'
import { countsBy, mostOf } from '../tally.ts'
import { SITE, ZONE, type World } from '../world.ts'

type Values = Readonly<Record<string, unknown>>
export const periodOf = (world: World) => ({ from: world.day(-120), to: world.day(-1) })
/** The vendor of whom most orders were due in the period. */
export const busyVendor = oncePer((world: World): string => {
  const { from, to } = periodOf(world)
  const isDue = (row: Row): boolean =>
    ['APPR', 'CLOSE'].includes(String(row['status'])) &&
    String(row['vendeliverydate']) >= from &&
    String(row['vendeliverydate']) <= to
  return mostOf(countsBy(world.rows('PO', isDue), 'vendor'))
})
const oracleOf = (world: World): VendorOracle =>
  createVendorOracle(world.plant.simulator.plant, {
    zone: ZONE,
    vendor: busyVendor(world),
    ...periodOf(world),
  })

async function figure(tools: OurTools, world: World, kpi: string): Promise<unknown> {
  const asked = { vendor: busyVendor(world), site: '*', ...periodOf(world) }
  const { kpis } = await tools.call('get_vendor_performance', asked, 'on-time delivery of a vendor')
  const found = (kpis as { kpi: string; numerator?: Values; denominator?: Values }[]).find(
    (one) => one.kpi === kpi,
  )
  return { over: found?.numerator?.['value'], under: found?.denominator?.['value'] }
}

interface Line {
  readonly line: Values
  readonly promised: string
  readonly receipts: readonly Values[]
}

/** The lines of the vendor's orders, and what came of them: three questions of the bare tool, joined by hand. */
async function linesOf(tool: BareTool, world: World): Promise<readonly Line[]> {
  const { from, to } = periodOf(world)
  const orders = await tool.all({
    os: 'mxapipo',
    where: `vendor="${busyVendor(world)}" and status in ["APPR","CLOSE"] and vendeliverydate>="${from}" and vendeliverydate<="${to}"`,
    select: 'ponum,siteid,status,vendeliverydate,poline{polinenum,orderqty,receivedqty,receiptscomplete}',
  })
  const numbers = orders.map(({ ponum }) => `"${String(ponum)}"`)
  const receipts =
    numbers.length === 0
      ? []
      : await tool.all({
          os: 'mxapireceipt',
          where: `ponum in [${numbers.join(',')}]`,
          select: 'ponum,polinenum,siteid,quantity,issuetype,transdate',
        })
  return orders.flatMap((order) =>
    (order['poline'] as readonly Values[]).map((line) => ({
      line,
      promised: String(order['vendeliverydate']).slice(0, 10),
      receipts: receipts.filter(
        (one) =>
          one['ponum'] === order['ponum'] &&
          one['siteid'] === order['siteid'] &&
          one['polinenum'] === line['polinenum'],
      ),
    })),
  )
}

const sumOf = (receipts: readonly Values[]): number =>
  receipts
    .filter(({ issuetype }) => issuetype === 'RECEIPT')
    .reduce((sum, { quantity }) => sum + Number(quantity), 0)

const ASSET = '11430'
const SAFETY = 'wosafetylink{hazardid},woprecaution{precautionid},wotagout{tagoutid},wolockout{lockoutid}'
const IDS = [
  ['hazard', 'WOSAFETYLINK', 'hazardid'],
  ['precaution', 'WOPRECAUTION', 'precautionid'],
  ['tag_out', 'WOTAGOUT', 'tagoutid'],
  ['lock_out', 'WOLOCKOUT', 'lockoutid'],
] as const
const settled = (names: readonly string[]): readonly string[] => [...new Set(names)].toSorted()

export const PROMISE_QUESTIONS: readonly Question[] = [
  {
    id: 'vendor-on-time',
    who: 'buyer',
    asks: 'How many order lines did our busiest vendor deliver in time in the last four months?',
    our: (tools, world) => figure(tools, world, 'on_time'),
    async bare(tool, world) {
      const lines = await linesOf(tool, world)
      const kept = lines.filter(
        ({ line, promised, receipts }) =>
          sumOf(receipts.filter(({ transdate }) => String(transdate).slice(0, 10) <= promised)) >=
          Number(line['orderqty']),
      )
      return { over: kept.length, under: lines.length }
    },
    truth: (world) => oracleOf(world).onTime,
  },
  {
    id: 'vendor-returns',
    who: 'buyer',
    asks: 'Of how many lines did we send something back to them?',
    our: (tools, world) => figure(tools, world, 'returns'),
    async bare(tool, world) {
      const came = (await linesOf(tool, world)).filter(({ receipts }) => sumOf(receipts) > 0)
      const back = came.filter(({ receipts }) => receipts.some(({ issuetype }) => issuetype === 'RETURN'))
      return { over: back.length, under: came.length }
    },
    truth: (world) => oracleOf(world).returns,
  },
  {
    id: 'vendor-quantities',
    who: 'manager',
    asks: 'Of how many finished order lines did they bring another quantity than was ordered?',
    our: (tools, world) => figure(tools, world, 'quantity_variance'),
    async bare(tool, world) {
      const over = (await linesOf(tool, world)).filter(({ line }) => line['receiptscomplete'] === true)
      const other = over.filter(({ line }) => line['receivedqty'] !== line['orderqty'])
      return { over: other.length, under: over.length }
    },
    truth: (world) => oracleOf(world).quantityVariance,
  },
  {
    id: 'safety-of-an-asset',
    who: 'technician',
    asks: 'Which hazards, precautions, tag-outs and lock-outs does work on pump 11430 have?',
    async our(tools) {
      const rows = await tools.rows('get_safety_plan', { asset: ASSET, site: SITE }, 'hazards and lock-outs')
      return settled(rows.map(({ kind, id }) => `${String(kind)} ${String(id)}`))
    },
    async bare(tool) {
      const where = `siteid="${SITE}" and assetnum="${ASSET}"`
      const orders = await tool.all({ os: 'mxapiwodetail', where, select: `wonum,${SAFETY}` })
      return settled(
        IDS.flatMap(([kind, table, id]) =>
          orders
            .flatMap((order) => (order[table.toLowerCase()] ?? []) as readonly Values[])
            .map((row) => `${kind} ${String(row[id])}`),
        ),
      )
    },
    truth(world) {
      const numbers = new Set(
        world
          .rows('WORKORDER', (row) => row['siteid'] === SITE && row['assetnum'] === ASSET)
          .map(({ wonum }) => wonum),
      )
      return settled(
        IDS.flatMap(([kind, table, id]) =>
          world
            .rows(table, (row) => row['siteid'] === SITE && numbers.has(row['wonum']))
            .map((row) => `${kind} ${String(row[id])}`),
        ),
      )
    },
  },
]
