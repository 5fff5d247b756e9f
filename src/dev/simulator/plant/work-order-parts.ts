import { HOUR_MS, ORG, type PlantBuilder } from './builder.ts'
import type { Row } from './plant.ts'
import type { Phase } from './work-order-life.ts'
import { LOG_NOTES } from './work-order-text.ts'

interface LaborLine {
  readonly laborcode: string
  readonly craft: string
  readonly hours: number
  readonly rate: number
}

interface MaterialLine {
  readonly itemnum: string
  readonly description: string
  readonly quantity: number
  readonly unitcost: number
  readonly storeloc: string
}

export interface FailureLine {
  readonly type: string
  readonly linenum: number
  readonly failurecode: string
}

/** What is planned and what was done, before the order exists, so that its totals can be stored with it. */
export interface WorkPlan {
  readonly planned: { readonly labor: readonly LaborLine[]; readonly material: readonly MaterialLine[] }
  readonly actual: { readonly labor: readonly LaborLine[]; readonly material: readonly MaterialLine[] }
  readonly failures: readonly FailureLine[]
  readonly problemcode: string | undefined
  readonly totals: Readonly<Record<string, number>>
}

export function planWork(
  plant: PlantBuilder,
  order: { siteid: string; phase: Phase; failurecode: string | undefined },
): WorkPlan {
  const { random } = plant
  const hasActuals = ACTIVE.has(order.phase)
  const isPlanned = random.chance(0.55)
  const some = <T>(probability: number, make: () => T[]): T[] => random.maybe(probability, make) ?? []
  const labor = some(isPlanned ? 1 : 0, () => laborLines(plant, order.siteid, random.between(1, 2)))
  const material = some(isPlanned ? 0.6 : 0, () => materialLines(plant, order.siteid, random.between(1, 3)))
  const done = some(hasActuals ? 0.8 : 0, () => laborLines(plant, order.siteid, random.between(1, 3)))
  const used = some(hasActuals ? 0.5 : 0, () => materialLines(plant, order.siteid, random.between(1, 2)))
  const failures = some(ENDED.has(order.phase) ? 0.6 : 0, () => failureLines(plant, order.failurecode))
  return {
    planned: { labor, material },
    actual: { labor: done, material: used },
    failures,
    problemcode: failures[0]?.failurecode,
    totals: {
      estlabhrs: hoursOf(labor),
      estlabcost: laborCost(labor),
      estmatcost: materialCost(material),
      actlabhrs: hoursOf(done),
      actlabcost: laborCost(done),
      actmatcost: materialCost(used),
    },
  }
}

const ACTIVE: ReadonlySet<Phase> = new Set(['working', 'done', 'history'])
const ENDED: ReadonlySet<Phase> = new Set(['done', 'history'])

function laborLines(plant: PlantBuilder, siteid: string, count: number): LaborLine[] {
  const local = plant.rows('LABOR').filter((row) => row['worksite'] === siteid)
  return Array.from({ length: count }, () => {
    const laborcode = String(plant.random.pick(local)['laborcode'])
    const rate = plant.rows('LABORCRAFTRATE').find((row) => row['laborcode'] === laborcode)
    return {
      laborcode,
      craft: String(rate?.['craft']),
      hours: plant.random.between(1, 24) / 2,
      rate: Number(rate?.['rate']),
    }
  })
}

function materialLines(plant: PlantBuilder, siteid: string, count: number): MaterialLine[] {
  const stock = plant.rows('INVENTORY').filter((row) => row['siteid'] === siteid)
  return Array.from({ length: count }, () => {
    const { itemnum, location } = plant.random.pick(stock)
    const cost = plant.rows('INVCOST').find((row) => row['itemnum'] === itemnum && row['siteid'] === siteid)
    const item = plant.rows('ITEM').find((row) => row['itemnum'] === itemnum)
    return {
      itemnum: String(itemnum),
      description: String(item?.['description']),
      quantity: plant.random.between(1, 4),
      unitcost: Number(cost?.['avgcost']),
      storeloc: String(location),
    }
  })
}

/** Walks the failure hierarchy down from the class: problem, then maybe cause, then maybe remedy. */
export function failureLines(plant: PlantBuilder, failureClass: string | undefined): FailureLine[] {
  const list = plant.rows('FAILURELIST')
  const lines: FailureLine[] = []
  let parent = list.find((row) => row['failurecode'] === failureClass && row['parent'] === undefined)
  while (parent !== undefined) {
    const above = parent['failurelist']
    const below = list.filter((row) => row['parent'] === above)
    if (below.length === 0 || (lines.length > 0 && plant.random.chance(0.2))) break
    parent = plant.random.pick(below)
    lines.push({
      type: String(parent['type']),
      linenum: Number(parent['failurelist']),
      failurecode: String(parent['failurecode']),
    })
  }
  return lines
}

const hoursOf = (lines: readonly LaborLine[]): number => lines.reduce((sum, line) => sum + line.hours, 0)
const laborCost = (lines: readonly LaborLine[]): number =>
  lines.reduce((sum, line) => sum + line.hours * line.rate, 0)
const materialCost = (lines: readonly MaterialLine[]): number =>
  lines.reduce((sum, line) => sum + line.quantity * line.unitcost, 0)

export function addParts(plant: PlantBuilder, order: Row, work: WorkPlan): void {
  const key = { wonum: String(order['wonum']), siteid: String(order['siteid']) }
  addPlanned(plant, key, work)
  addActuals(plant, order, work)
  for (const line of work.failures) plant.add('FAILUREREPORT', { ...key, orgid: ORG, ...line })
  addHistory(plant, order, key)
  plant.add('WOTOTAL', {
    ...key,
    total: 'Total cost',
    est: Number(order['estlabcost']) + Number(order['estmatcost']),
    act: Number(order['actlabcost']) + Number(order['actmatcost']),
  })
}

function addPlanned(plant: PlantBuilder, key: { wonum: string; siteid: string }, work: WorkPlan): void {
  for (const { craft, hours, rate, laborcode } of work.planned.labor) {
    const named = plant.random.chance(0.5) ? laborcode : undefined
    plant.add('WPLABOR', {
      ...key,
      laborcode: named,
      craft,
      quantity: 1,
      laborhrs: hours,
      rate,
      linecost: hours * rate,
    })
  }
  for (const { itemnum, description, quantity, unitcost, storeloc } of work.planned.material) {
    plant.add('WPMATERIAL', {
      ...key,
      itemnum,
      description,
      itemqty: quantity,
      storeloc,
      linetype: 'ITEM',
      unitcost,
      linecost: quantity * unitcost,
    })
  }
}

function addActuals(plant: PlantBuilder, order: Row, work: WorkPlan): void {
  const key = { refwo: String(order['wonum']), siteid: String(order['siteid']) }
  const startMs = Number(order['actstart'] ?? order['reportdate'])
  for (const { laborcode, craft, hours, rate } of work.actual.labor) {
    plant.add('LABTRANS', {
      ...key,
      laborcode,
      craft,
      startdate: new Date(startMs).toISOString().slice(0, 10),
      regularhrs: hours,
      payrate: rate,
      linecost: hours * rate,
      transtype: 'WORK',
      enterdate: startMs + hours * HOUR_MS,
    })
  }
  for (const { quantity, unitcost, ...line } of work.actual.material) {
    plant.add('MATUSETRANS', {
      ...key,
      ...line,
      quantity: -quantity,
      unitcost,
      linecost: quantity * unitcost,
      issuetype: 'ISSUE',
      transdate: startMs + HOUR_MS,
    })
  }
}

function addHistory(plant: PlantBuilder, order: Row, key: { wonum: string; siteid: string }): void {
  const reported = Number(order['reportdate'])
  plant.add('WOSTATUS', { ...key, status: 'WAPPR', changeby: order['reportedby'], changedate: reported })
  if (order['status'] !== 'WAPPR') {
    plant.add('WOSTATUS', {
      ...key,
      status: order['status'],
      changeby: order['changeby'],
      changedate: order['statusdate'],
    })
  }
  if (order['lead'] !== undefined) {
    plant.add('ASSIGNMENT', {
      ...key,
      laborcode: order['lead'],
      laborhrs: order['estdur'],
      scheduledate: order['schedstart'],
      status: order['actfinish'] === undefined ? 'ASSIGNED' : 'COMPLETE',
    })
  }
  if (!plant.random.chance(0.35)) return
  for (let count = plant.random.between(1, 3); count > 0; count -= 1) {
    plant.add('WORKLOG', {
      recordkey: key.wonum,
      class: 'WORKORDER',
      siteid: key.siteid,
      logtype: plant.random.pick(['WORK', 'UPDATE', 'CLIENTNOTE']),
      description: plant.random.pick(LOG_NOTES),
      description_longdescription: plant.random.chance(0.3)
        ? 'Details on the clipboard.<!-- RICH TEXT -->'
        : undefined,
      createby: plant.random.pick(['STOKES', 'ADAMS', 'WILSON', 'OBRIEN']),
      createdate: reported + plant.random.between(1, 20) * HOUR_MS,
      clientviewable: plant.random.chance(0.5),
    })
  }
}
