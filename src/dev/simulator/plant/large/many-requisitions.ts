import { DAY_MS, ITEM_SET, ORG, type PlantBuilder } from '../builder.ts'
import { SITES, STOREROOMS, type Site } from './sites.ts'
import { cents, stockOf, type Part } from './stock.ts'

const STATUSES = ['WAPPR', 'APPR', 'COMP', 'CLOSE', 'CLOSE', 'CAN'] as const
const VENDORS = ['ATI', 'BEARING', 'GCE', 'GOULDS', 'HELWIG', 'DATACHIP'] as const
const REQUESTERS: Readonly<Record<Site, string>> = { BEDFORD: 'QUINN', NASHUA: 'RAO' }

/** Purchase requisitions up to this many in all, each with one to three lines. */
export function addManyRequisitions(plant: PlantBuilder, total: number): void {
  const stock = stockOf(plant)
  for (let index = plant.rows('PR').length; index < total; index += 1) {
    const siteid: Site = SITES[index % 2] ?? 'BEDFORD'
    addRequisition(plant, { index, siteid, parts: stock.get(siteid) ?? [] })
  }
}

function addRequisition(
  plant: PlantBuilder,
  {
    index,
    siteid,
    parts,
  }: { readonly index: number; readonly siteid: Site; readonly parts: readonly Part[] },
): void {
  const { random } = plant
  const lines = Array.from({ length: random.between(1, 3) }, () => {
    const part = random.pick(parts)
    const orderqty = random.between(1, 20)
    return { ...part, orderqty, linecost: cents(orderqty * part.unitcost) }
  })
  const status = random.pick(STATUSES)
  const statusdate = plant.instant(-random.between(1, 700))
  const total = cents(lines.reduce((sum, { linecost }) => sum + linecost, 0))
  const key = { prnum: String(10_000 + index), siteid, orgid: ORG }
  const requestedby = REQUESTERS[siteid]
  plant.add('PR', {
    ...key,
    ...{ status, statusdate, requestedby, issuedate: statusdate },
    description: String(lines[0]?.description),
    requireddate: statusdate + 30 * DAY_MS,
    priority: random.between(1, 3),
    vendor: random.pick(VENDORS),
    currencycode: 'USD',
    pretaxtotal: total,
    totalcost: total,
    historyflag: status === 'CLOSE' || status === 'CAN',
    changeby: requestedby,
    changedate: statusdate,
  })
  for (const [position, line] of lines.entries())
    plant.add('PRLINE', {
      ...key,
      ...line,
      ...{ prlinenum: position + 1, linetype: 'ITEM', itemsetid: ITEM_SET, orderunit: 'EACH' },
      ...{ storeloc: STOREROOMS[siteid], enterby: requestedby, enterdate: statusdate },
    })
}
