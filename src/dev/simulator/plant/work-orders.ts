import { ORG, type PlantBuilder } from './builder.ts'
import type { Row } from './plant.ts'
import { datesOf, phaseOf, STATUS_COUNTS } from './work-order-life.ts'
import { addParts, planWork, type WorkPlan } from './work-order-parts.ts'
import { describeWork } from './work-order-text.ts'

const BEDFORD_ORDERS = 190
const FIRST_WONUM = { BEDFORD: 1000, NASHUA: 1150 } as const
type Site = keyof typeof FIRST_WONUM

/** Work order 1022 of BEDFORD has this many tasks. */
const LARGE_JOB = { wonum: '1022', siteid: 'BEDFORD' }

/**
 * 300 work orders (`istask` false) and the tasks under them. Numbers repeat across the two sites on purpose: a work
 * order is known by site *and* number.
 */
export function addWorkOrders(plant: PlantBuilder): void {
  const statuses = shuffledStatuses(plant)
  const wonums = {
    BEDFORD: numbersOf(plant, 'BEDFORD', BEDFORD_ORDERS),
    NASHUA: numbersOf(plant, 'NASHUA', 110),
  }
  for (const [index, status] of statuses.entries()) {
    const siteid: Site = index < BEDFORD_ORDERS ? 'BEDFORD' : 'NASHUA'
    const wonum = wonums[siteid].pop() ?? ''
    addWorkOrder(plant, { index, status, siteid, wonum })
  }
}

/** The site-scoped synonym comes first, since the first orders are BEDFORD's. */
function shuffledStatuses(plant: PlantBuilder): string[] {
  const { 'APPR S1': scoped = 0, ...everywhere } = STATUS_COUNTS
  const rest = Object.entries(everywhere).flatMap(([status, count]) =>
    Array.from({ length: count }, () => status),
  )
  return [...Array.from({ length: scoped }, () => 'APPR S1'), ...plant.random.shuffle(rest)]
}

const numbersOf = (plant: PlantBuilder, site: Site, count: number): string[] =>
  plant.random.shuffle(Array.from({ length: count }, (_, index) => String(FIRST_WONUM[site] + index)))

interface Order {
  readonly index: number
  readonly status: string
  readonly siteid: Site
  readonly wonum: string
}

function addWorkOrder(plant: PlantBuilder, order: Order): void {
  const { siteid, status, wonum } = order
  const subject = subjectOf(plant, siteid)
  const phase = phaseOf(status)
  const estdur = plant.random.between(1, 32) / 2
  const dates = datesOf(plant, phase, estdur)
  const taskCount = tasksOf(plant, order)
  const work: WorkPlan = planWork(plant, { siteid, phase, failurecode: subject.failurecode })
  const row = plant.add('WORKORDER', {
    wonum,
    siteid,
    orgid: ORG,
    status,
    woclass: 'WORKORDER',
    description: describeWork(plant.random, { index: order.index, failurecode: subject.failurecode }),
    description_longdescription: plant.random.chance(0.2)
      ? 'See attached notes.<br>Take photographs before and after. <!-- RICH TEXT -->'
      : undefined,
    ...dates,
    estdur,
    remdur: phase === 'working' ? estdur / 2 : undefined,
    parent: parentOf(plant, order),
    istask: false,
    haschildren: taskCount > 0,
    historyflag: phase === 'history' || phase === 'cancelled',
    ...subject,
    ...kindOfWork(plant, siteid, subject.assetnum),
    ...peopleOf(plant, siteid, phase),
    ...work.totals,
    failurecode: subject.failurecode,
    problemcode: work.problemcode,
    changeby: plant.random.pick(['WILSON', 'MAXADMIN', 'STOKES']),
    glaccount: siteid === 'BEDFORD' ? '6210-300-???' : '6220-300-200',
    calendar: plant.random.chance(0.1) ? 'DAY' : undefined,
  })
  addParts(plant, row, work)
  addTasks(plant, row, taskCount)
}

/** What the work is on: mostly an asset and its place, sometimes a place alone, rarely neither. */
function subjectOf(
  plant: PlantBuilder,
  siteid: string,
): { assetnum: string | undefined; location: string | undefined; failurecode: string | undefined } {
  const assets = plant.rows('ASSET').filter((row) => row['siteid'] === siteid)
  const places = plant
    .rows('LOCATIONS')
    .filter((row) => row['siteid'] === siteid && row['type'] === 'OPERATING')
  const roll = plant.random.between(1, 100)
  if (roll > 97) return { assetnum: undefined, location: undefined, failurecode: undefined }
  const row = roll > 85 ? plant.random.pick(places) : plant.random.pick(assets)
  return {
    assetnum: text(row['assetnum']),
    location: text(row['location']),
    failurecode: text(row['failurecode']),
  }
}

function kindOfWork(
  plant: PlantBuilder,
  siteid: string,
  assetnum: string | undefined,
): Record<string, string | number | undefined> {
  const { random } = plant
  const pm = plant.rows('PM').find((row) => row['siteid'] === siteid && row['assetnum'] === assetnum)
  const priority = random.chance(0.95) ? random.pick([1, 2, 2, 3, 3, 3, 4, 5]) : undefined
  if (pm !== undefined && assetnum !== undefined && random.chance(0.5)) {
    return { worktype: 'PM', wopriority: priority, pmnum: text(pm['pmnum']), jpnum: text(pm['jpnum']) }
  }
  const worktype = random.chance(0.97)
    ? random.pick(['CM', 'CM', 'CM', 'CM', 'EM', 'PM', 'CP', 'CAL', 'EV'])
    : undefined
  return { worktype, wopriority: worktype === 'EM' ? 1 : priority }
}

const STAFF = {
  BEDFORD: { reporters: ['TORRES', 'SINCLAIR', 'WILSON'], supervisor: 'STOKES' },
  NASHUA: { reporters: ['UEDA', 'VOGEL', 'WILSON'], supervisor: 'OKAFOR' },
} as const

function peopleOf(plant: PlantBuilder, siteid: Site, phase: string): Record<string, string | undefined> {
  const { random } = plant
  const labor = plant.rows('LABOR').filter((row) => row['worksite'] === siteid)
  const worker = random.maybe(phase === 'waiting' ? 0 : 0.7, () => random.pick(labor))
  const { reporters, supervisor } = STAFF[siteid]
  return {
    reportedby: random.pick(reporters),
    supervisor: random.maybe(0.8, () => supervisor),
    owner: random.maybe(0.35, () => 'WILSON'),
    ownergroup: random.maybe(0.3, () => 'MAINT'),
    lead: text(worker?.['laborcode']),
    crewid: random.maybe(0.6, () => text(worker?.['crewid'])),
    persongroup: random.maybe(0.5, () => 'MAINT'),
  }
}

/** A few orders stand under a larger one of the same site. */
function parentOf(plant: PlantBuilder, order: Order): string | undefined {
  const larger = plant
    .rows('WORKORDER')
    .filter(
      (row) => row['siteid'] === order.siteid && row['haschildren'] === true && row['parent'] === undefined,
    )
  return larger.length === 0
    ? undefined
    : plant.random.maybe(0.06, () => text(plant.random.pick(larger)['wonum']))
}

function tasksOf(plant: PlantBuilder, order: Order): number {
  if (order.wonum === LARGE_JOB.wonum && order.siteid === LARGE_JOB.siteid) return 9
  return plant.random.chance(0.25) ? plant.random.between(2, 4) : 0
}

function addTasks(plant: PlantBuilder, parent: Row, count: number): void {
  for (let number = 1; number <= count; number += 1) {
    plant.add('WORKORDER', {
      ...INHERITED.reduce<Row>((copy, name) => ({ ...copy, [name]: parent[name] }), {}),
      wonum: `T${plant.rows('WORKORDER').length + 1}`,
      woclass: 'ACTIVITY',
      parent: parent['wonum'],
      istask: true,
      taskid: number * 10,
      wosequence: number,
      description: TASK_TEXTS[(number - 1) % TASK_TEXTS.length],
      haschildren: false,
      estdur: 0.5,
      estlabhrs: 0,
      estlabcost: 0,
      estmatcost: 0,
      actlabhrs: 0,
      actlabcost: 0,
      actmatcost: 0,
    })
  }
}

const INHERITED = [
  'siteid',
  'orgid',
  'status',
  'statusdate',
  'changeby',
  'changedate',
  'historyflag',
  'assetnum',
  'location',
  'worktype',
  'wopriority',
  'reportdate',
  'reportedby',
]
const TASK_TEXTS = [
  'Isolate and lock out',
  'Check windshield wipers and steering.',
  'Inspect and measure',
  'Replace worn parts',
  'Clean up',
  'Return to service',
]

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
