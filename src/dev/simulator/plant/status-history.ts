import type { PlantBuilder } from './builder.ts'

/** One row of history for each ticket and asset: how it came into its present status. */
export function addStatusHistory(plant: PlantBuilder): void {
  for (const ticket of plant.rows('TICKET')) {
    const { ticketid, status, changeby, statusdate } = ticket
    plant.add('TKSTATUS', { ticketid, class: ticket['class'], status, changeby, changedate: statusdate })
  }
  for (const { assetnum, siteid, status, changeby, statusdate } of plant.rows('ASSET')) {
    plant.add('ASSETSTATUS', { assetnum, siteid, status, changeby, changedate: statusdate })
  }
}
