import type { LookupFunction } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { UpdateRequest } from '../../src/maximo/write/contract.ts'
import { manualClock } from '../support/clock.ts'
import { ASSET_ROWS, ASSETS, type FaultyEnvironment, faultyPlant } from '../support/faults/faulty-plant.ts'
import { bent } from '../support/faults/http-bend.ts'
import type { ProxyFault } from '../support/faults/proxy-fault.ts'
import { openGate, turn, turns } from '../support/turns.ts'
import { call, legacyRequest } from '../support/mcp/mcp-requests.ts'
import { expectRequestsAt } from '../support/wire/hosts.ts'
import { aCall, faultOf } from '../unit/maximo/support/scripted-maximo.ts'

/** What networks and dying servers do to a connection: the MCP server, a fault proxy, the simulator. */
const SHORT = { connectMs: 2_000, firstByteMs: 1_500, bodyMs: 1_500, wholeMs: 2_000 }
const plant = faultyPlant({ deadlines: SHORT })

const SILENT: ProxyFault = { kind: 'silence' }
/** The head and some of the body at once. */
const DRIPPING: ProxyFault = { kind: 'drip', first: 400, everyMs: 20 }

describe('M6: a slow, dripping or silent Maximo ends by our clock, its socket and its place with it', () => {
  afterEach(() => void vi.useRealTimers())

  test('an answer that is late within the deadlines is an answer', async () => {
    const environment = await plant.environment()
    environment.proxy.set({ kind: 'delay', ms: 100 }, { when: ASSET_ROWS })
    expect((await environment.assets()).isError).toBe(false)
  })

  test('each is a tool error, was asked once, and its socket is destroyed', async () => {
    const faults: ProxyFault[] = [
      SILENT,
      { kind: 'delay', ms: 60_000 },
      { kind: 'drip', first: 10, everyMs: 20 },
      DRIPPING,
    ]
    await Promise.all(
      faults.map(async (fault) => {
        const environment = await plant.environment()
        environment.proxy.set(fault, { when: ASSET_ROWS })
        const { text } = await environment.assets()
        expect(text).toMatch(/^upstream_slow: Maximo did not answer in time/)
        await expect.poll(() => environment.proxy.stuck()).toBe(0)
        expect(environment.asked()).toBe(1)
      }),
    )
    expect(plant.door.events.slice(-faults.length).map(({ outcome, reason }) => [outcome, reason])).toEqual(
      faults.map(() => ['failed', 'upstream_slow']),
    )
  })

  const stuck = { kind: 'drip', first: 400, everyMs: 60_000 } as const
  test.each<[string, number, ProxyFault & { afterMs?: number }]>([
    ['first_byte', 15_000, SILENT],
    ['body', 20_000, stuck],
    ['body', 20_000, DRIPPING],
    ['whole', 30_000, { ...stuck, afterMs: 14_000 }],
  ])('by default the deadline %s ends it after %i ms: %j', async (detail, ends, fault) => {
    const head = fault.afterMs ?? 0
    const environment = await plant.environment()
    const { client } = await plant.informed(environment)
    environment.proxy.set(fault, { when: ASSET_ROWS })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let isOver = false
    const ended = faultOf(client.query(ASSETS, aCall())).finally(() => (isOver = true))
    const delivered = environment.proxy.delivered()
    while (environment.asked() === 0) await turn()
    await turns()
    vi.advanceTimersByTime(head)
    while (fault.kind === 'drip' && environment.proxy.delivered() === delivered) await turn()
    await turns()
    vi.advanceTimersByTime(ends - head - 1)
    await turns()
    expect(isOver).toBe(false)
    vi.advanceTimersByTime(1)
    expect(await ended).toMatchObject({ kind: 'timeout', detail })
  })

  test('sixteen that hang give their places back: sixteen more find them', async () => {
    const environment = await plant.environment()
    const clock = manualClock()
    const { client } = await plant.informed(environment, { clock, deadlines: SHORT })
    environment.proxy.set(SILENT, { when: ASSET_ROWS, times: 16 })
    const sixteen = () => Array.from({ length: 16 }, () => client.query(ASSETS, aCall()))
    const faults = await Promise.all(sixteen().map(faultOf))
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['timeout']))
    // Five failures in a row have opened the breaker; after its rest one probe closes it.
    clock.advance(2_001)
    expect(await client.query(ASSETS, aCall())).toMatchObject({ ok: true })
    for (const page of await Promise.all(sixteen())) expect(page).toMatchObject({ ok: true })
    await expect.poll(() => environment.proxy.stuck()).toBe(0)
  })
})

describe('connections that nobody takes, or that break', () => {
  test.each<[string, ProxyFault]>([
    ['reset as soon as it asks', { kind: 'reset', when: 'asked' }],
    ['reset in place of an answer', { kind: 'reset', when: 'answered' }],
    ['closed in the middle of the head', { kind: 'cut', after: 30, how: 'end' }],
    ['closed in the middle of the body', { kind: 'cut', after: 400, how: 'end' }],
    ['reset in the middle of the body', { kind: 'cut', after: 400, how: 'reset' }],
  ])('%s: asked again, and when that lasts a tool error', async (_name, fault) => {
    const environment = await plant.environment()
    environment.proxy.set(fault, { when: ASSET_ROWS, times: 1 })
    expect((await environment.assets()).isError).toBe(false)
    expect(environment.asked()).toBe(2)
    environment.proxy.set(fault, { when: ASSET_ROWS })
    const { text } = await environment.assets()
    expect(text).toMatch(/^(upstream_down|bad_upstream): /)
    expect(text).not.toMatch(/ECONN|127\.0\.0\.1|socket/)
  })

  test('nobody listens, until somebody does', async () => {
    const environment = await plant.environment()
    await environment.proxy.refuse()
    expect((await environment.assets()).text).toMatch(/^upstream_down: Maximo cannot be reached/)
    await environment.proxy.listen()
    expect((await environment.assets()).isError).toBe(false)
  })
})

describe('M11: a name is judged by every address that it resolves to, and by the socket', () => {
  const resolving =
    (...answers: string[][]): LookupFunction =>
    (_name, _options, callback) => {
      const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? []
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    }
  const named = (environment: FaultyEnvironment, lookup: LookupFunction) => {
    const baseUrl = `http://plant.localhost:${environment.proxy.port}/maximo`
    expectRequestsAt(baseUrl)
    return plant.maximo({ baseUrl }, { lookup }).client
  }

  test('one that leads to the simulator is asked', async () => {
    const environment = await plant.environment()
    const client = named(environment, resolving(['127.0.0.1']))
    expect(await client.whoAmI(aCall())).toMatchObject({ userName: 'WILSON' })
  })

  test.each([
    ['the metadata service', ['169.254.169.254']],
    ['a private network', ['10.0.0.5']],
    ['the simulator and the metadata service', ['127.0.0.1', '169.254.169.254']],
    ['the metadata service in IPv6 clothes', ['::ffff:169.254.169.254']],
    ['nothing', []],
  ])('one that leads to %s is refused before a socket is opened', async (_name, addresses) => {
    const environment = await plant.environment()
    const connections = environment.proxy.connections()
    const client = named(environment, resolving(addresses))
    expect(await faultOf(client.whoAmI(aCall()))).toMatchObject({ kind: 'egress_refused' })
    expect(environment.proxy.connections()).toBe(connections)
  })

  test('one that changes its mind after the check is refused at the next connection', async () => {
    const environment = await plant.environment()
    const client = named(environment, resolving(['127.0.0.1'], ['169.254.169.254']))
    await client.schema('mxapiasset', aCall())
    environment.proxy.set({ kind: 'reset', when: 'asked' }, { when: ASSET_ROWS, times: 1 })
    expect(await faultOf(client.query(ASSETS, aCall()))).toMatchObject({ kind: 'egress_refused' })
  })

  test('one that does not resolve is unreachable', async () => {
    const environment = await plant.environment()
    const missing: LookupFunction = (_name, _options, callback) =>
      callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])
    expect(await faultOf(named(environment, missing).whoAmI(aCall()))).toMatchObject({
      kind: 'unreachable',
      detail: 'dns',
    })
  })
})

describe('M12: a write whose answer is lost is unknown, and was sent once', () => {
  /** A work order of the simulator, read by way of the environment. */
  async function written(environment: FaultyEnvironment, description = 'Changed') {
    const { client, writer } = plant.maximo(environment, { deadlines: SHORT })
    const orders = { objectStructure: 'mxapiwodetail', select: { fields: ['wonum', 'siteid'] }, pageSize: 1 }
    const page = await client.query(
      { ...orders, all: [{ field: 'status', op: 'eq', value: 'WAPPR' }] },
      aCall(),
    )
    const record = page.ok ? page.value.records[0] : undefined
    if (typeof record?.id !== 'string' || record.rowstamp === null) throw new Error('no work order')
    const { id, rowstamp, values } = record
    const request: UpdateRequest = {
      objectStructure: 'MXAPIWODETAIL',
      id,
      rowstamp,
      values: { description },
    }
    const row = () =>
      plant.simulator.plant
        .rows('WORKORDER')
        .find(({ wonum, siteid }) => wonum === values['wonum'] && siteid === values['siteid'])
    return { writer, request, row }
  }

  test.each<[string, ProxyFault, string, boolean]>([
    ['RST before Maximo saw it', { kind: 'reset', when: 'asked' }, 'reset', false],
    ['RST after Maximo did it', { kind: 'reset', when: 'answered' }, 'reset', true],
    ['a head cut by RST', { kind: 'cut', after: 40, how: 'reset' }, 'reset', true],
    ['a head cut by FIN', { kind: 'cut', after: 40, how: 'end' }, 'reset', true],
    ['a body cut by FIN', { kind: 'cut', after: 330, how: 'end' }, 'truncated', true],
    ['half of the JSON', bent({ body: (body) => body.subarray(0, body.length / 2) }), 'malformed', true],
    ['a login page', bent({ headers: { 'content-type': 'text/html' } }), 'login_page', true],
    ['silence', SILENT, 'whole', false],
    ['an answer that comes too late', { kind: 'delay', ms: 60_000 }, 'whole', true],
  ])('%s', async (name, fault, detail, isDone) => {
    const environment = await plant.environment()
    const { writer, request, row } = await written(environment, name)
    environment.proxy.set(fault, { when: 'POST ' })
    plant.simulator.requests.reset()
    expect(await writer.update(request, aCall())).toEqual({ kind: 'unknown', detail })
    expect(environment.proxy.exchanges('POST ')).toBe(1)
    const posts = plant.simulator.requests.seen().filter(({ method }) => method === 'POST')
    expect(posts).toHaveLength(isDone ? 1 : 0)
    expect(row()?.['description'] === name).toBe(isDone)
  })

  test.each<[string, ProxyFault, boolean]>([
    ['RST before Maximo saw it', { kind: 'reset', when: 'asked' }, false],
    ['RST after Maximo did it', { kind: 'reset', when: 'answered' }, true],
  ])('of a change that a tool commits: %s. The tool and audit say so', async (name, fault, isDone) => {
    const environment = await plant.environment()
    const args = { record: '1001', kind: 'work_order', summary: name, reason: 'a test' }
    const asked = { tool: 'add_work_log', arguments: args }
    const { body } = await environment.ask('call_write_tool', asked)
    environment.proxy.set(fault, { when: 'POST ' })
    const sent = () => environment.ask('commit_change', { change_id: body['change_id'] })
    expect((await sent()).text).toMatch(/^unknown_outcome: /)
    const { door, simulator } = plant
    const audited = door.events.filter(({ eventType }) => eventType === 'maximo.write').slice(-2)
    expect(audited.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['intent', 'approved_by_policy'],
      ['failed', 'outcome_unknown'],
    ])
    expect(environment.proxy.exchanges('POST ')).toBe(1)
    environment.proxy.clear()
    expect((await sent()).isError).toBe(!isDone)
    expect(environment.proxy.exchanges('POST ')).toBe(1)
    const logs = simulator.plant.rows('WORKLOG').filter((row) => row['description'] === name)
    expect(logs).toHaveLength(isDone ? 1 : 0)
  })

  test('a caller who goes away after it was sent does not know either', async () => {
    const environment = await plant.environment()
    const { writer, request } = await written(environment)
    environment.proxy.set(SILENT, { when: 'POST ' })
    const caller = new AbortController()
    const sent = writer.update(request, aCall(caller.signal))
    await expect.poll(() => environment.proxy.exchanges('POST ')).toBe(1)
    caller.abort(new Error('gone'))
    expect(await sent).toEqual({ kind: 'unknown', detail: 'aborted' })
    await expect.poll(() => environment.proxy.stuck()).toBe(0)
  })

  test('of many records, the one that the answer leaves out', async () => {
    const environment = await plant.environment()
    const { writer, request } = await written(environment)
    const onlyLast = (body: Buffer) =>
      Buffer.from(JSON.stringify((JSON.parse(body.toString('utf8')) as unknown[]).slice(1)))
    environment.proxy.set(bent({ body: onlyLast }), { when: 'POST ' })
    const { id, rowstamp, values } = request
    const item = { action: 'update', id, rowstamp, values } as const
    const absent = { ...item, id: '_QkVERk9SRC9OT05F' }
    const asked = { objectStructure: 'MXAPIWODETAIL', together: false, items: [item, absent] }
    expect(await writer.bulk(asked, aCall())).toMatchObject({
      items: [{ kind: 'unknown', detail: 'no_item' }, { kind: 'missing' }],
    })
  })

  test.each([
    ['401', 401, 'BMXAA0021E', 'credentials_rejected'],
    ['admin mode', 400, 'BMXAA0578E', 'maintenance'],
    ['500 with its reason', 500, 'BMXAA4210E', 'unavailable'],
    ['an unknown object structure', 404, 'BMXAA4216E', 'not_found'],
  ])('%s certainly changed nothing: a fault, and not sent again', async (_name, status, code, kind) => {
    const environment = await plant.environment()
    const { writer, request } = await written(environment)
    plant.simulator.faults.add({ fault: { kind: 'bmx-error', status, code, text: 'No.' }, when: 'POST ' })
    expect(await faultOf(writer.update(request, aCall()))).toMatchObject({ kind })
    expect(environment.proxy.exchanges('POST ')).toBe(1)
  })

  test('a caller who was gone before sends nothing', async () => {
    const environment = await plant.environment()
    const { writer, request } = await written(environment)
    const gone = aCall(AbortSignal.abort(new Error('gone')))
    await expect(writer.update(request, gone)).rejects.toThrow('gone')
    expect(environment.proxy.exchanges('POST ')).toBe(0)
  })

  test('after five lost answers nothing is sent any more', async () => {
    const environment = await plant.environment()
    const { writer, request } = await written(environment)
    environment.proxy.set({ kind: 'reset', when: 'asked' }, { when: 'POST ' })
    for (let sent = 0; sent < 5; sent++)
      expect(await writer.update(request, aCall())).toMatchObject({ kind: 'unknown' })
    const fault = await faultOf(writer.update(request, aCall()))
    expect(fault).toMatchObject({ kind: 'unavailable', detail: 'breaker_open' })
    expect(environment.proxy.exchanges('POST ')).toBe(5)
  })
})

describe('M13: one environment that is dead slows no other', () => {
  test('nine healthy ones answer while forty callers hang on it, sixteen of them at Maximo', async () => {
    const dead = await plant.environment()
    const { client } = await plant.informed(dead)
    dead.proxy.set(SILENT)
    const leaving = new AbortController()
    const stuck = Array.from({ length: 40 }, () => client.query(ASSETS, aCall(leaving.signal)))
    let isUnstuck = false
    for (const call of stuck)
      call.then(
        () => (isUnstuck = true),
        () => (isUnstuck = true),
      )
    await expect.poll(() => dead.proxy.stuck()).toBe(16)
    const healthy = await Promise.all(Array.from({ length: 9 }, () => plant.environment()))
    const answers = await Promise.all(healthy.flatMap((one) => [one.assets(), one.assets()]))
    expect(answers.filter(({ isError }) => isError)).toEqual([])
    expect([dead.proxy.stuck(), isUnstuck]).toEqual([16, false])
    leaving.abort(new Error('gone'))
    await Promise.allSettled(stuck)
    await expect.poll(() => dead.proxy.stuck()).toBe(0)
  })

  test('of 49 callers at one that is slow, sixteen ask at a time, the last is told to come back', async () => {
    const environment = await plant.environment()
    const { client } = await plant.informed(environment)
    const gate = openGate()
    environment.proxy.set({ kind: 'hold', until: gate.opened }, { when: ASSET_ROWS })
    const calls = Array.from({ length: 48 }, () => client.query(ASSETS, aCall()))
    await expect.poll(() => environment.asked()).toBe(16)
    expect(await faultOf(client.query(ASSETS, aCall()))).toMatchObject({
      kind: 'rate_limited',
      detail: 'queue_full',
    })
    gate.open()
    expect((await Promise.all(calls)).filter(({ ok }) => !ok)).toEqual([])
    expect(environment.asked()).toBe(48)
  })
})

describe('M14: a client that goes away takes its question to Maximo along', () => {
  test('closing the request of a tool call destroys the socket to Maximo; audit says so', async () => {
    const environment = await plant.environment()
    environment.proxy.set(SILENT, { when: ASSET_ROWS })
    const url = await plant.door.listen()
    const { apiKey } = plant.simulator.accounts.of('planner@example.com')
    const token = await plant.door.token({ maximo: { baseUrl: environment.baseUrl, apiKey } })
    const { headers, payload } = legacyRequest(
      call('query_records', { object: 'mxapiasset', site: 'BEDFORD', limit: 2 }),
      token,
    )
    const leaving = new AbortController()
    const sent = { method: 'POST', headers, body: payload, signal: leaving.signal }
    const asked = fetch(`${url}/mcp`, sent).catch(() => 'gone')
    await expect.poll(() => environment.proxy.stuck()).toBe(1)
    leaving.abort()
    expect(await asked).toBe('gone')
    await expect.poll(() => environment.proxy.stuck(), { interval: 5 }).toBe(0)
    await expect
      .poll(() => plant.lastEvent())
      .toMatchObject({ tool: 'query_records', responseCode: 499, reason: 'client_gone' })
    expect(environment.asked()).toBe(1)
  })

  test('one who waits for a place gives it up, and the rest still get theirs', async () => {
    const environment = await plant.environment()
    const { client } = await plant.informed(environment)
    const gate = openGate()
    environment.proxy.set({ kind: 'hold', until: gate.opened }, { when: ASSET_ROWS })
    const running = Array.from({ length: 16 }, () => client.query(ASSETS, aCall()))
    await expect.poll(() => environment.asked()).toBe(16)
    const caller = new AbortController()
    const leaving = Array.from({ length: 5 }, () => client.query(ASSETS, aCall(caller.signal)))
    const staying = Array.from({ length: 5 }, () => client.query(ASSETS, aCall()))
    caller.abort(new Error('gone'))
    for (const call of leaving) await expect(call).rejects.toThrow('gone')
    gate.open()
    expect((await Promise.all([...running, ...staying])).filter(({ ok }) => !ok)).toEqual([])
    expect(environment.asked()).toBe(21)
  })

  test('one who has gone before asks nothing', async () => {
    const environment = await plant.environment()
    const { client } = await plant.informed(environment)
    const gone = aCall(AbortSignal.abort(new Error('gone')))
    await expect(client.query(ASSETS, gone)).rejects.toThrow('gone')
    expect(environment.asked()).toBe(0)
  })
})
