import type { WrongScript } from './question.ts'
import { busyVendor, periodOf } from './questions/promises.ts'
import { busyAsset } from './questions/work.ts'
import { countsBy } from './tally.ts'
import { SITE } from './world.ts'

const WO = 'mxapiwodetail'
type Values = Readonly<Record<string, unknown>>
const NO_TASK = { field: 'istask', op: 'eq', value: false }

/** Every one of these must fail the checker: else it would pass a model that makes the mistake. */
export const WRONG_SCRIPTS: readonly WrongScript[] = [
  {
    of: 'open-work',
    mistake: 'takes the rows of a page for all of them',
    our: async (tools) => (await tools.call('search_work_orders', { site: SITE }))['returned'],
  },
  {
    of: 'open-work',
    mistake: 'asks the other site',
    our: async (tools) => (await tools.call('search_work_orders', { site: 'NASHUA', limit: 1 }))['total'],
  },
  {
    of: 'open-work',
    mistake: 'counts what is closed, too',
    our: async (tools) =>
      (await tools.call('search_work_orders', { site: SITE, state: 'any', limit: 1 }))['total'],
  },
  {
    of: 'open-by-type',
    mistake: 'knows the statuses that IBM ships and not the synonyms of this site',
    async our(tools) {
      const status = { field: 'status', op: 'in', value: ['WAPPR', 'WSCH', 'WMATL', 'APPR', 'INPRG'] }
      const rows = await tools.rows('aggregate_records', {
        ...{ object: WO, site: SITE, filters: [status, NO_TASK], group_by: ['worktype'] },
      })
      return Object.fromEntries(rows.map(({ worktype, count }) => [String(worktype), count]))
    },
  },
  {
    of: 'open-by-type',
    mistake: 'groups one page by hand',
    our: async (tools) =>
      countsBy(await tools.rows('search_work_orders', { site: SITE, limit: 100 }), 'worktype'),
  },
  {
    of: 'overdue',
    mistake: 'takes waiting for overdue',
    our: async (tools) =>
      (await tools.call('search_work_orders', { site: 'NASHUA', state: 'waiting', limit: 1 }))['total'],
  },
  {
    of: 'longest-overdue',
    mistake: 'shows what was reported last instead of what was due first',
    our: async (tools) =>
      (await tools.rows('search_work_orders', { site: SITE, limit: 5 })).map(({ targcompdate }) =>
        Date.parse(String(targcompdate)),
      ),
  },
  {
    of: 'due-next-week',
    mistake: 'forgets the tail of the last day',
    our: async (tools, world) =>
      (
        await tools.call('query_records', {
          ...{ object: WO, site: '*', select: ['wonum'], limit: 1, count: true },
          filters: [
            { field: 'targcompdate', op: 'ge', value: world.day(1) },
            { field: 'targcompdate', op: 'lt', value: world.day(7) },
            { field: 'historyflag', op: 'eq', value: false },
            NO_TASK,
          ],
        })
      )['total'],
  },
  {
    of: 'history-of-an-asset',
    mistake: 'takes the open work of an asset for its history',
    our: async (tools, world) => {
      const rows = await tools.rows('search_work_orders', { asset: busyAsset(world), site: SITE, limit: 200 })
      return rows.map(({ wonum }) => String(wonum)).toSorted()
    },
  },
  {
    of: 'cost-by-site',
    mistake: 'adds up one page',
    async our(tools) {
      const asked = { object: WO, site: '*', filters: [NO_TASK], select: ['siteid', 'actlabcost'], limit: 50 }
      const sums: Record<string, number> = {}
      for (const row of await tools.rows('query_records', asked))
        sums[String(row['siteid'])] = (sums[String(row['siteid'])] ?? 0) + Number(row['actlabcost'])
      return sums
    },
  },
  {
    of: 'pm-compliance',
    mistake: 'takes this month for the last one',
    async our(tools, world) {
      const asked = { kpis: ['pm_compliance'], site: SITE, from: world.day(-20), to: world.today }
      const { kpis } = await tools.call('get_maintenance_kpis', asked, 'PM compliance')
      const [found] = kpis as { value: number; numerator: Values; denominator: Values }[]
      return { value: found?.value, over: found?.numerator['value'], under: found?.denominator['value'] }
    },
  },
  {
    of: 'pm-compliance',
    mistake: 'calls whatever is finished by now finished in time',
    async our(tools, { lastMonth }) {
      const due = { field: 'targcompdate', op: 'between', value: [lastMonth.from, lastMonth.to] }
      const pm = { field: 'worktype', op: 'eq', value: 'PM' }
      const count = async (...more: object[]): Promise<number> => {
        const asked = { object: WO, site: SITE, filters: [due, pm, NO_TASK, ...more] }
        return Number((await tools.rows('aggregate_records', asked))[0]?.['count'])
      }
      const under = await count({ field: 'status', op: 'ne', value: 'CAN' })
      const over = await count({ field: 'status', op: 'in', value: ['COMP', 'CLOSE', 'HISTEDIT'] })
      return { value: (over / under) * 100, over, under }
    },
  },
  {
    of: 'mttr',
    mistake: 'averages the repairs of one page',
    async our(tools, { lastMonth }) {
      const rows = await tools.rows('query_records', {
        ...{ object: WO, site: SITE, select: ['actstart', 'actfinish'], limit: 3 },
        filters: [
          { field: 'worktype', op: 'in', value: ['CM', 'EM'] },
          { field: 'actfinish', op: 'between', value: [lastMonth.from, lastMonth.to] },
        ],
      })
      const hours = rows.map(
        ({ actstart, actfinish }) =>
          (Date.parse(String(actfinish)) - Date.parse(String(actstart))) / 3_600_000,
      )
      const over = hours.reduce((sum, one) => sum + one, 0)
      return { value: over / rows.length, over, under: rows.length }
    },
  },
  {
    of: 'bad-actors',
    mistake: 'ranks by cost what was asked by failures',
    async our(tools, world) {
      const asked = { by: 'cost', site: SITE, from: world.day(-90), to: world.day(-1), limit: 5 }
      const rows = await tools.rows('rank_bad_actors', asked, 'rank bad actors')
      return rows.map((row) => [`${String(row['siteid'])}/${String(row['assetnum'])}`, row['cost']])
    },
  },
  {
    of: 'assets-down',
    mistake: 'asks only the site of the user',
    async our(tools) {
      const rows = await tools.rows('aggregate_records', {
        ...{ object: 'mxapiasset', site: SITE, group_by: ['siteid'] },
        filters: [{ field: 'isrunning', op: 'eq', value: false }],
      })
      return Object.fromEntries(rows.map(({ siteid, count }) => [String(siteid), count]))
    },
  },
  {
    of: 'late-orders',
    mistake: 'counts orders that are closed',
    our: async (tools, world) =>
      (
        await tools.call(
          'search_purchase_documents',
          { kind: 'po', site: SITE, due_before: world.today, limit: 1 },
          'purchase orders that are late',
        )
      )['total'],
  },
  {
    of: 'orders-by-status',
    mistake: 'counts the orders of one site for those of all',
    async our(tools) {
      const rows = await tools.rows('aggregate_records', {
        object: 'mxapipo',
        site: SITE,
        group_by: ['status'],
      })
      return Object.fromEntries(rows.map(({ status, count }) => [String(status), count]))
    },
  },
  {
    of: 'vendor-on-time',
    mistake: 'counts orders for their lines',
    async our(tools, world) {
      const asked = { vendor: busyVendor(world), site: '*', ...periodOf(world) }
      const { orders } = await tools.call('get_vendor_performance', asked, 'on-time delivery of a vendor')
      return { over: orders, under: orders }
    },
  },
  {
    of: 'safety-of-an-asset',
    mistake: 'takes the hazards for all of the plan',
    async our(tools) {
      const rows = await tools.rows(
        'get_safety_plan',
        { asset: '11430', site: SITE },
        'hazards and lock-outs',
      )
      return rows
        .filter(({ kind }) => kind === 'hazard')
        .map(({ kind, id }) => `${String(kind)} ${String(id)}`)
    },
  },
]
