import { ITEM_SET, ORG, type PlantBuilder } from './builder.ts'

/** `item|description|unit|cost|bedford balance|nashua balance`; an empty balance means not stocked there. */
const ITEMS = `11453|Mechanical Seal- Self Aligning, 1 In ID|EACH|162.4|12|4
117021|Ball Bearing- 55 mm Double Row|EACH|59.95|31|9
P-896|Rotary Pump|EACH|1480|1|0
PUMP100|Centrifugal Pump 100GPM/60FTHD|EACH|2210|2|
560-00|Tubing- Copper, 1 In ID X .030 In Wall|FOOT|2.25|140|60
20778|Pump Housing|EACH|410|3|
SNOWTHROW|Snow thrower|EACH|899|1|
0-0514|Gasket- 1/8 In thick, 8" flange|EACH|4.1|85|22
1001|Filter- 20" x 25" x 2"|EACH|7.8|64|40
1002|V-Belt B-68|EACH|14.2|18|12
1003|Grease- Multi purpose|TUBE|6.3|44|25
1004|Oil- SAE 30, 1 gallon|GALLON|11.9|30|16
1005|Igniter- Gas burner|EACH|77.5|4|
1006|Position sensor M12|EACH|39.9|6|15
1007|Guide rail, carton lift|EACH|128|2|3
1008|Motor starter contact kit|KIT|86|5|2
1009|Coupling insert|EACH|21.75|9|7
1010|Fuse 30 A|EACH|3.15|120|66
1011|Pressure gauge 0-160 PSI|EACH|32|7|3
1012|Cable tie, 100%-nylon|PACK|2.4|200|90
1013|Palletiser gripper pad|EACH|18||24
1014|Chiller oil filter|EACH|95||6`

const STOREROOMS = [
  { siteid: 'BEDFORD', location: 'CENTRAL' },
  { siteid: 'NASHUA', location: 'NSTORE' },
]

/** `asset/site|item|quantity` */
const SPARES = `11430/BEDFORD|11453|1
11430/BEDFORD|117021|2
11450/BEDFORD|11453|1
11210/BEDFORD|1002|2
13170/BEDFORD|1006|4
N2000/NASHUA|1007|2
N3000/NASHUA|1013|8`

export function addStores(plant: PlantBuilder): void {
  for (const line of ITEMS.split('\n')) addItem(plant, line)
  for (const line of SPARES.split('\n')) {
    const [asset = '', itemnum = '', quantity] = line.split('|')
    const [assetnum = '', siteid = ''] = asset.split('/')
    plant.add('SPAREPART', { assetnum, siteid, itemnum, quantity: Number(quantity) })
  }
}

function addItem(plant: PlantBuilder, line: string): void {
  const [itemnum = '', description = '', unit = '', cost, ...balances] = line.split('|')
  plant.add('ITEM', {
    itemnum,
    itemsetid: ITEM_SET,
    description,
    itemtype: 'ITEM',
    status: 'ACTIVE',
    rotating: itemnum.startsWith('P'),
    lottype: 'NOLOT',
    capitalized: false,
    conditionenabled: false,
    iskit: unit === 'KIT',
    inspectionrequired: false,
    issueunit: unit,
    orderunit: unit,
  })
  for (const [index, store] of STOREROOMS.entries()) {
    const balance = balances[index] ?? ''
    if (balance !== '')
      addStock(plant, { itemnum, unit, ...store }, { balance: Number(balance), cost: Number(cost) })
  }
}

function addStock(
  plant: PlantBuilder,
  stock: { itemnum: string; unit: string; siteid: string; location: string },
  figures: { balance: number; cost: number },
): void {
  const { itemnum, siteid, location } = stock
  const key = { itemnum, itemsetid: ITEM_SET, location, siteid }
  const binnum = `${plant.random.pick(['A', 'B', 'C'])}-${plant.random.between(1, 9)}-${plant.random.between(1, 4)}`
  plant.add('INVENTORY', {
    ...key,
    orgid: ORG,
    status: 'ACTIVE',
    category: 'STK',
    binnum,
    minlevel: Math.ceil(figures.balance / 3),
    maxlevel: figures.balance * 2 + 2,
    orderqty: 5,
    reorder: true,
    issueunit: stock.unit,
    orderunit: stock.unit,
    deliverytime: plant.random.between(2, 30),
    curbal: figures.balance,
    avblbalance: figures.balance,
  })
  plant.add('INVBALANCES', {
    ...key,
    binnum,
    curbal: figures.balance,
    physcnt: figures.balance,
    physcntdate: plant.planned(-plant.random.between(10, 200)),
    reconciled: true,
  })
  plant.add('INVCOST', {
    ...key,
    avgcost: figures.cost,
    stdcost: figures.cost,
    lastcost: figures.cost * 1.05,
  })
}
