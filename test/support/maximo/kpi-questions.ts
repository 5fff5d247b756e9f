import fc from 'fast-check'
import { expect } from 'vitest'
import { createKpiOracle, type KpiOracle, type KpiScope } from '../../../src/dev/simulator/oracle-kpis.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from './plant-door.ts'
import { addRoughOrders } from './rough-orders.ts'

/** Each account sees time in its own zone. */
export const ZONES = { 'planner@example.com': 'America/New_York', 'admin@example.com': 'UTC' } as const
export type Account = keyof typeof ZONES
const DAY_MS = 86_400_000
const SEEDS = [3, 2026]

/** Plants of several seeds, each with rough work orders besides. */
export async function openRoughPlants(): Promise<readonly PlantDoor[]> {
  const plants: PlantDoor[] = []
  for (const seed of SEEDS) {
    const plant = await openPlantDoor({}, {}, { seed })
    addRoughOrders(plant.simulator.plant, { seed, count: 150 })
    plants.push(plant)
  }
  return plants
}

export interface AskedPart {
  readonly plant: PlantDoor
  readonly account: Account
  readonly site: string
  readonly location: string | undefined
  readonly asset: string | undefined
  readonly from: string
  readonly to: string
  readonly types: readonly string[]
}

const dayBefore = (plant: PlantDoor, days: number): string =>
  new Date(plant.simulator.plant.startOfDayMs - days * DAY_MS).toISOString().slice(0, 10)

/** A location with others below it. */
const TOPS: Readonly<Record<string, string>> = { BEDFORD: 'BR400' }

/** Any part of either plant, in any period that has work in it; the clock stands at the start of the plant's day. */
export const partsOf = (plants: readonly PlantDoor[]): fc.Arbitrary<AskedPart> =>
  fc
    .record({
      index: fc.nat(SEEDS.length - 1),
      account: fc.constantFrom(...(Object.keys(ZONES) as Account[])),
      site: fc.constantFrom('BEDFORD', 'NASHUA', '*'),
      part: fc.constantFrom('site', 'location', 'asset'),
      pick: fc.nat(1_000),
      start: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 2, max: 70 }) },
        { weight: 1, arbitrary: fc.integer({ min: 2, max: 400 }) },
      ),
      days: fc.integer({ min: 1, max: 20 }),
      types: fc.constantFrom(['CM', 'EM'], ['EM'], ['CM', 'EM', 'CAL']),
    })
    .map(({ index, part, pick, start, days, site, ...asked }) => {
      const plant = plants[index] as PlantDoor
      const used = plant.simulator.plant
        .rows('WORKORDER')
        .filter((row) => row['assetnum'] !== undefined && (site === '*' || row['siteid'] === site))
      return {
        ...asked,
        ...{ plant, site },
        asset: part === 'asset' ? String(used[pick % used.length]?.['assetnum']) : undefined,
        location: part === 'location' ? TOPS[site] : undefined,
        from: dayBefore(plant, start),
        to: dayBefore(plant, Math.max(1, start - days + 1)),
      }
    })

export const argumentsOf = ({
  site,
  location,
  asset,
  from,
  to,
  types,
}: AskedPart): Record<string, unknown> => ({
  ...{ site, from, to, failure_types: types },
  ...(location !== undefined && { location }),
  ...(asset !== undefined && { asset }),
})

export const askPart = (
  { plant, account }: Pick<AskedPart, 'plant' | 'account'>,
  tool: string,
  args: object,
) => plant.ask('call_read_tool', { tool, arguments: args }, account)

export function oracleOf({ plant, account, site, location, asset, from, to, types }: AskedPart): KpiOracle {
  const below = plant.simulator.plant
    .rows('LOCANCESTOR')
    .filter((row) => row['ancestor'] === location && (site === '*' || row['siteid'] === site))
    .map((row) => String(row['location']))
  const scope: KpiScope = {
    ...{ zone: ZONES[account], nowMs: plant.door.workshop.clock.nowMs(), from, to },
    ...{ failureTypes: types, pmTypes: ['PM'] },
    ...(site !== '*' && { site }),
    ...(location !== undefined && { locations: [location, ...below] }),
    ...(asset !== undefined && { asset }),
  }
  return createKpiOracle(plant.simulator.plant, scope)
}

export interface Figure {
  readonly kpi: string
  readonly value: number | null
  readonly numerator?: { readonly value: number; readonly rows: number }
  readonly denominator?: { readonly value: number; readonly rows: number }
  readonly complete: boolean
  readonly reason?: string
  readonly notes?: readonly string[]
}
export const figuresIn = ({ body, text, isError }: ToolReply): ReadonlyMap<string, Figure> => {
  if (isError) throw new Error(text)
  return new Map((body['kpis'] as Figure[]).map((figure) => [figure.kpi, figure]))
}

export const cents = (value: number): number => Math.round(value * 100) / 100
const ratio = ({ over, under }: { over: number; under: number }, times = 1): number | null =>
  under === 0 ? null : (over / under) * times

/** The tool rounds to hundredths. */
export const expectHundredths = (shown: unknown, value: number): void => {
  expect(Math.abs(Number(shown) - value)).toBeLessThan(0.0051)
}

/** What the tool must say of a plant that the oracle knows; `but` names figures that are told apart. */
export function expectFigures(
  figures: ReadonlyMap<string, Figure>,
  oracle: KpiOracle,
  but: readonly string[] = [],
): void {
  const fractions = {
    pm_compliance: { ...oracle.pmCompliance, value: ratio(oracle.pmCompliance, 100) },
    schedule_compliance: { ...oracle.scheduleCompliance, value: ratio(oracle.scheduleCompliance, 100) },
    mtbf: { ...oracle.mtbf, value: oracle.mtbf.assets === 0 ? null : ratio(oracle.mtbf) },
    mttr: { ...oracle.mttr, value: ratio(oracle.mttr) },
    reactive_share: { ...oracle.reactiveHours, value: ratio(oracle.reactiveHours, 100) },
    reactive_orders: { ...oracle.reactiveOrders, value: ratio(oracle.reactiveOrders, 100) },
  }
  for (const [kpi, { over, under, value }] of Object.entries(fractions)) {
    if (but.includes(kpi)) continue
    const figure = figures.get(kpi)
    expect(figure, kpi).toMatchObject({ complete: true })
    expect([kpi, figure?.numerator?.value, figure?.denominator?.value]).toEqual([
      kpi,
      cents(over),
      cents(under),
    ])
    if (value === null) expect([kpi, figure?.value, typeof figure?.reason]).toEqual([kpi, null, 'string'])
    else expectHundredths(figure?.value, value)
  }
  expect(figures.get('mtbf')?.numerator?.rows).toBe(oracle.mtbf.assets)
  expect(figures.get('backlog')).toMatchObject({
    value: cents(oracle.backlog.hours),
    numerator: { rows: oracle.backlog.orders },
  })
}
