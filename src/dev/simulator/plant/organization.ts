import { ITEM_SET, ORG, type PlantBuilder } from './builder.ts'

/** `worktype|description|kind`. */
const WORK_TYPES = `CM|Corrective Maintenance|CORR
PM|Preventive Maintenance|PREV
EM|Emergency Maintenance|CORR
CP|Capital Project|PROJ
EV|Event Report|OTHER
CAL|Calibration|PREV`

/** `code|description|children…` of the failure hierarchy, indented by level: class, problem, cause, remedy. */
const FAILURES = `1000|PUMPS|Pump failures
 1001|LEAK|Leaking
  1002|SEAL|Worn mechanical seal
   1003|RPLSEAL|Replace seal
   1004|ADJSEAL|Adjust gland
  1005|GASKET|Failed gasket
   1006|RPLGASK|Replace gasket
 1007|NOISE|Noisy or vibrating
  1008|BEARING|Bearing worn
   1009|RPLBRG|Replace bearing
  1010|MISALIGN|Coupling out of line
   1011|ALIGN|Align coupling
1020|PKG|Packaging failures
 1021|LIFT|Carton lift fails
  1022|FOAM|Foam in filler
   1023|TIMING|Adjust timing
  1024|POSITION|Position sensor fails
   1025|RPLSENS|Replace sensor
 1026|JAM|Line jammed
  1027|STICK|Sticking guide
   1028|CLEAN|Clean and lubricate
1040|HVAC|Heating and cooling failures
 1041|HOT|Area too hot
  1042|FILTER|Filter blocked
   1043|RPLFILT|Replace filter
  1044|FAN|Fan motor fails
   1045|RPLMTR|Replace motor
1060|BOILERS|Boiler failures
 1061|NOSTEAM|No steam
  1062|BURNER|Burner does not light
   1063|RPLIGN|Replace igniter`

export function addOrganization(plant: PlantBuilder): void {
  plant.add('ORGANIZATION', {
    orgid: ORG,
    description: 'Eagle, Inc. - North America',
    itemsetid: ITEM_SET,
    basecurrency1: 'USD',
    active: true,
  })
  plant.add('SITE', { siteid: 'BEDFORD', orgid: ORG, description: 'Bedford Manufacturing', active: true })
  plant.add('SITE', { siteid: 'NASHUA', orgid: ORG, description: 'Nashua Packaging', active: true })
  for (const line of WORK_TYPES.split('\n')) {
    const [worktype = '', wtypedesc, type] = line.split('|')
    plant.add('WORKTYPE', { worktype, wtypedesc, woclass: 'WORKORDER', orgid: ORG, type })
  }
  addFailures(plant)
}

const LEVELS = [undefined, 'PROBLEM', 'CAUSE', 'REMEDY'] as const

function addFailures(plant: PlantBuilder): void {
  const parents: number[] = []
  for (const line of FAILURES.split('\n')) {
    const level = line.length - line.trimStart().length
    const [id, code = '', description] = line.trim().split('|')
    const failurelist = Number(id)
    parents[level] = failurelist
    plant.add('FAILURELIST', {
      failurelist,
      failurecode: code,
      parent: level === 0 ? undefined : parents[level - 1],
      type: LEVELS[level],
      orgid: ORG,
    })
    plant.add('FAILURECODE', { failurecode: code, description, orgid: ORG })
  }
}
