import { DAY_MS, ITEM_SET, ORG, type PlantBuilder } from './builder.ts'
import { orNull, readColumns } from './columns.ts'

/** `asset|location|parent|type|status|priority|failure class|vendor|description` */
const ASSETS: Readonly<Record<string, string>> = {
  BEDFORD: `11200|BR200||FACILITIES|OPERATING|2|HVAC|TRANE|HVAC System- 50 Ton Cool Cap/ 450000 Btu Heat Cap
11210|BR210|11200|FACILITIES|OPERATING|3|HVAC|TRANE|Circulation Fan- Centrifugal/ 20,000 CFM
11211|BR210|11210|FACILITIES|OPERATING|3||GCE|Motor Starter- Size 2/480V/3PH/60CY
11230|BR230||FACILITIES|OPERATING|1||CAT|Emergency Generator- 250 kW diesel
11240|BR240|11200|FACILITIES|ACTIVE|3|HVAC|TRANE|Circulation Fan- Centrifugal/ 20,000 CFM
11250|BR250|11200|FACILITIES|OPERATING|3|HVAC|TRANE|Circulation Fan- Centrifugal/ 20,000 CFM
11300|BR300||FACILITIES|OPERATING|1|PUMPS|IR|Reciprocating Compressor- Air Cooled/100 CFM
11400|BR400||FACILITIES|OPERATING|1|BOILERS|CB|Boiler- 50,000 Lb/Hr/Gas Fired/Water Tube
11430|BR430|11400|FACILITIES|OPERATING|1|PUMPS|GOULDS|Centrifugal Pump 100GPM/60FT HD
11431|BR431|11430|FACILITIES|OPERATING|2||GCE|Electric Motor- 5 HP/3 PH/480 Volt
11450|BR450|11400|FACILITIES|NOT READY|1|PUMPS|GOULDS|Centrifugal 1 Pump 100GPM/60FTHD
11460|BR460|11400|FACILITIES|OPERATING|2|BOILERS|CB|Gas Burner
13100|BPM3100||PRODUCTION|OPERATING|1|PKG|HELWIG|#1 Liquid Packaging Line
13110|BPM3100|13100|PACKAGING|OPERATING|2|PKG|HELWIG|Bottom Sealing System
13120|BPM3100|13100|PACKAGING|OPERATING|2|PKG|HELWIG|Feeder System
13140|BPM3100|13100|PACKAGING|LIMITEDUSE|2|PKG|HELWIG|Liquid Filler, 8" nozzle
13170|BPM3100|13100|PACKAGING|OPERATING|2|PKG|HELWIG|Top Sealer System
13180|BPM3100|13100|PACKAGING|OPERATING|3|PKG|HELWIG|Conveyor System- Carton
13200|BPM3200||PRODUCTION|BROKEN|1|PKG|HELWIG|#2 Liquid Packaging Line
13210|BPM3200|13200|PACKAGING|BROKEN|2|PKG|HELWIG|Bottom Sealing System
23972|SHIPPING||FLEET|OPERATING|3||GCE|Fork Lift Drive Motor
9000|COMP310||IT|OPERATING|1||DATACHIP|Network Server
7100|OFF101||IT|OPERATING|5||DATACHIP|Laptop
7101|OFF102||IT|DECOMMISSIONED|5||DATACHIP|Laptop`,
  NASHUA: `N1000|N-CH100||FACILITIES|OPERATING|1|HVAC|TRANE|Chilled water plant
N1010|N-CH110|N1000|FACILITIES|OPERATING|1|HVAC|TRANE|Screw Chiller 300 kW
N1020|N-CH120|N1000|FACILITIES|OPERATING|1|HVAC|TRANE|Screw Chiller 300 kW
N1030|N-CT130|N1000|FACILITIES|OPERATING|2|HVAC|BAC|Cooling Tower, two cells
N1040|N-CH100|N1000|FACILITIES|OPERATING|2|PUMPS|GOULDS|Chilled Water Pump A
N1050|N-CH100|N1000|FACILITIES|NOT READY|2|PUMPS|GOULDS|Chilled Water Pump B
11430|N-AIR200||FACILITIES|OPERATING|2|PUMPS|IR|Rotary Screw Compressor 75 kW
N2000|N-PL1||PRODUCTION|OPERATING|1|PKG|BOSCH|Carton Erector
N2010|N-PL1|N2000|PACKAGING|OPERATING|2|PKG|BOSCH|Carton Filler
N2020|N-PL1|N2000|PACKAGING|OPERATING|2|PKG|BOSCH|Carton Sealer
N2100|N-PL2||PRODUCTION|ACTIVE|1|PKG|BOSCH|Kartonaufrichter (Übergabestation)
N2110|N-PL2|N2100|PACKAGING|OPERATING|2|PKG|BOSCH|Carton Filler
N3000|N-PAL||PRODUCTION|OPERATING|2|PKG|KUKA|Palletising Robot
N3010|N-PAL|N3000|PRODUCTION|OPERATING|3|PKG|KUKA|Pallet Wrapper 100% film
N4000|SHIPPING||FLEET|OPERATING|3||LINDE|Reach Truck 1.6 t
N9000|N-OFF1||IT|OPERATING|4||DATACHIP|Office Server`,
}

const ASSET_COLUMNS = [
  'assetnum',
  'location',
  'parent',
  'assettype',
  'status',
  'priority',
  'failure',
  'vendor',
  'description',
] as const

/** `meter|type|reading type|unit|domain|description` */
const METERS = `RUNHOURS|CONTINUOUS|DELTA|HOURS||Run time
TEMP-F|GAUGE||DEG F||Temperature
IN-PRESSUR|GAUGE||PSI||Inlet pressure
VIBRATION|CHARACTERISTIC|||HLM|Vibration
GUARD RAIL|CHARACTERISTIC|||RAIL_WEAR|Guard rail wear`

/** `asset/site|meter|last|previous|days since` */
const READINGS = `11430/BEDFORD|RUNHOURS|18204.5|18036|3
11430/BEDFORD|VIBRATION|LOW|LOW|3
11430/BEDFORD|IN-PRESSUR|42.5|41|1
11450/BEDFORD|RUNHOURS|9120|9100|40
11300/BEDFORD|RUNHOURS|31077.25|30910|2
11300/BEDFORD|TEMP-F|188|181|2
11400/BEDFORD|TEMP-F|371|369|1
11400/BEDFORD|IN-PRESSUR|120|119|1
13170/BEDFORD|GUARD RAIL|1/16|1/16|20
13170/BEDFORD|VIBRATION|MEDIUM|LOW|6
13170/BEDFORD|RUNHOURS|999|970|6
13180/BEDFORD|RUNHOURS|14880|14712|6
11430/NASHUA|RUNHOURS|6240|6072|7
11430/NASHUA|TEMP-F|176|175|7
N1010/NASHUA|RUNHOURS|22011|21960|2
N1020/NASHUA|RUNHOURS|21504|21456|2
N2000/NASHUA|VIBRATION|HIGH|MEDIUM|4`

export function addAssets(plant: PlantBuilder): void {
  for (const [siteid, text] of Object.entries(ASSETS)) {
    const lines = text.split('\n')
    for (const line of lines) addAsset(plant, siteid, { line, all: lines })
  }
  addMeters(plant)
}

function addAsset(plant: PlantBuilder, siteid: string, from: { line: string; all: readonly string[] }): void {
  const { assetnum, location, parent, assettype, status, priority, failure, vendor, description } =
    readColumns(from.line, ASSET_COLUMNS)
  const changed = plant.instant(-plant.random.between(5, 400))
  const price = plant.random.between(8, 900) * 100
  plant.add('ASSET', {
    assetnum,
    siteid,
    orgid: ORG,
    assetid: 90_000 + plant.rows('ASSET').length,
    description,
    description_longdescription: LONG_TEXTS[assetnum],
    location,
    parent: orNull(parent),
    children: from.all.some((line) => line.split('|')[2] === assetnum),
    status,
    statusdate: changed,
    changeby: 'WILSON',
    changedate: changed,
    assettype,
    priority: Number(priority),
    itemsetid: ITEM_SET,
    manufacturer: orNull(vendor),
    vendor: orNull(vendor),
    serialnum: `SN-${plant.random.between(10_000, 99_999)}`,
    installdate: plant.date(-plant.random.between(400, 6000)),
    purchaseprice: price,
    replacecost: price * 1.4,
    totalcost: price / 4,
    budgetcost: price / 10,
    ytdcost: plant.random.between(0, 200) * 12.5,
    isrunning: !STOPPED.has(status),
    moved: false,
    disabled: false,
    autowogen: false,
    failurecode: orNull(failure),
    glaccount: siteid === 'BEDFORD' ? '6210-300-???' : '6220-300-200',
    assethealth: plant.random.maybe(0.7, () => plant.random.between(20, 99)),
    expectedlife: 20,
  })
}

const STOPPED = new Set(['BROKEN', 'NOT READY', 'DECOMMISSIONED'])
const LONG_TEXTS: Readonly<Record<string, string>> = {
  '11430': 'Condensate return.<br>Keep a spare seal on the shelf. <!-- RICH TEXT -->',
}

interface MeterKind {
  readonly readingtype: string | undefined
  readonly measureunitid: string | undefined
  readonly domainid: string | undefined
}

function addMeters(plant: PlantBuilder): void {
  const kinds = new Map(METERS.split('\n').map((line) => addMeter(plant, line)))
  for (const line of READINGS.split('\n')) addReading(plant, line, kinds)
}

function addMeter(plant: PlantBuilder, line: string): [string, MeterKind] {
  const names = ['metername', 'metertype', 'readingtype', 'unit', 'domain', 'description'] as const
  const { metername, metertype, description, ...rest } = readColumns(line, names)
  const kind = { measureunitid: orNull(rest.unit), domainid: orNull(rest.domain) }
  plant.add('METER', { metername, description, metertype, ...kind })
  return [metername, { ...kind, readingtype: orNull(rest.readingtype) }]
}

function addReading(plant: PlantBuilder, line: string, kinds: ReadonlyMap<string, MeterKind>): void {
  const reading = readColumns(line, ['asset', 'metername', 'lastreading', 'previousreading', 'days'])
  const [assetnum, siteid] = reading.asset.split('/')
  plant.add('ASSETMETER', {
    assetnum,
    siteid,
    orgid: ORG,
    metername: reading.metername,
    linearassetmeterid: 0,
    active: true,
    lastreading: reading.lastreading,
    lastreadingdate: plant.planned(-Number(reading.days)),
    lastreadinginspctr: 'MILLS',
    previousreading: reading.previousreading,
    previousreadingdate: plant.planned(-Number(reading.days) - 7),
    ...kinds.get(reading.metername),
  })
}

/** One that is over; whoever reports more is not confused by it. */
export function addDowntime(plant: PlantBuilder): void {
  const startdate = plant.startOfDayMs - 40 * DAY_MS
  const over = { startdate, enddate: startdate + DAY_MS / 4, code: 'BREAKDOWN' }
  plant.add('MODDOWNTIMEHIST', { assetnum: '11450', siteid: 'BEDFORD', ...over })
}
