import { ITEM_SET, ORG, type PlantBuilder } from '../builder.ts'
import type { Row } from '../plant.ts'
import { SITES, type Site } from './sites.ts'

const KINDS = [
  ['Centrifugal Pump', 'PUMPS', 'GOULDS', 'FACILITIES'],
  ['Circulation Fan', 'HVAC', 'TRANE', 'FACILITIES'],
  ['Carton Filler', 'PKG', 'BOSCH', 'PACKAGING'],
  ['Gas Burner', 'BOILERS', 'CB', 'FACILITIES'],
  ['Reach Truck', undefined, 'LINDE', 'FLEET'],
  ['Server', undefined, 'DATACHIP', 'IT'],
] as const
const STATUSES = [
  'OPERATING',
  'OPERATING',
  'OPERATING',
  'OPERATING',
  'ACTIVE',
  'LIMITEDUSE',
  'NOT READY',
  'BROKEN',
] as const
const STOPPED: ReadonlySet<string> = new Set(['NOT READY', 'BROKEN'])

/** Assets up to this many in all, one in five below another, two in five with meters. */
export function addManyAssets(plant: PlantBuilder, total: number): void {
  const places = new Map(SITES.map((siteid) => [siteid, placesOf(plant, siteid)]))
  const parents = new Map<Site, Row>()
  for (let index = plant.rows('ASSET').length; index < total; index += 1) {
    const siteid: Site = SITES[index % 2] ?? 'BEDFORD'
    const above = index % 10 < 2 ? parents.get(siteid) : undefined
    const location = above?.['location'] ?? plant.random.pick(places.get(siteid) ?? [])
    const row = addAsset(plant, { index, siteid, location, parent: above?.['assetnum'] })
    if (above === undefined) parents.set(siteid, row)
    if (index % 5 < 2) addMeters(plant, row)
  }
}

const placesOf = (plant: PlantBuilder, siteid: Site): Row[string][] =>
  plant
    .rows('LOCATIONS')
    .filter((row) => row['siteid'] === siteid && row['type'] === 'OPERATING')
    .map((row) => row['location'])

function addAsset(
  plant: PlantBuilder,
  at: { index: number; siteid: Site; location: Row[string]; parent: Row[string] },
): Row {
  const { random } = plant
  const [kind, failurecode, vendor, assettype] = random.pick(KINDS)
  const status = random.pick(STATUSES)
  const changed = plant.instant(-random.between(5, 900))
  const price = random.between(8, 900) * 100
  return plant.add('ASSET', {
    assetnum: `G${100_000 + at.index}`,
    siteid: at.siteid,
    orgid: ORG,
    assetid: 200_000 + at.index,
    description: `${kind} ${at.index}`,
    location: at.location,
    parent: at.parent,
    children: false,
    status,
    statusdate: changed,
    changeby: 'WILSON',
    changedate: changed,
    assettype,
    priority: random.between(1, 5),
    itemsetid: ITEM_SET,
    manufacturer: vendor,
    vendor,
    serialnum: `SN-${random.between(10_000, 99_999)}`,
    installdate: plant.date(-random.between(400, 6000)),
    purchaseprice: price,
    replacecost: price * 1.4,
    totalcost: price / 4,
    budgetcost: price / 10,
    ytdcost: random.between(0, 200) * 12.5,
    isrunning: !STOPPED.has(status),
    moved: false,
    disabled: false,
    autowogen: false,
    failurecode,
    glaccount: at.siteid === 'BEDFORD' ? '6210-300-???' : '6220-300-200',
    assethealth: random.between(20, 99),
    expectedlife: 20,
  })
}

function addMeters(plant: PlantBuilder, asset: Row): void {
  const { assetnum, siteid } = asset
  const last = plant.random.between(1000, 40_000)
  const day = -plant.random.between(1, 30)
  const readings = [
    {
      metername: 'RUNHOURS',
      readingtype: 'DELTA',
      measureunitid: 'HOURS',
      lastreading: String(last),
      previousreading: String(last - 168),
    },
    {
      metername: 'TEMP-F',
      measureunitid: 'DEG F',
      lastreading: String(plant.random.between(60, 200)),
      previousreading: '100',
    },
  ]
  for (const reading of readings) {
    plant.add('ASSETMETER', {
      assetnum,
      siteid,
      orgid: ORG,
      linearassetmeterid: 0,
      active: true,
      ...reading,
      lastreadingdate: plant.planned(day),
      lastreadinginspctr: 'MILLS',
      previousreadingdate: plant.planned(day - 7),
    })
  }
}
