import { afterEach, describe, expect, test } from 'vitest'
import { request } from 'undici'
import type { Fault } from '../../../src/dev/simulator/faults.ts'
import { PROBE } from '../../support/wire/probe.ts'
import { runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant()
const ASSETS = { 'oslc.select': 'assetnum', 'oslc.pageSize': '5', collectioncount: '1' }
const ask = (): Promise<Answered> => plant.ask('os/mxapiasset', ASSETS)
const under = async (fault: Fault): Promise<Answered> => {
  plant.simulator.faults.add({ fault, times: 1 })
  return ask()
}
afterEach(() => plant.simulator.faults.clear())

describe('a fault', () => {
  test.each([500, 502, 503, 504] as const)('answers %d in HTML', async (status) => {
    const answered = await under({ kind: 'html-error', status })
    expect([answered.status, answered.headers['content-type']]).toEqual([status, 'text/html;charset=UTF-8'])
  })
  test('answers a login page with 200', async () => {
    const answered = await under({ kind: 'login-page' })
    expect([answered.status, answered.headers['content-type']]).toEqual([200, 'text/html;charset=UTF-8'])
  })
  test('redirects to another host', async () => {
    const answered = await under({ kind: 'redirect', location: 'https://sso.example/login' })
    expect([answered.status, answered.headers['location']]).toEqual([302, 'https://sso.example/login'])
  })
  test('cuts the JSON short inside a complete HTTP answer', async () => {
    const answered = await under({ kind: 'truncated-json' })
    expect(answered.headers['content-type']).toBe('application/json')
    expect(() => JSON.parse(answered.text) as unknown).toThrow(SyntaxError)
  })
  test.each(['before-answer', 'after-work', 'mid-body'] as const)(
    'resets the connection %s',
    async (when) => {
      await expect(under({ kind: 'reset', when })).rejects.toThrow()
      expect((await ask()).status).toBe(200)
    },
  )
  test('never answers', async () => {
    plant.simulator.faults.add({ fault: { kind: 'silence' }, times: 1 })
    const abort = new AbortController()
    const asked = request(`${plant.simulator.baseUrl}/api/ping`, { signal: abort.signal, headers: PROBE })
    const ended = asked.catch(() => 'aborted')
    expect(await Promise.race([ended, ask()])).toMatchObject({ status: 200 })
    abort.abort()
    expect(await ended).toBe('aborted')
  })
  test('answers 429, with whatever Retry-After it is told', async () => {
    const answered = await under({ kind: 'too-many-requests', retryAfter: '-7' })
    expect([answered.status, answered.headers['retry-after']]).toEqual([429, '-7'])
    expect((await under({ kind: 'too-many-requests', retryAfter: null })).headers).not.toHaveProperty(
      'retry-after',
    )
  })
  test('is admin mode', async () => {
    expect((await under({ kind: 'admin-mode' })).json.Error).toMatchObject({
      reasonCode: 'BMXAA0578E',
      statusCode: '400',
    })
  })
  test('makes the body huge and leaves it JSON', async () => {
    const answered = await under({ kind: 'huge-body', bytes: 5_000_000 })
    expect(answered.text.length).toBeGreaterThan(5_000_000)
    expect(answered.json.member).toHaveLength(5)
  })
  test('changes the content type', async () => {
    expect((await under({ kind: 'content-type', value: 'text/plain' })).headers['content-type']).toBe(
      'text/plain',
    )
  })
  test('breaks the encoding', async () => {
    expect((await under({ kind: 'bad-utf8' })).text).toContain('\uFFFD')
  })
  test('sends the reader to a foreign host, or round in a circle', async () => {
    const foreign = await under({ kind: 'foreign-next-page', origin: 'https://evil.example' })
    expect(foreign.json.responseInfo.nextPage?.href).toMatch(
      /^https:\/\/evil\.example\/maximo\/oslc\/os\/mxapiasset\?pageno=2&/,
    )
    const { href, nextPage } = (await under({ kind: 'next-page-loop' })).json.responseInfo
    expect(nextPage?.href).toBe(href)
  })
  test('lies about the total', async () => {
    const honest = (await ask()).json.responseInfo.totalCount
    expect((await under({ kind: 'wrong-total', by: 3 })).json.responseInfo.totalCount).toBe(honest + 3)
  })
  test('puts an error into a 200', async () => {
    const answered = await under({ kind: 'error-in-200' })
    expect([answered.status, answered.json.Error.statusCode]).toEqual([200, '400'])
  })
  test('delays and then answers', async () => {
    expect((await under({ kind: 'latency', ms: 1 })).json.member).toHaveLength(5)
  })
})

describe('a rule', () => {
  test('hits as often as it says, and only what it names', async () => {
    const { faults } = plant.simulator
    faults.add({ fault: { kind: 'html-error', status: 503 }, times: 2, when: 'mxapiasset' })
    const statuses: number[] = []
    for (const path of ['whoami', 'os/mxapiasset', 'os/mxapiasset', 'os/mxapiasset'])
      statuses.push((await plant.ask(path)).status)
    expect(statuses).toEqual([200, 503, 503, 200])
  })
  test('without a number holds until it is cleared', async () => {
    plant.simulator.faults.add({ fault: { kind: 'html-error', status: 500 } })
    expect([(await ask()).status, (await ask()).status]).toEqual([500, 500])
    plant.simulator.faults.clear()
    expect((await ask()).status).toBe(200)
  })
})

describe('the request counter', () => {
  test('counts what reaches Maximo, refused or not, and says who asked', async () => {
    const { requests } = plant.simulator
    requests.reset()
    await plant.ask('whoami')
    await plant.ask('whoami', {}, { as: null })
    await request(`${plant.simulator.url}/healthz`)
    expect(requests()).toBe(2)
    expect(requests.seen().map(({ path, userId }) => [path, userId])).toEqual([
      ['/maximo/api/whoami', 'WILSON'],
      ['/maximo/api/whoami', null],
    ])
  })
  test('keeps no key', async () => {
    const { apiKey } = plant.simulator.accounts.of('WILSON')
    await plant.ask('whoami', { apikey: apiKey }, { as: null })
    expect(JSON.stringify(plant.simulator.requests.seen())).not.toContain(apiKey)
  })
})

describe('the control route', () => {
  const control = (
    path: string,
    options: { method?: 'GET' | 'POST' | 'DELETE'; body?: object; header?: string },
  ): ReturnType<typeof request> =>
    request(`${plant.simulator.url}/control/${path}`, {
      method: options.method ?? 'GET',
      headers: { 'x-simulator-control': options.header ?? '1', 'content-type': 'application/json' },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    })

  test('sets and clears faults and replaces keys', async () => {
    await control('faults', { method: 'POST', body: { fault: { kind: 'html-error', status: 502 } } })
    expect((await ask()).status).toBe(502)
    await control('faults', { method: 'DELETE' })
    expect((await ask()).status).toBe(200)
    const answered = await control('regenerate-key', {
      method: 'POST',
      body: { account: 'limited@example.com' },
    })
    expect(await answered.body.json()).toEqual({ apiKey: plant.simulator.accounts.of('LIMITED').apiKey })
    const counted = await control('requests', {})
    expect(await counted.body.json()).toMatchObject({ count: plant.simulator.requests() })
  })
  test('is not there for a web page, which cannot send the header unasked', async () => {
    const answered = await control('regenerate-key', {
      method: 'POST',
      body: { account: 'limited@example.com' },
      header: '',
    })
    expect(answered.statusCode).toBe(404)
  })
})
