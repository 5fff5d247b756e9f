import { addAttachments } from './attachments.ts'
import { addAssets, addDowntime } from './assets.ts'
import type { PlantBuilder } from './builder.ts'
import { addDomains, addSynonymDomains } from './domains.ts'
import { LATE_DOMAINS } from './late-domains.ts'
import { addLocations } from './locations.ts'
import { addOrganization } from './organization.ts'
import { addPeople } from './people.ts'
import { addPreventiveMaintenance } from './preventive.ts'
import { addCompanies, addPurchasing } from './purchasing.ts'
import { addSafety } from './safety.ts'
import { addServiceRequests } from './service-requests.ts'
import { addStatusHistory } from './status-history.ts'
import { addStores } from './stores.ts'
import { addSupport } from './support.ts'
import { addWorkflow } from './workflow.ts'
import { addWorkOrders } from './work-orders.ts'

/** The small plant: two sites of one organisation, 40 assets, 300 work orders. */
export function addSmallPlant(plant: PlantBuilder): void {
  addDomains(plant)
  addOrganization(plant)
  addPeople(plant)
  addLocations(plant)
  addAssets(plant)
  addStores(plant)
  addPreventiveMaintenance(plant)
  addWorkOrders(plant)
  addServiceRequests(plant)
  addStatusHistory(plant)
  addSynonymDomains(plant, LATE_DOMAINS)
  addCompanies(plant)
  addPurchasing(plant)
  addSupport(plant)
  addWorkflow(plant)
  addAttachments(plant)
  addDowntime(plant)
  addSafety(plant)
}
