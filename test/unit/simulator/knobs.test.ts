import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runSimulate } from '../../../src/dev/simulator/command.ts'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { PROBE } from '../../support/wire/probe.ts'
import { runningPlant, type Answered } from './running-plant.ts'

const plant = runningPlant()
const ask = (): Promise<Answered> =>
  plant.ask('os/mxapiasset', { 'oslc.select': 'assetnum', 'oslc.pageSize': '2' })
const control = async (
  method: 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<[number, unknown]> => {
  const answered = await request(`${plant.simulator.url}/control/${path}`, {
    method,
    headers: { 'x-simulator-control': '1' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answered.body.text()
  return [answered.statusCode, text === '' ? null : JSON.parse(text)]
}

afterEach(() => {
  plant.simulator.faults.clear()
  plant.simulator.throttle.set(null)
})

describe('a throttle', () => {
  test('lets so many a minute pass, then says when to come again', async () => {
    expect(await control('POST', 'throttle', { perMinute: 2, status: 429, retryAfter: 'seconds' })).toEqual([
      204,
      null,
    ])
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
    plant.clock.now += 20_000
    const refused = await ask()
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '40'])
    plant.clock.now += 40_000
    expect((await ask()).status).toBe(200)
    expect(await control('DELETE', 'throttle')).toEqual([204, null])
    for (let index = 0; index < 4; index += 1) expect((await ask()).status).toBe(200)
  })

  test('may be 503, with a date or with nothing', async () => {
    plant.simulator.throttle.set({ perMinute: 0, status: 503, retryAfter: 'date' })
    const dated = await ask()
    expect(dated.status).toBe(503)
    expect(Date.parse(String(dated.headers['retry-after'])) - plant.clock.now).toBeLessThanOrEqual(60_000)
    plant.simulator.throttle.set({ perMinute: 0, status: 503, retryAfter: 'none' })
    expect((await ask()).headers).not.toHaveProperty('retry-after')
  })

  test('and a fault are refused when they make no sense', async () => {
    expect(
      (await control('POST', 'throttle', { perMinute: -1, status: 429, retryAfter: 'seconds' }))[0],
    ).toBe(400)
    expect((await control('POST', 'faults', { fault: { kind: 'nosuch' } }))[0]).toBe(400)
    expect((await control('POST', 'refresh-token', { account: 'nobody@example.com' }))[0]).toBe(400)
    expect((await ask()).status).toBe(200)
  })
})

describe('a fault', () => {
  test('may strike each n-th request only', async () => {
    await control('POST', 'faults', {
      fault: { kind: 'html-error', status: 502 },
      every: 3,
      when: 'mxapiasset',
    })
    const seen: number[] = []
    for (let index = 0; index < 6; index += 1) seen.push((await ask()).status)
    expect(seen).toEqual([200, 200, 502, 200, 200, 502])
    expect((await plant.ask('whoami')).status).toBe(200)
  })
  test('may be any refusal of Maximo’s, and a 503 with Retry-After', async () => {
    const fault = {
      kind: 'bmx-error',
      status: 403,
      code: 'BMXAA2283E',
      text: 'The password has expired.',
    } as const
    plant.simulator.faults.add({ fault, times: 1 })
    expect((await ask()).json.Error).toMatchObject({ reasonCode: 'BMXAA2283E', statusCode: '403' })
    plant.simulator.faults.add({ fault: { kind: 'unavailable', retryAfter: '7' }, times: 1 })
    const answered = await ask()
    expect([answered.status, answered.headers['retry-after']]).toEqual([503, '7'])
  })
  test('over HTTP: a refresh token of an account', async () => {
    const [status, body] = await control('POST', 'refresh-token', { account: 'planner@example.com' })
    expect([status, body]).toEqual([200, { refreshToken: expect.any(String) }])
  })
})

describe('maximo-mcp simulate, in trouble', () => {
  let dataDir = ''
  let simulator: Simulator | null = null
  beforeEach(async () => (dataDir = await mkdtemp(join(tmpdir(), 'simulate-'))))
  afterEach(async () => {
    await simulator?.close()
    simulator = null
    await rm(dataDir, { recursive: true })
  })
  const run = async (...args: string[]): Promise<() => Promise<number>> => {
    const started = await runSimulate(
      ['--port', '0', '--data', dataDir, ...args],
      {},
      { write: () => undefined },
    )
    simulator = started
    const headers = { ...PROBE, apikey: started.accounts.of('WILSON').apiKey }
    return async () => {
      const { statusCode, body } = await request(`${started.baseUrl}/api/whoami?lean=1`, { headers })
      await body.text()
      return statusCode
    }
  }

  test('is throttled, in maintenance, or whatever fault it is told', async () => {
    const throttled = await run('--throttle', '1')
    expect([await throttled(), await throttled()]).toEqual([200, 429])
    await simulator?.close()
    expect(await (await run('--maintenance'))()).toBe(400)
    await simulator?.close()
    const faulty = await run(
      '--fault',
      '{"fault":{"kind":"html-error","status":504},"times":1}',
      '--latency',
      '1',
    )
    expect([await faulty(), await faulty()]).toEqual([504, 200])
  })

  test('is of another version, and cuts every second answer short', async () => {
    await run('--version', '7.6.1', '--truncate', '2')
    const url = `${simulator?.baseUrl ?? ''}/api/systeminfo?lean=1`
    const headers = { ...PROBE, apikey: simulator?.accounts.of('WILSON').apiKey ?? '' }
    const texts = [await request(url, { headers }), await request(url, { headers })]
    const [whole, cut] = await Promise.all(texts.map(({ body }) => body.text()))
    expect(JSON.parse(whole ?? '')).toMatchObject({ version: '7.6.1' })
    expect(() => JSON.parse(cut ?? '') as unknown).toThrow(SyntaxError)
  })

  test.each([
    ['a version that is not known', ['--version', '8.0']],
    ['a fault that is none', ['--fault', '{"kind":"latency"}']],
    ['a latency that is no number', ['--latency', 'long']],
  ])('refuses %s', async (_name, args) => {
    await expect(run(...args)).rejects.toMatchObject({ name: 'BadSetting' })
  })
})
