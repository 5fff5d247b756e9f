import { ORG, type PlantBuilder } from './builder.ts'

/** `job plan|hours|description|craft|tasks…` */
const JOB_PLANS = `JP1110|2|Fan inspection|HVAC|Lock out the fan|Check belts|Lubricate bearings|Return to service
JP1143|4|Centrifugal pump service|MECH|Isolate the pump|Inspect mechanical seal|Measure vibration|Top up oil|Return to service
JP1130|3|Compressor service|MECH|Drain condensate|Change air filter|Check safety valve
JP1140|6|Boiler inspection|PIPE|Check low-water cut-off|Inspect burner|Test safety valves|Clean sight glass
JP1310|5|Packaging line service|MECH|Clean guides|Check sealing jaws|Adjust timing
JP1320|1|Lift truck check|MECH|Check windshield wipers and steering|Check brakes
JPN100|4|Chiller service|HVAC|Check refrigerant charge|Clean condenser|Test flow switch
JPN200|3|Palletiser service|ELEC|Check light curtain|Grease axes`

/** `pm|site|asset|location|job plan|every|unit|next due in days|description` */
const PMS = `1010|BEDFORD|11210||JP1110|3|MONTHS|-6|Fan #1 quarterly inspection
1011|BEDFORD|11240||JP1110|3|MONTHS|20|Fan #2 quarterly inspection
1012|BEDFORD|11250||JP1110|3|MONTHS|34|Fan #3 quarterly inspection
1020|BEDFORD|11430||JP1143|6|WEEKS|4|Condensate pump service
1021|BEDFORD|11450||JP1143|6|WEEKS|-2|Feed water pump service
1030|BEDFORD|11300||JP1130|1|MONTHS|11|Compressor service
1040|BEDFORD|11400||JP1140|1|YEARS|96|Annual boiler inspection
1050|BEDFORD|13100||JP1310|2|WEEKS|1|Packaging line 1 service
1051|BEDFORD|13200||JP1310|2|WEEKS|9|Packaging line 2 service
1057|BEDFORD||SHIPPING|JP1320|3|MONTHS|15|Service - 3 Month
N100|NASHUA|N1010||JPN100|1|MONTHS|7|Chiller 1 service
N101|NASHUA|N1020||JPN100|1|MONTHS|-1|Chiller 2 service
N200|NASHUA|N3000||JPN200|4|WEEKS|12|Palletiser service
1020|NASHUA|N1040||JP1143|8|WEEKS|18|Chilled water pump A service`

export function addPreventiveMaintenance(plant: PlantBuilder): void {
  for (const line of JOB_PLANS.split('\n')) addJobPlan(plant, line)
  for (const line of PMS.split('\n')) addPm(plant, line)
}

function addJobPlan(plant: PlantBuilder, line: string): void {
  const [jpnum = '', hours, description, craft, ...tasks] = line.split('|')
  const plan = { jpnum, pluscrevnum: 0 }
  plant.add('JOBPLAN', {
    ...plan,
    orgid: ORG,
    description,
    status: 'ACTIVE',
    jpduration: Number(hours),
    priority: 3,
    changeby: 'WILSON',
    changedate: plant.instant(-plant.random.between(60, 700)),
  })
  plant.add('JPLABOR', { ...plan, craft, quantity: 1, laborhrs: Number(hours) })
  for (const [index, task] of tasks.entries()) {
    plant.add('JPTASK', {
      ...plan,
      jptask: (index + 1) * 10,
      description: task,
      taskduration: Number(hours) / tasks.length,
    })
  }
}

function addPm(plant: PlantBuilder, line: string): void {
  const [pmnum = '', siteid = '', asset = '', location = '', jpnum, every, frequnit, due, description] =
    line.split('|')
  const changed = plant.instant(-plant.random.between(20, 90))
  plant.add('PM', {
    pmnum,
    siteid,
    orgid: ORG,
    description,
    status: 'ACTIVE',
    frequency: Number(every),
    frequnit,
    assetnum: asset === '' ? undefined : asset,
    location: location === '' ? undefined : location,
    jpnum,
    worktype: 'PM',
    priority: 3,
    nextdate: plant.date(Number(due)),
    laststartdate: plant.planned(Number(due) - 60),
    lastcompdate: plant.planned(Number(due) - 58),
    leadtime: 7,
    usetargetdate: true,
    supervisor: siteid === 'BEDFORD' ? 'STOKES' : 'OKAFOR',
    changeby: 'WILSON',
    changedate: changed,
  })
}
