import { ORG, type PlantBuilder } from './builder.ts'
import type { Row } from './plant.ts'

/** The one process of the plant: approval of work. */
export const WORK_APPROVAL = { processname: 'WOAPPR', revision: 6 } as const

/** Five work orders wait for approval in WILSON's inbox and two in MAXADMIN's; some inspections are on record. */
export function addWorkflow(plant: PlantBuilder): void {
  const waiting = plant
    .rows('WORKORDER')
    .filter((row) => row['status'] === 'WAPPR' && row['istask'] === false)
  for (const [index, order] of waiting.slice(0, 7).entries()) {
    addAssignment(plant, order, { index, person: index < 5 ? 'WILSON' : 'MAXADMIN' })
  }
  const assets = plant.rows('ASSET').filter((row) => row['siteid'] === 'BEDFORD')
  for (const [index, asset] of assets.slice(0, 4).entries()) addInspection(plant, asset, index)
}

function addAssignment(plant: PlantBuilder, order: Row, at: { index: number; person: string }): void {
  const owner = { ownertable: 'WORKORDER', ownerid: order['workorderid'] }
  const wfid = 127 + at.index
  plant.add('WFINSTANCE', {
    wfid,
    ...WORK_APPROVAL,
    ...owner,
    active: true,
    originator: order['reportedby'],
    starttime: order['reportdate'],
  })
  plant.add('WFASSIGNMENT', {
    assignid: 131 + at.index,
    wfid,
    nodeid: 3,
    processname: WORK_APPROVAL.processname,
    processrev: WORK_APPROVAL.revision,
    ...owner,
    assigncode: at.person,
    assignstatus: 'ACTIVE',
    app: 'WOTRACK',
    description: `Approve work order ${String(order['wonum'])}`,
    priority: 3,
    startdate: order['reportdate'],
  })
}

function addInspection(plant: PlantBuilder, asset: Row, index: number): void {
  const key = { resultnum: String(1001 + index), siteid: asset['siteid'], orgid: ORG }
  const created = plant.instant(-10 - index)
  plant.add('INSPECTIONRESULT', {
    ...key,
    inspformnum: '1001',
    status: ['PENDING', 'INPROG', 'REVIEW', 'COMPLETED'][index],
    statusdate: created,
    referenceobject: 'ASSET',
    referenceobjectid: asset['assetnum'],
    asset: asset['assetnum'],
    location: asset['location'],
    createdate: created,
    createby: 'SAM',
    isbatch: false,
    historyflag: false,
  })
  plant.add('INSPFIELDRESULT', {
    ...key,
    inspquestionnum: '1',
    description: 'Any leak?',
    txtresponse: 'No',
    enterby: 'SAM',
    enterdate: created,
  })
}
