import { PlantBuilder } from '../builder.ts'
import type { Database } from '../database.ts'
import { addSmallPlant } from '../small-plant.ts'
import { addManyAssets } from './many-assets.ts'
import { addManyOrders } from './many-orders.ts'
import { addManyPurchases } from './many-purchases.ts'
import { addManyReceipts } from './many-receipts.ts'
import { addManyRequisitions } from './many-requisitions.ts'
import { addManyPeople, addManyPlaces, addManyItems } from './many-resources.ts'

/** How much there is in all, the small plant included. */
const LARGE = {
  ...{ workOrders: 50_000, assets: 10_000, items: 2_000 },
  ...{ purchaseOrders: 3_000, requisitions: 2_500 },
} as const

/** One row in this many is checked against its table: the generator's own mistakes come in masses. */
const CHECK_EVERY = 50

/** Columns that most questions are narrowed by: their indexes are ready before the first question. */
const INDEXED = {
  WORKORDER: ['siteid', 'status', 'assetnum', 'location', 'wonum', 'workorderid', 'parent'],
  ASSET: ['siteid', 'status', 'assetnum', 'location', 'parent', 'assetuid'],
  INVENTORY: ['itemnum', 'siteid', 'location'],
  ASSETMETER: ['assetnum'],
  PO: ['ponum', 'siteid', 'status', 'vendor'],
  POLINE: ['ponum'],
  MATRECTRANS: ['ponum'],
  INVOICELINE: ['invoicenum', 'ponum'],
  PRLINE: ['prnum'],
  MATUSETRANS: ['refwo'],
  LABTRANS: ['refwo'],
  WPLABOR: ['wonum'],
  FAILUREREPORT: ['wonum'],
  ASSIGNMENT: ['wonum'],
  WOSTATUS: ['wonum'],
} as const

/**
 * Builds the generated plant around the small one: the same two sites and users, everything else in numbers. The same
 * seed on the same day (UTC) gives the same rows.
 */
export function buildLargePlant(seed: number, nowMs: number): Database {
  const plant = new PlantBuilder(seed, nowMs, CHECK_EVERY)
  addSmallPlant(plant)
  addManyPeople(plant)
  addManyPlaces(plant)
  addManyItems(plant, LARGE.items)
  addManyAssets(plant, LARGE.assets)
  addManyOrders(plant, LARGE.workOrders)
  addManyPurchases(plant, LARGE.purchaseOrders)
  addManyRequisitions(plant, LARGE.requisitions)
  addManyReceipts(plant)
  const built = plant.build()
  for (const [table, names] of Object.entries(INDEXED)) for (const name of names) built.find(table, name, '')
  return built
}
