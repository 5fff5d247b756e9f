import { ORG, type PlantBuilder } from './builder.ts'
import type { Row } from './plant.ts'

/** `hazard|description|type|precaution|what to do|tag-out|of what|state|lock-out|device` by asset. */
const PLANS: Readonly<Record<string, string>> = {
  '11430': `ROTATING|Rotating equipment|MECHANICAL|GUARD|Keep the guards on while the pump can turn|TO11430|Condensate pump motor|OFF|LO11430|Breaker MCC-2 of the pump motor`,
  '11400': `HOTSURF|Hot surfaces and steam|HEALTH|COOL|Let the boiler cool below 50 degrees C|TO11400|Main steam stop valve|CLOSED|LO11400|Chain on the steam stop valve
CONFINED|Confined space|HEALTH|GASTEST|Test the air before and every hour while inside|||||`,
  '13100': `PINCH|Pinch points|MECHANICAL|ZEROENG|Release the air pressure|TO13100|Air supply of line 1|CLOSED|LO13100|Lock on the air valve`,
}
/** What is planned comes from the work plan of a job. */
const SOURCE = 'WP'

/** Hazards, precautions, tag-outs and lock-outs of the work orders of some assets. */
export function addSafety(plant: PlantBuilder): void {
  for (const order of plant.rows('WORKORDER')) {
    const lines = PLANS[String(order['assetnum'])]
    if (lines === undefined || order['istask'] === true || order['siteid'] !== 'BEDFORD') continue
    for (const [index, line] of lines.split('\n').entries()) addStep(plant, order, { line, index })
  }
}

function addStep(
  plant: PlantBuilder,
  order: Row,
  { line, index }: { readonly line: string; readonly index: number },
): void {
  const [hazardid, hazarddescription, hazardtype, precautionid, precaution, ...isolation] = line.split('|')
  const [tagoutid = '', tagout, requiredstate, lockoutid, devicedescription] = isolation
  const { wonum, siteid, assetnum } = order
  const key = { wonum, siteid, orgid: ORG, wosafetydatasource: SOURCE }
  plant.add('WOSAFETYLINK', { ...key, hazardid, hazarddescription, hazardtype, assetnum })
  plant.add('WOPRECAUTION', { ...key, precautionid, description: precaution })
  if (tagoutid === '') return
  const sequence = { applyseq: (index + 1) * 10, removeseq: 100 - (index + 1) * 10 }
  plant.add('WOSAFETYLINK', {
    ...key,
    hazardid,
    hazarddescription,
    hazardtype,
    tagoutid,
    assetnum,
    ...sequence,
  })
  plant.add('WOTAGOUT', { ...key, tagoutid, description: tagout, assetnum, requiredstate })
  plant.add('WOLOCKOUT', {
    ...key,
    lockoutid,
    description: `Lock-out of ${tagout ?? ''}`,
    devicedescription,
    requiredstate: 'LOCKED',
  })
}
