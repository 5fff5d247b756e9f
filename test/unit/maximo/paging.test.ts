import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { createOracle } from '../../../src/dev/simulator/oracle.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { MaximoClient, RecordPage } from '../../../src/maximo/contract.ts'
import type { Egress } from '../../../src/maximo/egress/egress.ts'
import { openEgress } from '../../../src/maximo/egress/egress.ts'
import { compileQuery } from '../../../src/maximo/query/compile.ts'
import type { Query } from '../../../src/maximo/query/query.ts'
import { insertWorkOrder } from '../../support/maximo/insert-work-order.ts'
import { clientOf } from '../../support/maximo/simulated-client.ts'
import { aQuery, parametersOf, problemsOf } from './support/compiled.ts'
import {
  aCall,
  clientFor,
  faultOf,
  scriptedMaximo,
  sendJson,
  type ScriptedMaximo,
} from './support/scripted-maximo.ts'
import { locations } from './support/work-order-schema.ts'

const numbersOf = (page: RecordPage) => page.records.map(({ values }) => Number(values['workorderid']))

/** Every page of a query, from the first to the last. */
const walk = async (maximo: MaximoClient, query: Query): Promise<RecordPage[]> => {
  const pages: RecordPage[] = []
  let next: Query['page'] | null = query.page ?? { page: 1 }
  while (next !== null) {
    const page = await maximo.query({ ...query, page: next }, aCall())
    if (!page.ok) throw new Error(JSON.stringify(page.error))
    pages.push(page.value)
    next = page.value.next
  }
  return pages
}

describe('keyset paging', () => {
  let simulator: Simulator
  let egress: Egress
  let maximo: MaximoClient
  beforeAll(async () => {
    simulator = await startSimulator({ port: 0, clock: systemClock })
    egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
    maximo = clientOf(simulator, egress, 'planner@example.com')
  })
  afterAll(async () => {
    await egress.close()
    await simulator.close()
  })
  const keyset = (bend: Partial<Query>): Query =>
    aQuery({ paging: 'keyset', pageSize: 40, count: true, ...bend })
  const numbersIn = (test: (row: Readonly<Record<string, unknown>>) => boolean) =>
    createOracle(simulator.plant)
      .rows('WORKORDER', test)
      .map((row) => Number(row['workorderid']))
      .sort((a, b) => a - b)

  test('gives every record once, by number, with the total on the first page', async () => {
    const pages = await walk(maximo, keyset({}))
    const expected = numbersIn(() => true)
    expect(pages.flatMap(numbersOf)).toEqual(expected)
    expect(pages.map(({ total }) => total)).toEqual([expected.length, ...pages.slice(1).map(() => null)])
    expect(pages.length).toBe(Math.ceil(expected.length / 40))
  })

  test.each([
    ['alone', {}],
    ['beside what must hold', { all: [{ field: 'siteid', op: 'eq', value: 'BEDFORD' }] }],
  ])('goes through alternatives %s, each record once', async (_name, bend) => {
    const any = [
      { field: 'wopriority', op: 'le', value: 2 },
      { field: 'status', op: 'eq', value: 'APPR' },
    ]
    const pages = await walk(maximo, keyset({ ...bend, any, pageSize: 7 }))
    const expected = numbersIn(
      (row) =>
        ((row['wopriority'] !== undefined && Number(row['wopriority']) <= 2) || row['status'] === 'APPR') &&
        (!('all' in bend) || row['siteid'] === 'BEDFORD'),
    )
    expect(pages.flatMap(numbersOf)).toEqual(expected)
    expect(pages[0]?.total).toBe(expected.length)
    expect(expected.length).toBeGreaterThan(20)
  })

  test('gives every record that was there exactly once while others are inserted, and those too', async () => {
    const before = numbersIn(() => true)
    const inserted: number[] = []
    const seen: number[] = []
    for await (const page of maximo.pages(keyset({ pageSize: 50 }), aCall())) {
      if (!page.ok) throw new Error(JSON.stringify(page.error))
      seen.push(...numbersOf(page.value))
      if (page.value.next !== null) inserted.push(await insertWorkOrder(simulator, 'Inserted meanwhile'))
    }
    expect(inserted.length).toBeGreaterThan(3)
    expect(seen).toEqual([...before, ...inserted])
  })

  test('ends where a page is refused', async () => {
    const pages = maximo.pages(keyset({ all: [{ field: 'stauts', op: 'null' }] }), aCall())
    expect(await pages.next()).toMatchObject({ done: false, value: { ok: false } })
    expect(await pages.next()).toEqual({ done: true, value: undefined })
  })

  test('asks for what follows the last number, and for the number itself', () => {
    const parameters = parametersOf({ paging: 'keyset', page: { page: 3, after: 4711 } })
    expect(parameters.get('oslc.where')).toBe('workorderid>4711')
    expect(parameters.get('oslc.orderBy')).toBe('+workorderid')
    expect(parameters.get('oslc.select')).toBe('wonum,workorderid')
    expect(parameters.has('pageno')).toBe(false)
  })

  test.each([
    ['without its number', { paging: 'keyset', page: { page: 2 } }, 'page'],
    ['with half a number', { paging: 'keyset', page: { page: 2, after: 1.5 } }, 'page'],
    ['of the other kind', { page: { page: 2, after: 7 } }, 'page'],
    ['with an order', { paging: 'keyset', orderBy: [{ field: 'wonum', direction: 'asc' }] }, 'orderBy'],
  ] as [string, Partial<Query>, string][])('a cursor or query %s is refused', (_name, bend, path) => {
    expect(problemsOf(bend)).toMatchObject([{ path }])
  })

  test('is refused where no unique number is known', () => {
    const compiled = compileQuery(aQuery({ paging: 'keyset', select: { fields: [] } }), locations)
    expect(compiled).toMatchObject({ ok: false, error: [{ reason: 'not_supported', path: 'paging' }] })
  })

  test.each([
    ['repeats a row', [5, 6, 6]],
    ['goes back', [6, 5]],
    ['starts before the place', [4, 5]],
    ['leaves the number out', [5, undefined]],
    ['writes it as text', [5, '6']],
  ])('a server that %s is a fault, not an endless walk', async (_name, numbers) => {
    const server = await scriptedMaximo((_, response) =>
      sendJson(response, { member: numbers.map((workorderid) => ({ wonum: 'x', workorderid })) }),
    )
    const query = aQuery({ paging: 'keyset', page: { page: 2, after: 4 } })
    expect(await faultOf(clientFor(server.baseUrl).query(query, aCall()))).toMatchObject({
      kind: 'bad_upstream',
      detail: 'page_loop',
    })
  })
})

describe('alternatives with more rows than are fetched at once', () => {
  /** 1,200 rows of even number and 800 that three divides: 1,600 together. */
  const twoKinds = () =>
    scriptedMaximo((request, response) => {
      const parameters = new URL(request.url ?? '', 'http://x').searchParams
      const where = parameters.get('oslc.where') ?? ''
      const rows = Array.from({ length: 2400 }, (_, index) => index + 1).filter(
        (number) =>
          (!where.includes('wopriority') || number % 2 === 0) &&
          (!where.includes('PUMP') || number % 3 === 0),
      )
      if (parameters.get('count') === '1') {
        sendJson(response, { totalCount: rows.length })
        return
      }
      const size = Number(parameters.get('oslc.pageSize'))
      const page = Number(parameters.get('pageno') ?? 1)
      const member = rows.slice((page - 1) * size, page * size).map((workorderid) => ({
        href: `oslc/os/mxapiwodetail/_${workorderid}x`,
        workorderid,
      }))
      const nextPage = { href: `oslc/os/mxapiwodetail?pageno=${page + 1}` }
      const more = page * size < rows.length ? { nextPage } : {}
      sendJson(response, { member, responseInfo: { totalCount: rows.length, ...more } })
    })
  /** Which pages beyond the first were asked for. */
  const pagesOf = ({ seen }: ScriptedMaximo) =>
    seen.flatMap(({ line }) => new URLSearchParams(line.split('?')[1]).get('pageno') ?? [])
  const query = aQuery({
    all: [{ field: 'siteid', op: 'eq', value: 'SIMSITE' }],
    any: [
      { field: 'wopriority', op: 'le', value: 2 },
      { field: 'description', op: 'contains', value: 'PUMP' },
    ],
    pageSize: 200,
    count: true,
  })
  const expected = Array.from({ length: 2400 }, (_, index) => index + 1).filter(
    (number) => number % 2 === 0 || number % 3 === 0,
  )

  test('are merged page by page in an order that numbers decide, and counted by what they share', async () => {
    const maximo = clientFor((await twoKinds()).baseUrl)
    for (const page of [1, 4, 5]) {
      const found = await maximo.query({ ...query, page: { page } }, aCall())
      if (!found.ok) throw new Error(JSON.stringify(found.error))
      expect(numbersOf(found.value)).toEqual(expected.slice((page - 1) * 200, page * 200))
      expect(found.value.total).toBe(1600)
      expect(found.value.next).toEqual({ page: page + 1 })
    }
    expect(await maximo.query({ ...query, page: { page: 6 } }, aCall())).toMatchObject({
      ok: false,
      error: [{ reason: 'too_broad', path: 'page' }],
    })
  })

  test('have no total that nobody asked for', async () => {
    const server = await twoKinds()
    const found = await clientFor(server.baseUrl).query({ ...query, count: false }, aCall())
    expect(found).toMatchObject({ ok: true, value: { total: null, next: { page: 2 } } })
    expect(server.seen.some(({ line }) => line.includes('&count=1'))).toBe(false)
    expect(pagesOf(server)).toEqual(['2', '2'])
  })

  test('are refused in an order that only the database knows', async () => {
    const server = await twoKinds()
    const maximo = clientFor(server.baseUrl)
    const orderBy = [{ field: 'description', direction: 'asc' as const }]
    expect(await maximo.query({ ...query, orderBy }, aCall())).toMatchObject({
      ok: false,
      error: [{ reason: 'too_broad', path: 'any' }],
    })
    expect(pagesOf(server)).toEqual([])
  })
})
