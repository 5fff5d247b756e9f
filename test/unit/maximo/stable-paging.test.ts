import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { MaximoClient, RecordPage } from '../../../src/maximo/contract.ts'
import { openEgress, type Egress } from '../../../src/maximo/egress/egress.ts'
import type { Query } from '../../../src/maximo/query/query.ts'
import { manualClock } from '../../support/clock.ts'
import { insertWorkOrder } from '../../support/maximo/insert-work-order.ts'
import { clientOf } from '../../support/maximo/simulated-client.ts'
import { aQuery, problemsOf } from './support/compiled.ts'
import { aCall, clientFor, faultOf, scriptedMaximo, sendJson } from './support/scripted-maximo.ts'

const PLANNER = 'planner@example.com'
const clock = manualClock()
let simulator: Simulator
let egress: Egress
beforeAll(async () => {
  simulator = await startSimulator({ port: 0, clock })
  egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
})
afterAll(async () => {
  await egress.close()
  await simulator.close()
})

const BY_PRIORITY: Query = aQuery({
  paging: 'stable',
  select: { fields: ['workorderid', 'wopriority'] },
  orderBy: [{ field: 'wopriority', direction: 'desc' }],
  pageSize: 60,
  count: true,
})
const numbersOf = ({ records }: RecordPage) => records.map(({ values }) => Number(values['workorderid']))
const pageOf = async (maximo: MaximoClient, query: Query): Promise<RecordPage> => {
  const page = await maximo.query(query, aCall())
  if (!page.ok) throw new Error(JSON.stringify(page.error))
  return page.value
}
const askedSince = (before: number) => simulator.requests.seen().slice(before)

describe.each(['maxauth', 'apikey'] as const)('a walk that began with %s', (method) => {
  const connect = () => clientOf(simulator, egress, PLANNER, method)

  test('gives what the first page found, each once and in order, whatever is inserted meanwhile', async () => {
    const expected = (await pageOf(connect(), { ...BY_PRIORITY, paging: 'page', pageSize: 1_000 })).records
    const before = simulator.requests.seen().length
    const seen: number[] = []
    const totals: (number | null)[] = []
    const inserted: number[] = []
    for await (const page of connect().pages(BY_PRIORITY, aCall())) {
      if (!page.ok) throw new Error(JSON.stringify(page.error))
      seen.push(...numbersOf(page.value))
      totals.push(page.value.total)
      if (page.value.next !== null) inserted.push(await insertWorkOrder(simulator, 'Inserted meanwhile'))
    }
    expect(inserted.length).toBeGreaterThan(3)
    expect(seen).toEqual(expected.map(({ values }) => Number(values['workorderid'])))
    expect(new Set(totals)).toEqual(new Set([expected.length]))
    const walked = askedSince(before).filter(({ query, path }) => /stable/.test(query) || /logout/.test(path))
    expect(walked.map(({ proofs }) => proofs)).toEqual([
      [method],
      ...totals.slice(1).map(() => ['cookie']),
      ['cookie'],
    ])
    expect(walked.every(({ path }) => path.startsWith('/maximo/oslc/'))).toBe(true)
    const after = await pageOf(connect(), { ...BY_PRIORITY, paging: 'page', pageSize: 1 })
    expect(after.total).toBe(expected.length + inserted.length)
  })

  test('gives a page once: the same again is refused here, and two at once cannot be', async () => {
    const maximo = connect()
    const { next } = await pageOf(maximo, BY_PRIORITY)
    const second = { ...BY_PRIORITY, page: next ?? { page: 2 } }
    const [one, other] = await Promise.all([maximo.query(second, aCall()), maximo.query(second, aCall())])
    expect([one.ok, other.ok].sort()).toEqual([false, true])
    const before = simulator.requests()
    expect(await maximo.query(second, aCall())).toMatchObject({ ok: false, error: [{ path: 'page' }] })
    expect(simulator.requests()).toBe(before)
  })

  test('is nobody else’s', async () => {
    const { next } = await pageOf(connect(), BY_PRIORITY)
    const stranger = await connect().query({ ...BY_PRIORITY, page: next ?? { page: 2 } }, aCall())
    expect(stranger).toMatchObject({ ok: false, error: [{ reason: 'bad_value', path: 'page' }] })
  })

  test('goes through the object it began with', async () => {
    const maximo = connect()
    const { next } = await pageOf(maximo, BY_PRIORITY)
    const other = { ...BY_PRIORITY, objectStructure: 'MXAPIASSET', select: { fields: [] }, orderBy: [] }
    const refused = await maximo.query({ ...other, page: next ?? { page: 2 } }, aCall())
    expect(refused).toMatchObject({ ok: false, error: [{ reason: 'bad_value', path: 'page' }] })
  })

  test('is over after five idle minutes', async () => {
    const maximo = connect()
    const { next } = await pageOf(maximo, BY_PRIORITY)
    clock.advance(5 * 60_000 + 1)
    const late = maximo.query({ ...BY_PRIORITY, page: next ?? { page: 2 } }, aCall())
    expect(await faultOf(late)).toMatchObject({ kind: 'not_found', code: 'BMXAA8807E' })
  })

  test('is over when Maximo has forgotten its session', async () => {
    const maximo = connect()
    const { next } = await pageOf(maximo, BY_PRIORITY)
    clock.advance(30 * 60_000 + 1)
    const late = await maximo.query({ ...BY_PRIORITY, page: next ?? { page: 2 } }, aCall())
    expect(late).toMatchObject({ ok: false, error: [{ reason: 'not_supported', path: 'page' }] })
  })
})

describe('what a stable walk needs', () => {
  const NEXT = 'oslc/os/mxapiwodetail?pageno=2&lean=1&stableId=s1'
  const SESSION = { 'set-cookie': 'JSESSIONID=0000a:1; Path=/; HttpOnly' }
  const STABLE = aQuery({ paging: 'stable', pageSize: 1 })
  /** A Maximo whose first page leads to `href`, and whose second one is what `second` sends. */
  const leadingTo = (
    href: string,
    { headers = SESSION, second = () => undefined }: { headers?: Headers; second?: Script } = {},
  ) =>
    scriptedMaximo((request, response) => {
      if (/stablepaging/.test(request.url ?? ''))
        sendJson(response, { member: [{ wonum: '1' }], responseInfo: { nextPage: { href } } }, 200, headers)
      else if (/logout/.test(request.url ?? '')) sendJson(response, {})
      else second(request, response)
    })
  type Script = Parameters<typeof scriptedMaximo>[0]
  type Headers = Record<string, string | string[]>
  const LAST: Script = (_, response) => sendJson(response, { member: [{ wonum: '2' }] })

  test('is a session; without one nothing is paged by number instead', async () => {
    const maximo = await leadingTo(NEXT, { headers: {} })
    const refused = await clientFor(maximo.baseUrl).query(STABLE, aCall())
    expect(refused).toMatchObject({ ok: false, error: [{ reason: 'not_supported', path: 'paging' }] })
    expect(maximo.asked()).toBe(1)
  })

  test('is a Maximo that keeps the answer', async () => {
    const maximo = await leadingTo('oslc/os/mxapiwodetail?pageno=2&lean=1')
    const refused = await clientFor(maximo.baseUrl).query(STABLE, aCall())
    expect(refused).toMatchObject({ ok: false, error: [{ reason: 'not_supported', path: 'paging' }] })
  })

  test.each([
    ['https://evil.example/maximo/oslc/os/mxapiwodetail?lean=1&stableId=s1', 'foreign_next_page'],
    ['oslc/os/mxapiasset?lean=1&stableId=s1', 'foreign_next_page'],
    ['oslc/os/mxapiwodetail/../../x?lean=1&stableId=s1', 'foreign_next_page'],
    ['oslc/os/mxapiwodetail?lean=1&stableId=s1&x=a b', 'foreign_next_page'],
    ['oslc/os/mxapiwodetail?lean=1&stableId=s1\r\nx: y', 'foreign_next_page'],
    ['oslc/os/mxapiwodetail?stableId=s1', 'foreign_next_page'],
    ['oslc/os/mxapiwodetail?lean=1&stableId=s1&pageno=1', 'page_loop'],
    ['oslc/os/mxapiwodetail?lean=1&stableId=s1&pageno=3', 'page_loop'],
  ])('is a next page of this very question: %j is a fault', async (href, detail) => {
    const maximo = await leadingTo(href)
    const fault = await faultOf(clientFor(maximo.baseUrl).query(STABLE, aCall()))
    expect(fault).toMatchObject({ kind: 'bad_upstream', detail })
  })

  test('is followed as Maximo wrote it, with the cookies for this address and nothing else', async () => {
    const headers = {
      'set-cookie': [
        'JSESSIONID=0000a:1; Path=/maximo; HttpOnly',
        'LtpaToken2=abc==; Path=/',
        'elsewhere=1; Path=/other',
        'foreign=1; Domain=evil.example',
        'gone=1; Max-Age=0',
      ],
    }
    const maximo = await leadingTo(`${NEXT}&oslc.select=wonum`, { headers, second: LAST })
    const client = clientFor(maximo.baseUrl)
    const { next } = await pageOf(client, STABLE)
    expect(JSON.stringify(next)).not.toMatch(/0000a|abc|s1/)
    expect(await pageOf(client, { ...STABLE, page: next ?? { page: 2 } })).toMatchObject({ next: null })
    const [followed, left] = maximo.seen.slice(-2)
    expect(followed?.line).toBe(
      'GET /maximo/oslc/os/mxapiwodetail?pageno=2&lean=1&stableId=s1&oslc.select=wonum',
    )
    expect(left?.line).toMatch(/^POST \/maximo\/oslc\/logout\?/)
    for (const { headers: sent } of [followed, left].filter((each) => each !== undefined)) {
      expect(sent.cookie).toBe('JSESSIONID=0000a:1; LtpaToken2=abc==')
      expect(sent).not.toHaveProperty('apikey')
      expect(sent).not.toHaveProperty('authorization')
    }
  })

  test.each<[string, Script, object]>([
    [
      'that was given already',
      (_, response) => sendJson(response, { Error: { reasonCode: 'BMXAA9510E', statusCode: '404' } }, 404),
      { kind: 'not_found', code: 'BMXAA9510E' },
    ],
    ['that breaks off', (_, response) => response.destroy(), { kind: 'unreachable' }],
  ])('a page %s ends the walk: it is not known which would be next', async (_, second, fault) => {
    const maximo = await leadingTo(NEXT, { second })
    const client = clientFor(maximo.baseUrl)
    const { next } = await pageOf(client, STABLE)
    const again = { ...STABLE, page: next ?? { page: 2 } }
    expect(await faultOf(client.query(again, aCall()))).toMatchObject(fault)
    const asked = maximo.asked()
    expect(await client.query(again, aCall())).toMatchObject({ ok: false, error: [{ path: 'page' }] })
    expect(maximo.asked()).toBe(asked)
  })

  test('a login page in place of the next one says that the session is gone, not that the key is wrong', async () => {
    const maximo = await leadingTo(NEXT, {
      second: (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    })
    const client = clientFor(maximo.baseUrl)
    const { next } = await pageOf(client, STABLE)
    const lost = await client.query({ ...STABLE, page: next ?? { page: 2 } }, aCall())
    expect(lost).toMatchObject({ ok: false, error: [{ reason: 'not_supported', path: 'page' }] })
  })

  test.each<[string, Partial<Query>, string]>([
    ['a later page without its walk', { paging: 'stable', page: { page: 2 } }, 'page'],
    ['a first page with one', { paging: 'stable', page: { page: 1, walk: 'w' } }, 'page'],
    ['a number of keyset paging', { paging: 'stable', page: { page: 2, walk: 'w', after: 1 } }, 'page'],
    ['a walk by page number', { page: { page: 2, walk: 'w' } }, 'page'],
    [
      'alternatives that are several queries',
      {
        paging: 'stable',
        all: [{ field: 'siteid', op: 'eq', value: 'BEDFORD' }],
        any: [
          { field: 'wopriority', op: 'le', value: 2 },
          { field: 'description', op: 'contains', value: 'PUMP' },
        ],
      },
      'paging',
    ],
  ])('%s is refused', (_, bend, path) => {
    expect(problemsOf(bend)).toMatchObject([{ path }])
  })
})
