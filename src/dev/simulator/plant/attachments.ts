import { plantedText } from '../write/attachments.ts'
import type { PlantBuilder } from './builder.ts'
import type { Row } from './plant.ts'

/** Objects whose records may have attachments, with their unique id. */
const OWNERS = {
  WORKORDER: 'workorderid',
  ASSET: 'assetuid',
  LOCATIONS: 'locationsid',
  TICKET: 'ticketuid',
  PM: 'pmuid',
  JOBPLAN: 'jobplanid',
  ITEM: 'itemid',
  PO: 'poid',
  PR: 'prid',
  INVOICE: 'invoiceid',
  INSPECTIONRESULT: 'inspectionresultid',
} as const

/** One attachment on the third record of each. */
export function addAttachments(plant: PlantBuilder): void {
  for (const [index, [ownertable, id]] of Object.entries(OWNERS).entries()) {
    const owner = plant.rows(ownertable)[2]
    if (owner !== undefined) addAttachment(plant, { ownertable, ownerid: owner[id], index })
  }
}

function addAttachment(
  plant: PlantBuilder,
  at: { ownertable: string; ownerid: Row[string]; index: number },
): void {
  const urlname = `${at.ownertable.toLowerCase()}.txt`
  const created = plant.instant(-30 - at.index)
  plant.add('DOCLINKS', {
    docinfoid: 75 + at.index,
    document: urlname.slice(0, 20),
    description: 'Notes',
    doctype: 'Attachments',
    ownertable: at.ownertable,
    ownerid: at.ownerid,
    urltype: 'FILE',
    urlname,
    contenttype: 'text/plain',
    attachmentsize: plantedText(urlname).length,
    createby: 'WILSON',
    createdate: created,
    changeby: 'WILSON',
    changedate: created,
  })
}
