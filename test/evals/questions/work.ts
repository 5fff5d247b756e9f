import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { oncePer } from '../../../src/kernel/once-per.ts'
import type { Question } from '../question.ts'
import { countsBy, mostOf } from '../tally.ts'
import { isOpen, SITE, type World } from '../world.ts'

const OPEN_VALUES = ['WAPPR', 'WSCH', 'WMATL', 'APPR', 'APPR S1', 'WPCOND', 'INPRG']
export const OPEN = `status in [${OPEN_VALUES.map((value) => `"${value}"`).join(',')}] and istask=0`
const WO = 'mxapiwodetail'
const texts = (rows: readonly Readonly<Record<string, unknown>>[], field: string): readonly string[] =>
  rows.map((row) => String(row[field]))

/** The asset with the most open work of the site; the first by number of several. */
export const busyAsset = oncePer((world: World): string => busiest(world, 'assetnum'))
/** Who leads most open work of the site. */
const busyLead = oncePer((world: World): string => busiest(world, 'lead'))
const busiest = (world: World, field: string): string =>
  mostOf(
    countsBy(
      world.orders(SITE, (row) => isOpen(row) && row[field] !== undefined),
      field,
    ),
  )
const isOverdue =
  ({ nowMs }: World) =>
  (row: Row): boolean =>
    isOpen(row) && Number(row['targcompdate'] ?? Infinity) < nowMs
const utc = (ms: number): string => new Date(ms).toISOString().slice(0, 19)
/** The first by a date; those of the same instant would make the question one of taste. */
const firstBy = (rows: readonly Row[], field: string, count: number): readonly string[] =>
  texts(rows.toSorted((a, b) => Number(a[field]) - Number(b[field])).slice(0, count), field)

export const WORK_QUESTIONS: readonly Question[] = [
  {
    id: 'open-work',
    who: 'planner',
    asks: 'How many work orders are open at Bedford?',
    our: async (tools) => (await tools.call('search_work_orders', { site: SITE, limit: 1 }))['total'],
    bare: async (tool) =>
      (await tool.query({ os: WO, where: `${OPEN} and siteid="${SITE}"`, select: 'wonum', pageSize: 1 }))
        .total,
    truth: (world) => world.orders(SITE, isOpen).length,
  },
  {
    id: 'open-by-site',
    who: 'manager',
    asks: 'How much work is waiting for approval at each site?',
    our: async (tools) =>
      Object.fromEntries(
        (
          await tools.rows('aggregate_records', {
            object: WO,
            site: '*',
            filters: [
              { field: 'status', op: 'eq', value: 'WAPPR' },
              { field: 'istask', op: 'eq', value: false },
            ],
            group_by: ['siteid'],
          })
        ).map(({ siteid, count }) => [String(siteid), count]),
      ),
    bare: async (tool) => {
      const where = 'status="WAPPR" and istask=0'
      const sites = ['BEDFORD', 'NASHUA']
      const found = await Promise.all(
        sites.map((site) =>
          tool.query({ os: WO, where: `${where} and siteid="${site}"`, select: 'wonum', pageSize: 1 }),
        ),
      )
      return Object.fromEntries(sites.map((site, index) => [site, found[index]?.total]))
    },
    truth: (world) =>
      countsBy(
        world.orders(null, (row) => row['status'] === 'WAPPR'),
        'siteid',
      ),
  },
  {
    id: 'open-by-type',
    who: 'planner',
    asks: 'What is open at Bedford by work type, however the site names its statuses?',
    our: async (tools) => {
      const values = await tools.rows('describe_object', { object: WO, field: 'status' })
      const open = values
        .filter(({ internal }) => ['WAPPR', 'WSCH', 'WMATL', 'APPR', 'INPRG'].includes(String(internal)))
        .map(({ value }) => value)
      const groups = await tools.rows('aggregate_records', {
        object: WO,
        site: SITE,
        filters: [
          { field: 'status', op: 'in', value: open },
          { field: 'istask', op: 'eq', value: false },
        ],
        group_by: ['worktype'],
      })
      return Object.fromEntries(groups.map(({ worktype, count }) => [String(worktype), count]))
    },
    bare: async (tool) =>
      countsBy(
        await tool.all({
          os: WO,
          where: `${OPEN} and siteid="${SITE}"`,
          select: 'wonum,worktype',
        }),
        'worktype',
      ),
    truth: (world) => countsBy(world.orders(SITE, isOpen), 'worktype'),
  },
  {
    id: 'overdue',
    who: 'planner',
    asks: 'How many open work orders at Nashua are past their target finish?',
    our: async (tools) =>
      (await tools.call('search_work_orders', { site: 'NASHUA', state: 'overdue', limit: 1 }))['total'],
    bare: async (tool, { nowMs }) => {
      const where = `${OPEN} and siteid="NASHUA" and targcompdate<"${utc(nowMs)}+00:00"`
      return (await tool.query({ os: WO, where, select: 'wonum', pageSize: 1 })).total
    },
    truth: (world) => world.orders('NASHUA', isOverdue(world)).length,
  },
  {
    id: 'longest-overdue',
    who: 'planner',
    asks: 'When were the five work orders due that are overdue the longest at Bedford?',
    our: async (tools) =>
      (await tools.rows('search_work_orders', { site: SITE, state: 'overdue', limit: 5 })).map(
        ({ targcompdate }) => Date.parse(String(targcompdate)),
      ),
    bare: async (tool, { nowMs }) => {
      const where = `${OPEN} and siteid="${SITE}" and targcompdate<"${utc(nowMs)}+00:00"`
      const asked = { os: WO, where, select: 'wonum,description,targcompdate', orderBy: '+targcompdate' }
      const { rows } = await tool.query({ ...asked, pageSize: 5 })
      return rows.map(({ targcompdate }) => Date.parse(String(targcompdate)))
    },
    truth: (world) =>
      firstBy(world.orders(SITE, isOverdue(world)), 'targcompdate', 5).map(
        (ms) => Math.floor(Number(ms) / 1000) * 1000,
      ),
  },
  {
    id: 'urgent-unassigned',
    who: 'planner',
    asks: 'How many urgent open work orders (priority 1) at Bedford has nobody been given?',
    our: async (tools) =>
      (
        await tools.call('search_work_orders', {
          ...{ site: SITE, priority_max: 1, unassigned: true, limit: 1 },
        })
      )['total'],
    bare: async (tool) => {
      const free = 'lead!="*" and owner!="*" and crewid!="*"'
      const where = `${OPEN} and siteid="${SITE}" and wopriority<=1 and ${free}`
      return (await tool.query({ os: WO, where, select: 'wonum', pageSize: 1 })).total
    },
    truth: (world) =>
      world.orders(
        SITE,
        (row) =>
          isOpen(row) &&
          Number(row['wopriority'] ?? 99) <= 1 &&
          ['lead', 'owner', 'crewid'].every((name) => row[name] === undefined),
      ).length,
  },
  {
    id: 'my-work',
    who: 'technician',
    asks: 'How many open work orders lead to me?',
    our: async (tools, world) =>
      (await tools.call('search_work_orders', { site: SITE, assigned_to: busyLead(world), limit: 1 }))[
        'total'
      ],
    bare: async (tool, world) => {
      const where = `${OPEN} and siteid="${SITE}" and lead="${busyLead(world)}"`
      const owned = `${OPEN} and siteid="${SITE}" and owner="${busyLead(world)}" and lead!="${busyLead(world)}"`
      const [lead, owner] = [
        await tool.query({ os: WO, where, select: 'wonum', pageSize: 1 }),
        await tool.query({ os: WO, where: owned, select: 'wonum', pageSize: 1 }),
      ]
      return lead.total + owner.total
    },
    truth: (world) => {
      const me = busyLead(world)
      return world.orders(SITE, (row) => isOpen(row) && (row['lead'] === me || row['owner'] === me)).length
    },
  },
  {
    id: 'below-a-location',
    who: 'technician',
    asks: 'Which work orders are open at the boiler and everything below it (BR400)?',
    our: async (tools) =>
      texts(
        await tools.rows('search_work_orders', { site: SITE, location: 'BR400', limit: 200 }),
        'wonum',
      ).toSorted(),
    bare: async (tool) => {
      const below = await tool.all({
        os: 'mxapioperloc',
        where: `locancestor{ancestor="BR400"} and siteid="${SITE}"`,
        select: 'location',
      })
      const places = [...new Set(['BR400', ...texts(below, 'location')])].map((place) => `"${place}"`)
      const where = `${OPEN} and siteid="${SITE}" and location in [${places.join(',')}]`
      return texts(await tool.all({ os: WO, where, select: 'wonum,description,status' }), 'wonum').toSorted()
    },
    truth: (world) => {
      const below = new Set(['BR400', ...world.oracle.locationsBelow(SITE, 'BR400')])
      const found = world.orders(SITE, (row) => isOpen(row) && below.has(String(row['location'])))
      return texts(found, 'wonum').toSorted()
    },
  },
  {
    id: 'due-next-week',
    who: 'planner',
    asks: 'How much open work at both sites has to be finished in the next seven days?',
    our: async (tools, world) =>
      (
        await tools.call('query_records', {
          object: WO,
          site: '*',
          filters: [
            { field: 'targcompdate', op: 'between', value: [world.day(1), world.day(7)] },
            { field: 'istask', op: 'eq', value: false },
            { field: 'status', op: 'in', value: OPEN_VALUES },
          ],
          ...{ select: ['wonum'], limit: 1, count: true },
        })
      )['total'],
    bare: async (tool, world) => {
      const due = `targcompdate>="${world.day(1)}T00:00:00" and targcompdate<"${world.day(8)}T00:00:00"`
      return (await tool.query({ os: WO, where: `${OPEN} and ${due}`, select: 'wonum', pageSize: 1 })).total
    },
    truth: (world) =>
      world.orders(null, (row) => {
        const day = world.dayOf(row['targcompdate'])
        return isOpen(row) && world.day(1) <= day && day <= world.day(7)
      }).length,
  },
  {
    id: 'words-in-a-text',
    who: 'technician',
    asks: 'How many open work orders at Bedford speak of a leak?',
    our: async (tools) =>
      (await tools.call('search_work_orders', { site: SITE, text: 'leak', limit: 1 }))['total'],
    bare: async (tool) => {
      const where = `${OPEN} and siteid="${SITE}" and description="%leak%"`
      return (await tool.query({ os: WO, where, select: 'wonum', pageSize: 1 })).total
    },
    truth: (world) =>
      world.orders(
        SITE,
        (row) =>
          isOpen(row) &&
          String(row['description'] ?? '')
            .toLowerCase()
            .includes('leak'),
      ).length,
  },
  {
    id: 'history-of-an-asset',
    who: 'reliability engineer',
    asks: 'What work was ever done on this asset?',
    our: async (tools, world) => {
      const asked = { asset: busyAsset(world), site: SITE, state: 'any', limit: 200 }
      return texts(await tools.rows('search_work_orders', asked), 'wonum').toSorted()
    },
    bare: async (tool, world) => {
      const where = `assetnum="${busyAsset(world)}" and siteid="${SITE}" and istask=0`
      const select = 'wonum,description,status,worktype,wopriority,location,lead,targcompdate'
      return texts(await tool.all({ os: WO, where, select }), 'wonum').toSorted()
    },
    truth: (world) =>
      texts(
        world.orders(SITE, (row) => row['assetnum'] === busyAsset(world)),
        'wonum',
      ).toSorted(),
  },
  {
    id: 'one-work-order',
    who: 'technician',
    asks: 'Which tasks does work order 1022 have?',
    our: async (tools) => {
      const asked = { wonum: '1022', site: SITE, sections: ['tasks'] }
      const { children } = await tools.call('get_work_order', asked)
      const { cols, rows } = (children as { woactivity: { cols: string[]; rows: unknown[][] } }).woactivity
      return rows.map((row) => Number(row[cols.indexOf('taskid')])).toSorted((a, b) => a - b)
    },
    bare: async (tool) => {
      const { rows } = await tool.query({
        os: WO,
        where: `wonum="1022" and siteid="${SITE}"`,
        select: 'wonum,description,status,woactivity{taskid,description,status,estdur}',
      })
      const tasks = (rows[0]?.['woactivity'] ?? []) as { taskid: number }[]
      return tasks.map(({ taskid }) => taskid).toSorted((a, b) => a - b)
    },
    truth: (world) =>
      world
        .rows(
          'WORKORDER',
          (row) => row['parent'] === '1022' && row['siteid'] === SITE && row['istask'] === true,
        )
        .map((row) => Number(row['taskid']))
        .toSorted((a, b) => a - b),
  },
  {
    id: 'new-requests',
    who: 'planner',
    asks: 'How many service requests are open that nobody owns?',
    our: async (tools) =>
      (
        await tools.call(
          'search_service_requests',
          { site: '*', unassigned: true, limit: 1 },
          'service requests without an owner',
        )
      )['total'],
    bare: async (tool) => {
      const where = 'status in ["NEW","QUEUED","PENDING","INPROG"] and owner!="*" and ownergroup!="*"'
      return (await tool.query({ os: 'mxapisr', where, select: 'ticketid', pageSize: 1 })).total
    },
    truth: (world) =>
      world.rows(
        'TICKET',
        (row) =>
          ['NEW', 'QUEUED', 'PENDING', 'INPROG'].includes(String(row['status'])) &&
          row['owner'] === undefined &&
          row['ownergroup'] === undefined,
      ).length,
  },
]
