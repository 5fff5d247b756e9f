import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import type { Question } from '../question.ts'
import { isFinished, SITE, type World } from '../world.ts'
import { busyAsset } from './work.ts'

type Values = Readonly<Record<string, unknown>>
const WO = 'mxapiwodetail'
const DONE = 'status in ["COMP","CLOSE","HISTEDIT"]'

const isOverduePm =
  ({ nowMs }: World) =>
  (row: Row): boolean =>
    row['siteid'] === SITE &&
    row['status'] === 'ACTIVE' &&
    typeof row['nextdate'] === 'string' &&
    row['nextdate'] < new Date(nowMs).toISOString().slice(0, 10)
const hoursBy = (rows: readonly Values[], key: string, field: string): object => {
  const sums = new Map<string, number>()
  for (const row of rows)
    sums.set(String(row[key]), (sums.get(String(row[key])) ?? 0) + Number(row[field] ?? 0))
  return Object.fromEntries(sums)
}
const assignedOn = (world: World, from: string, to: string): readonly Row[] =>
  world.rows('ASSIGNMENT', (row) => {
    const day = world.dayOf(row['scheduledate'])
    return row['siteid'] === SITE && from <= day && day <= to
  })
const activeOf = (world: World, craft: string): readonly string[] => {
  const active = new Set(
    world
      .rows('LABOR', (row) => row['status'] === 'ACTIVE' && row['worksite'] === SITE)
      .map((row) => row['laborcode']),
  )
  return world
    .rows('LABORCRAFTRATE', (row) => row['craft'] === craft && active.has(row['laborcode']))
    .map((row) => String(row['laborcode']))
}
const dayAfter = (day: string): string => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
const january = ({ today }: World): string => `${today.slice(0, 4)}-01-01`
const cost = (rows: readonly Values[]): number =>
  rows.reduce((sum, { actlabcost, actmatcost }) => sum + Number(actlabcost ?? 0) + Number(actmatcost ?? 0), 0)

export const PLANNING_QUESTIONS: readonly Question[] = [
  {
    id: 'overdue-pms',
    who: 'planner',
    asks: 'Which PMs at Bedford are overdue?',
    our: async (tools) =>
      (await tools.rows('search_pms', { site: SITE, overdue: true }, 'overdue preventive maintenance'))
        .map(({ pmnum }) => pmnum)
        .toSorted(),
    async bare(tool, { nowMs }) {
      const today = new Date(nowMs).toISOString().slice(0, 10)
      const where = `siteid="${SITE}" and status="ACTIVE" and nextdate<"${today}"`
      const rows = await tool.all({ os: 'mxapipm', where, select: 'pmnum,description,nextdate' })
      return rows.map(({ pmnum }) => pmnum).toSorted()
    },
    truth: (world) =>
      world
        .rows('PM', isOverduePm(world))
        .map((row) => row['pmnum'])
        .toSorted(),
  },
  {
    id: 'pms-ahead',
    who: 'planner',
    asks: 'Which PMs fall due in the next four weeks, the overdue ones among them?',
    async our(tools) {
      const asked = { site: SITE, weeks: 4 }
      const rows = await tools.rows('get_pm_forecast', asked, 'PM forecast of the coming weeks')
      return [...new Set(rows.map(({ pmnum }) => pmnum))].toSorted()
    },
    async bare(tool, world) {
      const where = `siteid="${SITE}" and status="ACTIVE" and nextdate<="${world.day(28)}"`
      const select = 'pmnum,description,nextdate,frequency,frequnit'
      return (await tool.all({ os: 'mxapipm', where, select })).map(({ pmnum }) => pmnum).toSorted()
    },
    truth: (world) =>
      world
        .rows(
          'PM',
          (row) =>
            row['siteid'] === SITE && row['status'] === 'ACTIVE' && String(row['nextdate']) <= world.day(28),
        )
        .map((row) => row['pmnum'])
        .toSorted(),
  },
  {
    id: 'who-works-today',
    who: 'planner',
    asks: 'Who has work assigned today and tomorrow, and how many hours?',
    async our(tools, world) {
      const asked = { site: SITE, from: world.today, to: world.day(1), total_by: 'labor' }
      return hoursBy(
        await tools.rows('get_schedule', asked, 'who is assigned to work today'),
        'labor',
        'hours',
      )
    },
    async bare(tool, world) {
      const [from, end] = [world.today, world.day(2)]
      const inside = `scheduledate>="${from}T00:00:00" and scheduledate<"${end}T00:00:00"`
      const rows = await tool.all({
        ...{ os: WO, where: `siteid="${SITE}" and assignment{${inside}}` },
        select: 'wonum,description,assignment{laborcode,laborhrs,scheduledate}',
      })
      const lines = rows.flatMap(({ assignment }) => assignment as readonly Values[])
      const on = lines.filter(({ scheduledate }) => {
        const day = String(scheduledate).slice(0, 10)
        return from <= day && day < end
      })
      return hoursBy(on, 'laborcode', 'laborhrs')
    },
    truth: (world) => hoursBy(assignedOn(world, world.today, world.day(1)), 'laborcode', 'laborhrs'),
  },
  {
    id: 'who-is-free',
    who: 'planner',
    asks: 'Which electricians at Bedford have nothing assigned today?',
    async our(tools, world) {
      const asked = { site: SITE, craft: 'ELEC', from: world.today, to: world.today }
      const rows = await tools.rows('find_available_labor', asked, 'people of a craft who are free')
      return rows
        .filter(({ assignments }) => assignments === 0)
        .map(({ labor }) => labor)
        .toSorted()
    },
    async bare(tool, world) {
      const people = await tool.all({
        ...{
          os: 'mxapilabor',
          where: `status="ACTIVE" and worksite="${SITE}" and laborcraftrate{craft="ELEC"}`,
        },
        select: 'laborcode,personid',
      })
      const inside = `scheduledate>="${world.today}T00:00:00" and scheduledate<"${world.day(1)}T00:00:00"`
      const rows = await tool.all({
        ...{ os: WO, where: `assignment{${inside}}`, select: 'wonum,assignment{laborcode,scheduledate}' },
      })
      const busy = new Set(
        rows
          .flatMap(({ assignment }) => assignment as readonly Values[])
          .filter(({ scheduledate }) => String(scheduledate).startsWith(world.today))
          .map(({ laborcode }) => laborcode),
      )
      return people
        .map(({ laborcode }) => laborcode)
        .filter((code) => !busy.has(code))
        .toSorted()
    },
    truth(world) {
      const busy = new Set(
        world
          .rows('ASSIGNMENT', (row) => world.dayOf(row['scheduledate']) === world.today)
          .map((row) => row['laborcode']),
      )
      return activeOf(world, 'ELEC')
        .filter((code) => !busy.has(code))
        .toSorted()
    },
  },
  {
    id: 'job-plan',
    who: 'technician',
    asks: 'Which steps does the pump service (JP1143) have?',
    async our(tools) {
      const { children } = await tools.call('get_job_plan', { job_plan: 'JP1143' }, 'steps of a job plan')
      const { cols, rows } = (children as { jptask: { cols: string[]; rows: unknown[][] } }).jptask
      return rows.map((row) => row[cols.indexOf('description')]).toSorted()
    },
    async bare(tool) {
      const { rows } = await tool.query({
        ...{ os: 'mxapijobplan', where: 'jpnum="JP1143"' },
        select: 'jpnum,description,jptask{jptask,description,taskduration},jplabor{craft,quantity,laborhrs}',
      })
      return ((rows[0]?.['jptask'] ?? []) as readonly Values[])
        .map(({ description }) => description)
        .toSorted()
    },
    truth: (world) =>
      world
        .rows('JPTASK', (row) => row['jpnum'] === 'JP1143')
        .map((row) => row['description'])
        .toSorted(),
  },
  {
    id: 'cost-of-an-asset',
    who: 'manager',
    asks: 'What has maintaining this asset cost this year?',
    async our(tools, world) {
      const [row] = await tools.rows('aggregate_records', {
        object: WO,
        site: SITE,
        filters: [
          { field: 'assetnum', op: 'eq', value: busyAsset(world) },
          { field: 'istask', op: 'eq', value: false },
          { field: 'actfinish', op: 'ge', value: january(world) },
        ],
        metrics: ['sum:actlabcost', 'sum:actmatcost'],
      })
      return Number(row?.['sum_actlabcost'] ?? 0) + Number(row?.['sum_actmatcost'] ?? 0)
    },
    async bare(tool, world) {
      const where = `assetnum="${busyAsset(world)}" and siteid="${SITE}" and istask=0 and actfinish>="${january(world)}T00:00:00"`
      return cost(await tool.all({ os: WO, where, select: 'wonum,actlabcost,actmatcost' }))
    },
    truth: (world) =>
      cost(
        world.orders(
          SITE,
          (row) => row['assetnum'] === busyAsset(world) && world.dayOf(row['actfinish']) >= january(world),
        ),
      ),
  },
  {
    id: 'cost-by-site',
    who: 'manager',
    asks: 'What has finished work cost each site in labor this year?',
    async our(tools, world) {
      const rows = await tools.rows('aggregate_records', {
        object: WO,
        site: '*',
        filters: [
          { field: 'istask', op: 'eq', value: false },
          { field: 'actfinish', op: 'ge', value: january(world) },
        ],
        ...{ group_by: ['siteid'], metrics: ['sum:actlabcost'] },
      })
      return Object.fromEntries(rows.map((row) => [String(row['siteid']), row['sum_actlabcost']]))
    },
    async bare(tool, world) {
      const where = `istask=0 and actfinish>="${january(world)}T00:00:00"`
      return hoursBy(
        await tool.all({ os: WO, where, select: 'wonum,siteid,actlabcost' }),
        'siteid',
        'actlabcost',
      )
    },
    truth: (world) =>
      hoursBy(
        world.orders(null, (row) => world.dayOf(row['actfinish']) >= january(world)),
        'siteid',
        'actlabcost',
      ),
  },
  {
    id: 'finished-last-week',
    who: 'manager',
    asks: 'How many work orders were finished at Bedford in the 30 days to yesterday?',
    our: async (tools, world) =>
      (
        await tools.rows('aggregate_records', {
          object: WO,
          site: SITE,
          filters: [
            { field: 'istask', op: 'eq', value: false },
            { field: 'status', op: 'in', value: ['COMP', 'CLOSE', 'HISTEDIT'] },
            { field: 'actfinish', op: 'between', value: [world.day(-30), world.day(-1)] },
          ],
        })
      )[0]?.['count'],
    async bare(tool, world) {
      const during = `actfinish>="${world.day(-30)}T00:00:00" and actfinish<"${dayAfter(world.day(-1))}T00:00:00"`
      const where = `${DONE} and istask=0 and siteid="${SITE}" and ${during}`
      return (await tool.query({ os: WO, where, select: 'wonum', pageSize: 1 })).total
    },
    truth: (world) =>
      world.orders(SITE, (row) => {
        const day = world.dayOf(row['actfinish'])
        return isFinished(row) && world.day(-30) <= day && day <= world.day(-1)
      }).length,
  },
]
