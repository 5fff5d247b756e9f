import { request } from 'undici'
import { afterAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../src/dev/simulator/contract.ts'
import { createOracle } from '../../src/dev/simulator/oracle.ts'
import { buildPlant } from '../../src/dev/simulator/plant/build-plant.ts'
import { DAY_MS } from '../../src/dev/simulator/plant/builder.ts'
import type { Plant, Row } from '../../src/dev/simulator/plant/plant.ts'
import { startSimulator } from '../../src/dev/simulator/simulator.ts'
import { instantOfLocal, localDate } from '../../src/dev/simulator/time-zone.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { figure, soakShare, timed } from '../support/soak.ts'
import { PROBE } from '../support/wire/probe.ts'

/**
 * The generated plant: 50,000 work orders, 10,000 assets. Limits hold for the processor time it takes, and for a
 * page in its least disturbed tenth, so that other work on the machine decides nothing; the rest is shown beside it.
 */
const LOAD_LIMIT_MS = 5000
const PAGE_LIMIT_MS = 20
const HEAP_LIMIT_MB = 400
const REPEATS = Math.ceil(200 * soakShare())

let simulator: Simulator | null = null
afterAll(async () => {
  await simulator?.close()
})

const processorMs = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const started = async (): Promise<Simulator> =>
  (simulator ??= await startSimulator({ port: 0, clock: systemClock, size: 'large' }))

const ask = async (query: Record<string, string>): Promise<Record<string, unknown>> => {
  const { baseUrl, accounts } = await started()
  const search = new URLSearchParams({ lean: '1', ...query }).toString()
  const { body } = await request(`${baseUrl}/api/os/mxapiwodetail?${search}`, {
    headers: { ...PROBE, apikey: accounts.of('WILSON').apiKey },
  })
  return (await body.json()) as Record<string, unknown>
}

test('it loads within its limits of time and memory, and has what it promises', async () => {
  global.gc?.()
  const before = process.memoryUsage().heapUsed
  let wallMs = 0
  const cpuMs = await processorMs(async () => {
    wallMs = (await timed(started)).ms
  })
  global.gc?.()
  const heapMb = (process.memoryUsage().heapUsed - before) / 1e6
  figure('large plant: loaded, by the clock', wallMs, 'ms')
  figure('large plant: loaded, processor', cpuMs, 'ms')
  figure('large plant: heap', heapMb, 'MB')
  const oracle = createOracle((await started()).plant)
  expect([oracle.workOrders().length, oracle.count('ASSET')]).toEqual([50_000, 10_000])
  expect(cpuMs).toBeLessThan(LOAD_LIMIT_MS)
  expect(heapMb).toBeLessThan(HEAP_LIMIT_MB)
})

const ZONE = 'America/New_York'
const SELECT = 'wonum,siteid,description,status,wopriority,assetnum,location,reportdate,targcompdate,worktype'

interface HardPage {
  readonly query: Readonly<Record<string, string>>
  /** What the query means, said of a row. */
  readonly meets: (row: Row, plant: Plant) => boolean
  /** Signed, most telling first; the number of the record decides among equals. */
  readonly order: readonly string[]
  readonly page?: number
}

const OPEN = ['WAPPR', 'APPR', 'INPRG', 'WMATL', 'WSCH', 'WPCOND']
const isTask = (row: Row): boolean => row['istask'] === true
const text = (row: Row): string => String(row['description']).toUpperCase()
const within = (value: Row[string], from: number, to: number): boolean =>
  typeof value === 'number' && value >= from && value < to

/** What an index answers, and what none does: exclusions, words in a text, flags, relations, OR, the last page. */
const PAGES: Readonly<Record<string, HardPage>> = {
  'a site’s open work, newest first': {
    query: { 'oslc.where': 'siteid="BEDFORD" and status in ["WAPPR","APPR","INPRG"] and istask=0' },
    meets: (row) =>
      row['siteid'] === 'BEDFORD' &&
      ['WAPPR', 'APPR', 'INPRG'].includes(String(row['status'])) &&
      !isTask(row),
    order: ['-reportdate'],
  },
  'the history of an asset': {
    query: { 'oslc.where': 'assetnum="G105000" and siteid="BEDFORD"' },
    meets: (row) => row['assetnum'] === 'G105000' && row['siteid'] === 'BEDFORD',
    order: ['-reportdate'],
  },
  'closed work of two months': {
    query: {
      'oslc.where': 'status="CLOSE" and actfinish>="&SYSDAY&-120D" and actfinish<"&SYSDAY&-60D"',
    },
    meets: (row) => row['status'] === 'CLOSE' && within(row['actfinish'], dayOf(-120), dayOf(-60)),
    order: ['+actfinish'],
  },
  'one work order by its key': {
    query: { 'oslc.where': 'wonum="120000" and siteid="BEDFORD"' },
    meets: (row) => row['wonum'] === '120000' && row['siteid'] === 'BEDFORD',
    order: [],
  },
  'overdue, longest first': {
    query: {
      'oslc.where': `status in ["${OPEN.join('","')}"] and historyflag=0 and istask=0 and targcompdate<"&SYSDAY&"`,
    },
    meets: (row) =>
      OPEN.includes(String(row['status'])) &&
      row['historyflag'] === false &&
      !isTask(row) &&
      within(row['targcompdate'], -Infinity, dayOf(0)),
    order: ['+targcompdate'],
  },
  'all but what is closed': {
    query: { 'oslc.where': 'status!="CLOSE" and istask=0' },
    meets: (row) => row['status'] !== 'CLOSE' && !isTask(row),
    order: ['-reportdate', '+wopriority'],
  },
  'not in a list': {
    query: { 'oslc.where': 'status!="[CLOSE,COMP,CAN]" and worktype!="[PM,CM]"' },
    meets: (row) =>
      !['CLOSE', 'COMP', 'CAN'].includes(String(row['status'])) &&
      row['worktype'] !== undefined &&
      !['PM', 'CM'].includes(String(row['worktype'])),
    order: ['-statusdate'],
  },
  'a word in a text': {
    query: { 'oslc.where': 'description="%pump%" and istask=0' },
    meets: (row) => text(row).includes('PUMP') && !isTask(row),
    order: ['+wopriority'],
  },
  'two words in a text, one after the other': {
    query: { 'oslc.where': 'description="%noise%fan%"' },
    meets: (row) => /NOISE.*FAN/s.test(text(row)),
    order: ['-reportdate'],
  },
  'words by text search': {
    query: { 'oslc.searchTerms': '"leak","server"', searchAttributes: 'description' },
    meets: (row) => text(row).includes('LEAK') || text(row).includes('SERVER'),
    order: ['-reportdate'],
  },
  'without a lead': {
    query: { 'oslc.where': 'lead!="*" and istask=0' },
    meets: (row) => row['lead'] === undefined && !isTask(row),
    order: ['-reportdate'],
  },
  'a range of numbers': {
    query: { 'oslc.where': 'wopriority<=2 and estdur>=4 and istask=0' },
    meets: (row) => Number(row['wopriority']) <= 2 && Number(row['estdur']) >= 4 && !isTask(row),
    order: ['-estdur', '+reportdate'],
  },
  'on broken assets': {
    query: { 'oslc.where': 'asset.status="BROKEN" and historyflag=0' },
    meets: (row, plant) => row['historyflag'] === false && assetOf(row, plant)?.['status'] === 'BROKEN',
    order: ['-reportdate'],
  },
  'either of two': {
    query: { 'oslc.where': 'status="WAPPR" and wopriority=1', opmodeor: '1' },
    meets: (row) => row['status'] === 'WAPPR' || row['wopriority'] === 1,
    order: ['-reportdate'],
  },
  'the thousandth page of all': {
    query: { 'oslc.where': 'istask=0' },
    meets: (row) => !isTask(row),
    order: ['-reportdate'],
    page: 1000,
  },
}

/** The first moment of a day in WILSON's zone, counted from today. */
const dayOf = (days: number): number => {
  const day = localDate(systemClock.nowMs() + days * DAY_MS, ZONE)
  return instantOfLocal(Date.parse(`${day}T00:00:00Z`), ZONE)
}
const assetOf = (row: Row, plant: Plant): Row | undefined =>
  plant.find('ASSET', 'assetnum', String(row['assetnum'])).find(({ siteid }) => siteid === row['siteid'])

/** All that meet it, in order: nulls last ascending, first descending. */
function wantedOf({ meets, order }: HardPage, plant: Plant): Row[] {
  const compare = (a: Row, b: Row): number => {
    for (const term of [...order, '+workorderid']) {
      const [left = Infinity, right = Infinity] = [a, b].map((row) => row[term.slice(1)])
      if (left !== right) return (left < right ? -1 : 1) * (term.startsWith('-') ? -1 : 1)
    }
    return 0
  }
  return plant
    .rows('WORKORDER')
    .filter((row) => meets(row, plant))
    .sort(compare)
}

const PAGE_SIZE = 50

describe('a filtered page of fifty, with its total', () => {
  test.each(Object.entries(PAGES))('%s', async (name, page) => {
    const { plant } = await started()
    const number = page.page ?? 1
    const query = {
      ...page.query,
      'oslc.orderBy': [...page.order, '+workorderid'].join(','),
      'oslc.select': SELECT,
      'oslc.pageSize': String(PAGE_SIZE),
      pageno: String(number),
      collectioncount: '1',
    }
    const wanted = wantedOf(page, plant)
    expect(wanted.length).toBeGreaterThan(0)
    const answered = await ask(query)
    expect(answered['responseInfo']).toMatchObject({ totalCount: wanted.length })
    expect(keysOf(answered['member'])).toEqual(
      keysOf(wanted.slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE)),
    )
    figure(`large plant: ${name}, rows in all`, wanted.length, 'rows')
    await measure(name, query)
  })
})

const keysOf = (rows: unknown): string[] =>
  (rows as Row[]).map(({ siteid, wonum }) => `${String(siteid)}/${String(wonum)}`)

async function measure(name: string, query: Record<string, string>): Promise<void> {
  for (let warm = 0; warm < 5; warm += 1) await ask(query)
  const costs: number[] = []
  const { ms } = await timed(async () => {
    for (let index = 0; index < REPEATS; index += 1) costs.push(await processorMs(() => ask(query)))
  })
  const [least = NaN, median = NaN] = [0.1, 0.5].map(
    (share) => costs.toSorted((a, b) => a - b)[Math.floor(costs.length * share)],
  )
  figure(`large plant: ${name}, processor, undisturbed`, least, 'ms')
  figure(`large plant: ${name}, processor, median`, median, 'ms')
  figure(`large plant: ${name}, by the clock`, ms / REPEATS, 'ms')
  expect(least).toBeLessThan(PAGE_LIMIT_MS)
}

test('purchasing and material are there in proportion, and their sums agree', async () => {
  const { plant } = await started()
  const oracle = createOracle(plant)
  const received = oracle.rows('PO', (row) => row['receipts'] === 'COMPLETE')
  figure('large plant: requisitions', oracle.count('PR'), 'rows')
  figure('large plant: invoices', oracle.count('INVOICE'), 'rows')
  figure('large plant: material actuals', oracle.count('MATUSETRANS'), 'rows')
  expect(oracle.count('PR')).toBe(2500)
  expect(received.length).toBeGreaterThan(1000)
  const billed = new Set(plant.rows('INVOICELINE').map((row) => row['ponum']))
  expect(received.filter(({ ponum }) => !billed.has(ponum))).toEqual([])
  expect(oracle.count('MATUSETRANS')).toBeGreaterThan(10_000)
  expect(oracle.sum('MATUSETRANS', 'linecost')).toBeCloseTo(oracle.sum('WORKORDER', 'actmatcost'), 0)
})

test('read to the end in pages of a thousand, every work order comes once', async () => {
  const seen = new Set<unknown>()
  const { ms } = await timed(async () => {
    for (let page = 1; page <= 50; page += 1) {
      const query = {
        'oslc.where': 'istask=0',
        'oslc.orderBy': '+wonum,+siteid',
        'oslc.select': 'wonum,siteid',
      }
      const { member } = await ask({ ...query, 'oslc.pageSize': '1000', pageno: String(page) })
      for (const row of member as { wonum: string; siteid: string }[]) seen.add(`${row.siteid}/${row.wonum}`)
    }
  })
  expect(seen.size).toBe(50_000)
  figure('large plant: 50,000 rows in 50 pages', ms, 'ms')
})

test('the same seed and day make the same plant', () => {
  const day = Date.UTC(2026, 10, 22)
  const [one, two] = [buildPlant(7, day, 'large'), buildPlant(7, day + 1000, 'large')]
  for (const table of ['WORKORDER', 'ASSET', 'POLINE', 'LABTRANS', 'PRLINE', 'INVOICE', 'MATUSETRANS'])
    expect(one.rows(table)).toEqual(two.rows(table))
})
