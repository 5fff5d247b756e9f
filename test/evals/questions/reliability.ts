import { createKpiOracle, type KpiOracle } from '../../../src/dev/simulator/oracle-kpis.ts'
import type { Question } from '../question.ts'
import { nameIn } from '../tally.ts'
import type { BareTool, OurTools } from '../tools.ts'
import { SITE, ZONE, type World } from '../world.ts'
import { OPEN } from './work.ts'

type Values = Readonly<Record<string, unknown>>
const WO = 'mxapiwodetail'
const FAILURES = 'worktype in ["CM","EM"] and istask=0'
const DONE = 'status in ["COMP","CLOSE","HISTEDIT"]'

const oracleOf = (world: World, site: string | null, days: { from: string; to: string }): KpiOracle =>
  createKpiOracle(world.plant.simulator.plant, {
    ...{ zone: ZONE, nowMs: world.nowMs, ...days },
    ...{ failureTypes: ['CM', 'EM'], pmTypes: ['PM'] },
    ...(site !== null && { site }),
  })

/** From the first of January to today. */
const thisYear = ({ today }: World): { from: string; to: string } => ({
  from: `${today.slice(0, 4)}-01-01`,
  to: today,
})
/** Ninety days to yesterday. */
const lately = (world: World): { from: string; to: string } => ({ from: world.day(-90), to: world.day(-1) })

const dayAfter = (day: string): string => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
const during = (field: string, { from, to }: { from: string; to: string }): string =>
  `${field}>="${from}T00:00:00" and ${field}<"${dayAfter(to)}T00:00:00"`

interface Figure {
  readonly value: number | null
  readonly numerator?: { readonly value: number }
  readonly denominator?: { readonly value: number }
}

/** One figure, with both sides of its fraction. */
async function figure(tools: OurTools, kpi: string, args: object = {}): Promise<object> {
  const asked = { kpis: [kpi], site: SITE, ...args }
  const { kpis } = await tools.call(
    'get_maintenance_kpis',
    asked,
    `maintenance KPI ${kpi.replaceAll('_', ' ')}`,
  )
  const { value, numerator, denominator } = (kpis as Figure[])[0] ?? { value: null }
  return { value, over: numerator?.value, ...(denominator !== undefined && { under: denominator.value }) }
}

const fraction = ({ over, under }: { over: number; under: number }, times: number): object => ({
  value: under === 0 ? null : (over / under) * times,
  ...{ over, under },
})

const day = (value: unknown): string => String(value).slice(0, 10)

/** A model that gets the rows divides them by hand. */
async function keptByDay(
  tool: BareTool,
  asked: { readonly where: string; readonly field: string },
): Promise<object> {
  const rows = await tool.all({
    os: WO,
    where: `${asked.where} and istask=0 and siteid="${SITE}" and status!="CAN"`,
    select: `wonum,status,${asked.field},actfinish`,
  })
  const kept = rows.filter(
    ({ status, actfinish, [asked.field]: due }) =>
      ['COMP', 'CLOSE', 'HISTEDIT'].includes(String(status)) &&
      typeof actfinish === 'string' &&
      day(actfinish) <= day(due),
  )
  return fraction({ over: kept.length, under: rows.length }, 100)
}

const largest = (
  amounts: ReadonlyMap<unknown, number>,
  count: number,
): readonly (readonly [unknown, number])[] =>
  [...amounts]
    .filter(([key, amount]) => key !== null && amount > 0)
    .sort(([a, one], [b, other]) => (one === other ? (String(a) < String(b) ? -1 : 1) : other - one))
    .slice(0, count)

const sums = <K>(
  rows: readonly Values[],
  keyOf: (row: Values) => K,
  of: (row: Values) => number,
): ReadonlyMap<K, number> => {
  const found = new Map<K, number>()
  for (const row of rows) found.set(keyOf(row), (found.get(keyOf(row)) ?? 0) + of(row))
  return found
}
const assetOf = ({ siteid, assetnum }: Values): string => `${String(siteid)}/${String(assetnum)}`
const badActors =
  (by: 'failures' | 'repair_hours' | 'cost', daysOf: (world: World) => { from: string; to: string }) =>
  async (tools: OurTools, world: World): Promise<unknown> => {
    const asked = { by, site: SITE, ...daysOf(world), limit: 5 }
    const rows = await tools.rows('rank_bad_actors', asked, 'rank the worst assets, bad actors')
    return rows.map((row) => [assetOf(row), row[by]])
  }
/** Null: the row does not say. */
const repairOf = ({ actstart, actfinish }: Values): number | null => {
  const ms = Date.parse(String(actfinish)) - Date.parse(String(actstart))
  return ms >= 0 ? ms / 3_600_000 : null
}
const hoursOf = (row: Values): number => repairOf(row) ?? 0

export const RELIABILITY_QUESTIONS: readonly Question[] = [
  {
    id: 'pm-compliance',
    who: 'manager',
    asks: 'What was our PM compliance last month?',
    our: (tools) => figure(tools, 'pm_compliance'),
    bare: (tool, { lastMonth }) =>
      keptByDay(tool, {
        where: `worktype="PM" and ${during('targcompdate', lastMonth)}`,
        field: 'targcompdate',
      }),
    truth: (world) => fraction(oracleOf(world, SITE, world.lastMonth).pmCompliance, 100),
  },
  {
    id: 'schedule-compliance',
    who: 'planner',
    asks: 'How much of the schedule of the week from 30 to 24 days ago did we keep?',
    our: (tools, world) => figure(tools, 'schedule_compliance', { from: world.day(-30), to: world.day(-24) }),
    bare: (tool, world) =>
      keptByDay(tool, {
        where: during('schedfinish', { from: world.day(-30), to: world.day(-24) }),
        field: 'schedfinish',
      }),
    truth: (world) =>
      fraction(oracleOf(world, SITE, { from: world.day(-30), to: world.day(-24) }).scheduleCompliance, 100),
  },
  {
    id: 'mtbf',
    who: 'reliability engineer',
    asks: 'What was the mean time between failures at Bedford in the last 90 days?',
    our: (tools, world) => figure(tools, 'mtbf', lately(world)),
    async bare(tool, world) {
      const gone = '["DECOMMISSIONED","BROKEN","INACTIVE","MISSING","SEALED"]'
      const asset = { os: 'mxapiasset', select: 'assetnum', pageSize: 1 }
      const { from } = lately(world)
      const all = await tool.query({ ...asset, where: `siteid="${SITE}"` })
      const out = await tool.query({
        ...asset,
        where: `siteid="${SITE}" and status in ${gone} and statusdate<"${from}T00:00:00"`,
      })
      const failures = await tool.query({
        ...{ os: WO, select: 'wonum', pageSize: 1 },
        where: `${FAILURES} and assetnum="*" and status!="CAN" and siteid="${SITE}" and ${during('reportdate', lately(world))}`,
      })
      // The clocks went back in between.
      return fraction({ over: (all.total - out.total) * (90 * 24 + 1), under: failures.total }, 1)
    },
    truth: (world) => fraction(oracleOf(world, SITE, lately(world)).mtbf, 1),
  },
  {
    id: 'mttr',
    who: 'reliability engineer',
    asks: 'How long did repairs take on average last month?',
    our: (tools) => figure(tools, 'mttr'),
    async bare(tool, { lastMonth }) {
      const where = `${FAILURES} and ${DONE} and assetnum="*" and siteid="${SITE}" and ${during('actfinish', lastMonth)}`
      const rows = await tool.all({ os: WO, where, select: 'wonum,actstart,actfinish' })
      const hours = rows.map(repairOf).filter((one) => one !== null)
      return fraction({ over: hours.reduce((sum, one) => sum + one, 0), under: hours.length }, 1)
    },
    truth: (world) => fraction(oracleOf(world, SITE, world.lastMonth).mttr, 1),
  },
  {
    id: 'reactive-share',
    who: 'manager',
    asks: 'Which share of our labor hours went into reactive work last month?',
    our: (tools) => figure(tools, 'reactive_share'),
    async bare(tool, { lastMonth }) {
      const where = `${DONE} and istask=0 and siteid="${SITE}" and ${during('actfinish', lastMonth)}`
      const rows = await tool.all({ os: WO, where, select: 'wonum,worktype,actlabhrs' })
      const hours = (some: readonly Values[]): number =>
        some.reduce((sum, { actlabhrs }) => sum + Number(actlabhrs ?? 0), 0)
      const reactive = rows.filter(({ worktype }) => worktype === 'CM' || worktype === 'EM')
      return fraction({ over: hours(reactive), under: hours(rows) }, 100)
    },
    truth: (world) => fraction(oracleOf(world, SITE, world.lastMonth).reactiveHours, 100),
  },
  {
    id: 'backlog',
    who: 'planner',
    asks: 'How many hours of work do we have in the backlog?',
    our: (tools) => figure(tools, 'backlog'),
    async bare(tool) {
      const rows = await tool.all({
        os: WO,
        where: `${OPEN} and siteid="${SITE}"`,
        select: 'wonum,estlabhrs',
      })
      const hours = rows.reduce((sum, { estlabhrs }) => sum + Number(estlabhrs ?? 0), 0)
      return { value: hours, over: hours }
    },
    truth(world) {
      const { hours } = oracleOf(world, SITE, world.lastMonth).backlog
      return { value: hours, over: hours }
    },
  },
  {
    id: 'backlog-by-craft',
    who: 'planner',
    asks: 'How many hours of planned work does each craft have ahead of it?',
    async our(tools) {
      const rows = await tools.rows('get_backlog', { site: SITE }, 'backlog hours by craft')
      return Object.fromEntries(rows.map(({ craft, hours }) => [String(craft), hours]))
    },
    async bare(tool) {
      const where = `${OPEN} and siteid="${SITE}" and showplanlabor{laborhrs>0}`
      const rows = await tool.all({ os: WO, where, select: 'wonum,wplabor{craft,quantity,laborhrs}' })
      const lines = rows.flatMap(({ wplabor }) => wplabor as readonly Values[])
      const planned = ({ quantity, laborhrs }: Values): number => Number(quantity) * Number(laborhrs)
      return Object.fromEntries(sums(lines, (line) => nameIn(line, 'craft'), planned))
    },
    truth: (world) =>
      Object.fromEntries(
        [...oracleOf(world, SITE, world.lastMonth).backlogByCraft].map(([craft, { hours }]) => [
          String(craft),
          hours,
        ]),
      ),
  },
  {
    id: 'bad-actors',
    who: 'reliability engineer',
    asks: 'Which five assets failed most often in the last 90 days?',
    our: badActors('failures', lately),
    async bare(tool, world) {
      const where = `${FAILURES} and assetnum="*" and status!="CAN" and siteid="${SITE}" and ${during('reportdate', lately(world))}`
      const rows = await tool.all({ os: WO, where, select: 'wonum,siteid,assetnum' })
      return largest(
        sums(rows, assetOf, () => 1),
        5,
      )
    },
    truth: (world) => largest(oracleOf(world, SITE, lately(world)).failuresByAsset, 5),
  },
  {
    id: 'most-expensive-assets',
    who: 'manager',
    asks: 'Which five assets cost us most in maintenance this year?',
    our: badActors('cost', thisYear),
    async bare(tool, world) {
      const where = `${DONE} and istask=0 and assetnum="*" and siteid="${SITE}" and ${during('actfinish', thisYear(world))}`
      const rows = await tool.all({ os: WO, where, select: 'wonum,siteid,assetnum,actlabcost,actmatcost' })
      const cost = ({ actlabcost, actmatcost }: Values): number => Number(actlabcost) + Number(actmatcost)
      return largest(sums(rows, assetOf, cost), 5)
    },
    truth: (world) => largest(oracleOf(world, SITE, thisYear(world)).costByAsset, 5),
  },
  {
    id: 'longest-repairs',
    who: 'reliability engineer',
    asks: 'On which five assets did repairs take most hours last month?',
    our: badActors('repair_hours', ({ lastMonth }) => lastMonth),
    async bare(tool, { lastMonth }) {
      const where = `${FAILURES} and ${DONE} and assetnum="*" and siteid="${SITE}" and ${during('actfinish', lastMonth)}`
      const rows = await tool.all({ os: WO, where, select: 'wonum,siteid,assetnum,actstart,actfinish' })
      return largest(sums(rows, assetOf, hoursOf), 5)
    },
    truth: (world) => largest(oracleOf(world, SITE, world.lastMonth).repairHoursByAsset, 5),
  },
  {
    id: 'failure-pareto',
    who: 'reliability engineer',
    asks: 'Which problems are reported most often this year?',
    async our(tools, world) {
      const asked = { site: SITE, ...thisYear(world) }
      const rows = await tools.rows('get_failure_pareto', asked, 'failure Pareto by problem code')
      return rows.slice(0, 5).map(({ code, failures }) => [code, failures])
    },
    async bare(tool, world) {
      const where = `${FAILURES} and status!="CAN" and problemcode="*" and siteid="${SITE}" and ${during('reportdate', thisYear(world))}`
      const rows = await tool.all({ os: WO, where, select: 'wonum,problemcode' })
      return largest(
        sums(
          rows,
          ({ problemcode }) => problemcode,
          () => 1,
        ),
        5,
      )
    },
    truth: (world) => largest(oracleOf(world, SITE, thisYear(world)).failuresByProblem, 5),
  },
  {
    id: 'causes',
    who: 'reliability engineer',
    asks: 'Which causes lie behind the failures of the last 90 days at both sites?',
    async our(tools, world) {
      const asked = { site: '*', level: 'cause', ...lately(world) }
      const rows = await tools.rows('get_failure_pareto', asked, 'causes of failures by frequency')
      return rows.slice(0, 5).map(({ code, failures }) => [code, failures])
    },
    async bare(tool, world) {
      const where = `${FAILURES} and status!="CAN" and uxshowfailurereport{type="CAUSE"} and ${during('reportdate', lately(world))}`
      const rows = await tool.all({ os: WO, where, select: 'wonum,siteid,failurereport{type,failurecode}' })
      const causes = rows.flatMap(({ failurereport }) => {
        const lines = (failurereport as readonly Values[]).filter(({ type }) => type === 'CAUSE')
        return [...new Set(lines.map(({ failurecode }) => failurecode))].map((code) => ({ code }))
      })
      return largest(
        sums(
          causes,
          ({ code }) => code,
          () => 1,
        ),
        5,
      )
    },
    truth: (world) => largest(oracleOf(world, null, lately(world)).failuresByCause, 5),
  },
]
