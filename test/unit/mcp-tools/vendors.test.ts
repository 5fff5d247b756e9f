import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createVendorOracle, type VendorScope } from '../../../src/dev/simulator/oracle-vendors.ts'
import { Database } from '../../../src/dev/simulator/plant/database.ts'
import {
  cents,
  expectHundredths,
  figuresIn,
  ZONES,
  type Account,
} from '../../support/maximo/kpi-questions.ts'
import { openPlantDoor, type PlantDoor, type ToolReply } from '../../support/maximo/plant-door.ts'
import { addOrderInParts, addRoughPurchases, VENDORS } from '../../support/maximo/rough-purchases.ts'

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor()
  addRoughPurchases(plant.simulator.plant, { seed: 5, count: 160 })
})
afterEach(() => plant.simulator.faults.clear())
afterAll(() => plant.close())

const SCOPE = 'maximo:read maximo:finance'
const ask = (args: object, as?: string): Promise<ToolReply> =>
  plant.ask('call_read_tool', { tool: 'get_vendor_performance', arguments: args }, as, SCOPE)
const day = (days: number): string =>
  new Date(plant.simulator.plant.startOfDayMs - days * 86_400_000).toISOString().slice(0, 10)
const WIDE = { vendor: 'ATI', site: '*', from: '2026-09-20', to: '2026-11-20' }
const oracleOf = (scope: Omit<VendorScope, 'zone'>, account: Account = 'planner@example.com') =>
  createVendorOracle(plant.simulator.plant, { zone: ZONES[account], ...scope })

const FRACTIONS = {
  on_time: 'onTime',
  quantity_variance: 'quantityVariance',
  price_variance: 'priceVariance',
  returns: 'returns',
} as const

test('whatever the vendor, the site, the period and the zone: the figures are the oracle’s', async () => {
  let counted = 0
  const asked = fc.record({
    account: fc.constantFrom(...(Object.keys(ZONES) as Account[])),
    vendor: fc.constantFrom(...VENDORS),
    site: fc.constantFrom('BEDFORD', 'NASHUA', '*'),
    start: fc.integer({ min: 2, max: 60 }),
    days: fc.integer({ min: 1, max: 40 }),
  })
  await fc.assert(
    fc.asyncProperty(asked, async ({ account, vendor, site, start, days }) => {
      const period = { from: day(start), to: day(Math.max(1, start - days)) }
      const reply = await ask({ vendor, site, ...period }, account)
      const oracle = oracleOf({ vendor, ...period, ...(site !== '*' && { site }) }, account)
      const figures = figuresIn(reply)
      expect(reply.body).toMatchObject({ orders: oracle.orders, complete: true })
      for (const [kpi, name] of Object.entries(FRACTIONS)) {
        const { over, under } = oracle[name]
        const figure = figures.get(kpi)
        expect([kpi, figure?.numerator?.value, figure?.denominator?.value]).toEqual([
          kpi,
          cents(over),
          cents(under),
        ])
        if (under === 0) expect([kpi, figure?.value, typeof figure?.reason]).toEqual([kpi, null, 'string'])
        else expectHundredths(figure?.value, (over / under) * 100)
        counted += over === 0 ? 0 : 1
      }
    }),
    { numRuns: 15 },
  )
  expect(counted).toBeGreaterThan(0)
})

test('each figure says how it is reckoned, over how many rows', async () => {
  const figures = figuresIn(await ask(WIDE))
  const { onTime, returns } = oracleOf({ vendor: 'ATI', from: WIDE.from, to: WIDE.to })
  expect(figures.get('on_time')).toMatchObject({
    unit: '%',
    complete: true,
    formula: expect.stringMatching(/received in full .* promised day \/ order lines promised/) as string,
    numerator: { rows: onTime.over },
    denominator: { rows: onTime.under, what: 'order lines promised for the period' },
  })
  expect(onTime.over).toBeGreaterThan(3)
  expect(onTime.under - onTime.over).toBeGreaterThan(3)
  expect(returns.over).toBeGreaterThan(1)
})

describe('what is not known has no figure', () => {
  const reasonOf = async (kpi: string): Promise<unknown> => figuresIn(await ask(WIDE)).get(kpi)

  test.each([
    ['os/mxapireceipt', ['on_time', 'returns'], 'quantity_variance'],
    ['os/mxapiinvoice', ['price_variance'], 'on_time'],
  ])('where %s may not be read', async (when, without, other) => {
    const text = 'BMXAA9301E - No authorization'
    plant.simulator.faults.add({
      fault: { kind: 'bmx-error', status: 400, code: 'BMXAA9301E', text },
      when,
    })
    for (const kpi of without)
      expect(await reasonOf(kpi)).toMatchObject({
        value: null,
        complete: false,
        reason: expect.stringContaining('may not read this') as string,
      })
    expect(await reasonOf(other)).toMatchObject({ complete: true, value: expect.any(Number) as number })
  })

  test('prices in several currencies do not add up', async () => {
    const database = plant.simulator.plant
    if (!(database instanceof Database)) throw new Error('not a plant that can be written')
    const order = database
      .rows('PO')
      .find(
        (row) =>
          row['vendor'] === 'ATI' &&
          row['status'] === 'CLOSE' &&
          String(row['vendeliverydate']) >= WIDE.from &&
          String(row['vendeliverydate']) <= WIDE.to,
      )
    if (order === undefined) throw new Error('no such order')
    const other = database.update('PO', order, { currencycode: 'EUR' })
    expect(await reasonOf('price_variance')).toMatchObject({
      value: null,
      reason: 'The orders are in EUR and USD, which do not add up.',
    })
    database.update('PO', other, { currencycode: 'USD' })
  })

  test('a vendor without orders in the period has none, one that does not exist is refused', async () => {
    const none = await ask({ vendor: 'trane', from: '2026-10-01', to: '2026-10-31' })
    expect(none.body).toMatchObject({ vendor: 'TRANE', orders: 0, complete: true })
    for (const figure of figuresIn(none).values()) expect(figure.value).toBeNull()
    expect((await ask({ vendor: 'nobody' })).text).toMatch(/^not_found: There is no vendor "NOBODY"/)
  })
})

test('parts with decimals add up to what was ordered, and what was voided to nothing is nothing', async () => {
  addOrderInParts(plant.simulator.plant, 'TRANE', {
    promised: '2026-10-15',
    lines: [
      [9.9, [...Array<[string, number]>(3)].map(() => ['RECEIPT', 3.3])],
      [
        5,
        [
          ['RECEIPT', 0.1],
          ['RECEIPT', 0.2],
          ['VOIDRECEIPT', -0.3],
        ],
      ],
    ],
  })
  const figures = figuresIn(await ask({ vendor: 'TRANE', from: '2026-10-01', to: '2026-10-31' }))
  expect(figures.get('on_time')).toMatchObject({ numerator: { value: 1 }, denominator: { value: 2 } })
  expect(figures.get('returns')).toMatchObject({ numerator: { value: 0 }, denominator: { value: 1 } })
})

test('costs are for those who may see them, and days for those which were', async () => {
  await expect(
    plant.ask('call_read_tool', { tool: 'get_vendor_performance', arguments: { vendor: 'ATI' } }),
  ).rejects.toThrow(/403/)
  expect((await ask({ vendor: 'ATI' }, 'technician@example.com')).text).toMatch(/^not_permitted: /)
  expect((await ask({ vendor: 'ATI', from: '2026-10-02', to: '2026-10-01' })).text).toMatch(
    /^invalid_value: /,
  )
  expect((await ask({ vendor: 'ATI', from: '2026-10-02', to: '2027-10-01' })).text).toMatch(
    /^invalid_value: /,
  )
})
