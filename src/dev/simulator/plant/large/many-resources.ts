import { ITEM_SET, ORG, type PlantBuilder } from '../builder.ts'
import { SITES, STOREROOMS, type Site } from './sites.ts'

const CRAFTS = ['MECH', 'ELEC', 'PIPE', 'HVAC', 'INSTR'] as const
const RATES = { MECH: 24.5, ELEC: 28, PIPE: 25, HVAC: 26.75, INSTR: 31.2 } as const
const FIRST_NAMES = ['Ana', 'Ben', 'Cleo', 'Dev', 'Eli', 'Fay', 'Gus', 'Hana', 'Ivo', 'Jun'] as const
const LAST_NAMES = [
  'Abbot',
  'Berg',
  'Costa',
  'Dietz',
  'Eriksen',
  'Fuchs',
  'Grant',
  'Huang',
  'Ito',
  'Jonas',
] as const
const PEOPLE_PER_SITE = 100

/** A hundred workers a site. */
export function addManyPeople(plant: PlantBuilder): void {
  for (const siteid of SITES) {
    for (let index = 0; index < PEOPLE_PER_SITE; index += 1) addWorker(plant, siteid, index)
  }
}

function addWorker(plant: PlantBuilder, siteid: Site, index: number): void {
  const personid = `${siteid.charAt(0)}W${String(index + 1).padStart(3, '0')}`
  const firstname = FIRST_NAMES[index % 10]
  const lastname = LAST_NAMES[Math.floor(index / 10) % 10]
  const craft = plant.random.pick(CRAFTS)
  plant.add('PERSON', {
    personid,
    firstname,
    lastname,
    displayname: `${String(firstname)} ${String(lastname)}`,
    title: 'Technician',
    department: 'MAINTENANCE',
    status: 'ACTIVE',
    statusdate: plant.instant(-plant.random.between(200, 900)),
    supervisor: siteid === 'BEDFORD' ? 'STOKES' : 'OKAFOR',
    locationsite: siteid,
    locationorg: ORG,
    timezone: 'AMERICA/NEW_YORK',
  })
  const labor = { laborcode: personid, orgid: ORG }
  plant.add('LABOR', { ...labor, personid, worksite: siteid, status: 'ACTIVE', availfactor: 0.85 })
  plant.add('LABORCRAFTRATE', { ...labor, craft, rate: RATES[craft], defaultcraft: true })
}

const AREAS_PER_SITE = 20
const PLACES_PER_AREA = 20

/** Twenty areas a site with twenty places each. */
export function addManyPlaces(plant: PlantBuilder): void {
  for (const siteid of SITES) {
    for (let area = 1; area <= AREAS_PER_SITE; area += 1) {
      const parent = `${siteid.charAt(0)}A${String(area).padStart(2, '0')}`
      addPlace(plant, { siteid, location: parent, description: `Area ${area}`, ancestors: [siteid] })
      for (let place = 1; place <= PLACES_PER_AREA; place += 1) {
        const location = `${parent}-${String(place).padStart(2, '0')}`
        addPlace(plant, {
          siteid,
          location,
          description: `Area ${area}, bay ${place}`,
          ancestors: [siteid, parent],
        })
      }
    }
  }
}

function addPlace(
  plant: PlantBuilder,
  place: { siteid: Site; location: string; description: string; ancestors: readonly string[] },
): void {
  const { siteid, location, ancestors } = place
  const parent = ancestors.at(-1)
  const haschildren = ancestors.length === 1
  const changed = plant.instant(-plant.random.between(100, 1500))
  plant.add('LOCATIONS', {
    location,
    siteid,
    orgid: ORG,
    description: place.description,
    type: 'OPERATING',
    status: 'OPERATING',
    statusdate: changed,
    changeby: 'MAXADMIN',
    changedate: changed,
    glaccount: siteid === 'BEDFORD' ? '6210-300-???' : '6220-300-200',
    locpriority: plant.random.between(1, 4),
    isdefault: false,
    useinpopr: false,
    disabled: false,
    parent,
    haschildren,
    hasparent: true,
  })
  const key = { location, systemid: 'PRIMARY', siteid, orgid: ORG }
  plant.add('LOCHIERARCHY', { ...key, parent, children: haschildren })
  for (const ancestor of [location, ...ancestors]) plant.add('LOCANCESTOR', { ...key, ancestor })
}

const KINDS = [
  'Bearing',
  'Seal',
  'Gasket',
  'Filter',
  'Belt',
  'Valve',
  'Relay',
  'Sensor',
  'Fuse',
  'Hose',
] as const

/** Items up to this many in all, stocked at both sites. */
export function addManyItems(plant: PlantBuilder, total: number): void {
  for (let index = plant.rows('ITEM').length; index < total; index += 1) {
    const itemnum = String(200_000 + index)
    const cost = plant.random.between(50, 90_000) / 100
    plant.add('ITEM', {
      itemnum,
      itemsetid: ITEM_SET,
      description: `${plant.random.pick(KINDS)}, size ${plant.random.between(1, 60)}`,
      itemtype: 'ITEM',
      status: 'ACTIVE',
      rotating: false,
      lottype: 'NOLOT',
      capitalized: false,
      conditionenabled: false,
      iskit: false,
      inspectionrequired: false,
      issueunit: 'EACH',
      orderunit: 'EACH',
    })
    for (const siteid of SITES) addStock(plant, { itemnum, siteid, cost })
  }
}

function addStock(plant: PlantBuilder, stock: { itemnum: string; siteid: Site; cost: number }): void {
  const { itemnum, siteid, cost } = stock
  const key = { itemnum, itemsetid: ITEM_SET, location: STOREROOMS[siteid], siteid }
  const curbal = plant.random.between(0, 120)
  const binnum = `${plant.random.pick(['D', 'E', 'F'])}-${plant.random.between(1, 40)}`
  plant.add('INVENTORY', {
    ...key,
    orgid: ORG,
    status: 'ACTIVE',
    category: 'STK',
    binnum,
    minlevel: plant.random.between(0, 30),
    maxlevel: 200,
    orderqty: 10,
    reorder: true,
    issueunit: 'EACH',
    orderunit: 'EACH',
    deliverytime: plant.random.between(2, 30),
    curbal,
    avblbalance: curbal,
  })
  plant.add('INVBALANCES', {
    ...key,
    binnum,
    curbal,
    physcnt: curbal,
    physcntdate: plant.planned(-plant.random.between(10, 300)),
    reconciled: true,
  })
  plant.add('INVCOST', { ...key, avgcost: cost, stdcost: cost, lastcost: cost * 1.05 })
}
