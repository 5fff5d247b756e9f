import { createOracle, type Oracle } from '../../src/dev/simulator/oracle.ts'
import type { PlantSize } from '../../src/dev/simulator/plant/build-plant.ts'
import type { Row } from '../../src/dev/simulator/plant/plant.ts'
import { localDate } from '../../src/dev/simulator/time-zone.ts'
import type { Account } from '../support/maximo/kpi-questions.ts'
import { addRoughOrders } from '../support/maximo/rough-orders.ts'
import { openPlantDoor, type PlantDoor } from '../support/maximo/plant-door.ts'

export const ACCOUNT: Account = 'planner@example.com'
/** Of that account. */
export const ZONE = 'America/New_York'
export const SITE = 'BEDFORD'
const DAY_MS = 86_400_000

/** A plant behind the server, and what is known of it. */
export interface World {
  readonly plant: PlantDoor
  readonly oracle: Oracle
  readonly nowMs: number
  /** Where the account is. */
  readonly today: string
  /** The calendar month before. */
  readonly lastMonth: { readonly from: string; readonly to: string }
  rows(table: string, test?: (row: Row) => boolean): readonly Row[]
  /** Work orders of a site, of any when there is none. */
  orders(site: string | null, test?: (row: Row) => boolean): readonly Row[]
  /** `2026-11-19` of an instant; empty for none. */
  dayOf(value: unknown): string
  /** A day some days from today. */
  day(days: number): string
}

export async function openWorld(size: PlantSize): Promise<World> {
  const plant = await openPlantDoor({}, {}, { size })
  addRoughOrders(plant.simulator.plant, { seed: 1, count: 200 })
  const oracle = createOracle(plant.simulator.plant)
  const nowMs = plant.door.workshop.clock.nowMs()
  const today = localDate(nowMs, ZONE)
  const day = (days: number): string => new Date(Date.parse(today) + days * DAY_MS).toISOString().slice(0, 10)
  const endOfLast = new Date(Date.parse(`${today.slice(0, 7)}-01`) - DAY_MS).toISOString().slice(0, 10)
  return {
    ...{ plant, oracle, nowMs, today, day },
    lastMonth: { from: `${endOfLast.slice(0, 7)}-01`, to: endOfLast },
    rows: (table, test) => oracle.rows(table, test),
    orders: (site, test = () => true) =>
      oracle.workOrders((row) => (site === null || row['siteid'] === site) && test(row)),
    dayOf: (value) => (typeof value === 'number' ? localDate(value, ZONE) : ''),
  }
}

/** What a status of a work order means, by the internal values behind the synonyms of the plant (maximo-api §8.2). */
export const FINISHED: ReadonlySet<unknown> = new Set(['COMP', 'CLOSE', 'HISTEDIT'])
const ENDED: ReadonlySet<unknown> = new Set([...FINISHED, 'CAN'])
export const isOpen = (row: Row): boolean => !ENDED.has(row['status'])
export const isFinished = (row: Row): boolean => FINISHED.has(row['status'])
