import { HOUR_MS, ORG, type PlantBuilder } from '../builder.ts'
import type { Row } from '../plant.ts'
import type { Random } from '../random.ts'
import { datesOf, phaseOf, type Phase } from '../work-order-life.ts'
import { failureLines, type FailureLine } from '../work-order-parts.ts'
import { SITES, STOREROOMS, SUPERVISORS, type Site } from './sites.ts'
import { cents, stockOf, type Part } from './stock.ts'

/** Of a hundred work orders. */
const SHARES = { CLOSE: 58, COMP: 10, CAN: 5, INPRG: 7, APPR: 7, WAPPR: 6, WMATL: 3, WSCH: 3, WPCOND: 1 }
const STATUSES = Object.entries(SHARES).flatMap(([status, share]) =>
  Array.from({ length: share }, () => status),
)
const TEXTS = [
  'Inspect',
  'Repair',
  'Replace worn part of',
  'Lubricate',
  'Calibrate',
  'Find noise in',
  'Stop leak at',
] as const
const TYPES = ['CM', 'CM', 'CM', 'PM', 'PM', 'EM', 'CAL', 'CP'] as const

interface Pools {
  readonly assets: readonly Row[]
  readonly labor: readonly Row[]
  readonly rates: ReadonlyMap<Row[string], Row>
  readonly parts: readonly Part[]
}

/** Work orders up to this many in all (tasks not counted), with plans, actuals and history. */
export function addManyOrders(plant: PlantBuilder, total: number): void {
  const rates = new Map(plant.rows('LABORCRAFTRATE').map((row) => [row['laborcode'], row]))
  const stock = stockOf(plant)
  const pools = new Map(
    SITES.map((siteid) => {
      const assets = plant.rows('ASSET').filter((row) => row['siteid'] === siteid)
      const labor = plant.rows('LABOR').filter((row) => row['worksite'] === siteid)
      return [siteid, { assets, labor, rates, parts: stock.get(siteid) ?? [] }]
    }),
  )
  const known = plant.rows('WORKORDER').filter((row) => row['istask'] === false).length
  for (let index = known; index < total; index += 1) {
    const siteid: Site = SITES[index % 2] ?? 'BEDFORD'
    const pool = pools.get(siteid)
    if (pool !== undefined) addOrder(plant, { index, siteid, pool })
  }
}

interface Order {
  readonly index: number
  readonly siteid: Site
  readonly pool: Pools
}

function addOrder(plant: PlantBuilder, { index, siteid, pool }: Order): void {
  const { random } = plant
  const asset = random.pick(pool.assets)
  const worker = random.pick(pool.labor)
  const status = random.pick(STATUSES)
  const phase = phaseOf(status)
  const hours = random.between(1, 16) / 2
  const { rate: asked, craft } = pool.rates.get(worker['laborcode']) ?? {}
  const rate = Number(asked)
  const isPlanned = index % 3 === 0
  const isWorked = WORKED.has(phase)
  const used = usedOf(random, { index, siteid, pool }, isWorked)
  const worktype = random.pick(TYPES)
  const failures = isReported(phase, worktype) ? failureLines(plant, textOf(asset['failurecode'])) : []
  const row = plant.add('WORKORDER', {
    wonum: String(100_000 + index),
    siteid,
    orgid: ORG,
    status,
    woclass: 'WORKORDER',
    description: `${random.pick(TEXTS)} ${String(asset['description'])}`.slice(0, 100),
    ...datesOf(plant, phase, hours),
    estdur: hours,
    istask: false,
    haschildren: false,
    historyflag: phase === 'history' || phase === 'cancelled',
    assetnum: asset['assetnum'],
    location: asset['location'],
    failurecode: asset['failurecode'],
    problemcode: failures[0]?.failurecode,
    worktype,
    wopriority: random.between(1, 5),
    reportedby: siteid === 'BEDFORD' ? 'TORRES' : 'UEDA',
    supervisor: SUPERVISORS[siteid],
    lead: phase === 'waiting' ? undefined : worker['laborcode'],
    ...laborOf('est', isPlanned ? hours : 0, rate),
    ...laborOf('act', isWorked ? hours : 0, rate),
    ...materialOf(used),
    changeby: 'WILSON',
    glaccount: siteid === 'BEDFORD' ? '6210-300-???' : '6220-300-200',
  })
  addParts(plant, row, { hours, rate, worker, craft, isPlanned, isWorked, failures, used })
}

/** One worked order in so many used a part. */
const ORDERS_PER_PART = 3

interface Used extends Part {
  readonly storeloc: string
  readonly quantity: number
  readonly linecost: number
}

function usedOf(random: Random, { index, siteid, pool }: Order, isWorked: boolean): Used | null {
  if (!isWorked || index % ORDERS_PER_PART !== 1) return null
  const [part, quantity] = [random.pick(pool.parts), random.between(1, 4)]
  return { ...part, storeloc: STOREROOMS[siteid], quantity, linecost: cents(quantity * part.unitcost) }
}

const materialOf = (used: Used | null): Row => ({ actmatcost: used?.linecost ?? 0 })

const laborOf = (kind: 'est' | 'act', hours: number, rate: number): Row => ({
  [`${kind}labhrs`]: hours,
  [`${kind}labcost`]: hours * rate,
  [`${kind}matcost`]: 0,
})

const WORKED: ReadonlySet<Phase> = new Set(['working', 'done', 'history'])
const ASSIGNED: ReadonlySet<Phase> = new Set(['ready', 'working'])

/** Failures are reported when the work on them is done. */
const isReported = (phase: Phase, worktype: string): boolean =>
  (phase === 'done' || phase === 'history') && (worktype === 'CM' || worktype === 'EM')

const textOf = (value: Row[string]): string | undefined => (typeof value === 'string' ? value : undefined)

interface Work {
  readonly hours: number
  readonly rate: number
  readonly worker: Row
  readonly craft: Row[string]
  readonly isPlanned: boolean
  readonly isWorked: boolean
  readonly failures: readonly FailureLine[]
  /** Of one part out of the store. */
  readonly used: Used | null
}

function addParts(plant: PlantBuilder, order: Row, work: Work): void {
  const { wonum, siteid, reportdate, statusdate, status } = order
  const { hours, rate } = work
  const linecost = hours * rate
  const laborcode = work.worker['laborcode']
  if (work.isPlanned)
    plant.add('WPLABOR', {
      ...{ wonum, siteid, laborcode, craft: work.craft, quantity: 1, laborhrs: hours, rate, linecost },
    })
  if (work.isWorked) {
    const startMs = Number(order['actstart'])
    plant.add('LABTRANS', {
      refwo: wonum,
      siteid,
      laborcode,
      startdate: new Date(startMs).toISOString().slice(0, 10),
      regularhrs: hours,
      payrate: rate,
      linecost,
      transtype: 'WORK',
      enterdate: startMs + hours * HOUR_MS,
    })
  }
  if (work.used !== null)
    plant.add('MATUSETRANS', {
      ...{ refwo: wonum, siteid, issuetype: 'ISSUE' },
      ...work.used,
      quantity: -work.used.quantity,
      transdate: Number(order['actstart']) + HOUR_MS,
    })
  for (const line of work.failures) plant.add('FAILUREREPORT', { wonum, siteid, orgid: ORG, ...line })
  if (order['schedstart'] !== undefined && ASSIGNED.has(phaseOf(String(status))))
    plant.add('ASSIGNMENT', {
      ...{ wonum, siteid, laborcode, craft: work.craft, laborhrs: hours, scheduledate: order['schedstart'] },
      status: 'ASSIGNED',
    })
  plant.add('WOSTATUS', { wonum, siteid, status: 'WAPPR', changeby: 'WILSON', changedate: reportdate })
  if (status !== 'WAPPR')
    plant.add('WOSTATUS', { wonum, siteid, status, changeby: 'WILSON', changedate: statusdate })
}
