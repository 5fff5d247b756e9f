import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Fault } from '../../../src/dev/simulator/faults.ts'
import { DEFAULT_LIMITS } from '../../../src/mcp/admission/limits.ts'
import { openDoor } from '../../support/mcp/mcp-door.ts'
import { call, legacyRequest } from '../../support/mcp/mcp-requests.ts'
import { openPlantDoor, type PlantDoor } from '../../support/maximo/plant-door.ts'
import { echo, waiting } from '../../support/mcp/small-tools.ts'
import {
  askedTooMuch,
  IN_ADMIN_MODE,
  NOT_AVAILABLE,
  NOT_MAXIMO,
  REFUSED_BY_RULE,
  withoutErrorId,
} from '../../support/maximo/trouble-texts.ts'

let plant: PlantDoor
beforeAll(async () => {
  plant = await openPlantDoor()
  // Schemas are read once; the trouble below is about the rows.
  await plant.ask('query_records', { object: 'mxapiasset', limit: 1 })
})
afterEach(() => plant.simulator.faults.clear())
afterAll(() => plant.close())

const ask = () => plant.ask('query_records', { object: 'mxapiasset', site: 'BEDFORD', limit: 2 })

describe('what goes wrong in Maximo is a tool error in our own words', () => {
  test.each<[string, Fault, string]>([
    ['a router’s error page', { kind: 'html-error', status: 503 }, NOT_AVAILABLE],
    ['a login page with 200', { kind: 'login-page' }, NOT_MAXIMO],
    ['a redirect', { kind: 'redirect', location: 'https://evil.example/login' }, NOT_MAXIMO],
    ['cut JSON', { kind: 'truncated-json' }, NOT_MAXIMO],
    ['another media type', { kind: 'content-type', value: 'text/html' }, NOT_MAXIMO],
    ['too many requests', { kind: 'too-many-requests', retryAfter: '0' }, askedTooMuch(0)],
    ['admin mode', { kind: 'admin-mode' }, IN_ADMIN_MODE],
    ['an error inside of 200', { kind: 'error-in-200' }, REFUSED_BY_RULE],
    [
      'a next page on another host',
      { kind: 'foreign-next-page', origin: 'https://evil.example' },
      NOT_MAXIMO,
    ],
  ])('%s', async (_name, fault, expected) => {
    plant.simulator.faults.add({ fault, when: 'os/mxapiasset' })
    const { text, isError } = await ask()
    expect([isError, withoutErrorId(text)]).toEqual([true, expected])
  })

  test('an answer of 5 MB is not read to its end, and how to ask for less is said', async () => {
    plant.simulator.faults.add({ fault: { kind: 'huge-body', bytes: 5_000_000 }, when: 'os/mxapiasset' })
    const { text, isError } = await ask()
    expect(isError).toBe(true)
    expect(text).toMatch(
      /^too_large: The answer of Maximo is too large\.\n(?:Why: .*\n)?What to do: Ask for fewer rows/,
    )
  })

  test('a key that was revoked names who can replace it', async () => {
    const before = await plant.ask('get_context', {}, 'technician@example.com')
    expect(before.isError).toBe(false)
    await plant.simulator.accounts.regenerateKey('technician@example.com')
    const { text } = await plant.ask('get_context', {}, 'technician@example.com')
    expect(withoutErrorId(text)).toBe(
      'credentials_rejected: Maximo does not accept the credential stored for this environment. The Maximo API key is invalid, expired or revoked.\n' +
        "Why: Maximo's reason code is BMXAA9549E.\n" +
        'What to do: The owner of the connection replaces the Maximo key in the portal (Environments). Do not try again before that.',
    )
  })

  test('and when the trouble is over, the next call works', async () => {
    expect((await ask()).isError).toBe(false)
  })
})

describe('text that people typed into Maximo', () => {
  test('comes whole, and is named as what it is', async () => {
    const names = plant.simulator.plant.rows('PERSON').map((row) => String(row['displayname']))
    const { body } = await plant.ask('query_records', {
      object: 'mxapiperson',
      select: ['displayname'],
      limit: 200,
    })
    expect((body['rows'] as string[][]).map(([name]) => name).sort()).toEqual(names.sort())
    expect(body['untrusted']).toEqual(['displayname'])
  })
})

describe('every tool call is one record in the audit log, before the answer', () => {
  test('with who, what, where and how much, but no value', async () => {
    await plant.ask('query_records', { object: 'mxapiasset', site: 'BEDFORD', limit: 2 })
    expect(plant.door.events.at(-1)).toEqual({
      eventType: 'mcp.call',
      outcome: 'success',
      operation: 'query_records',
      principal: 'user_planner@example.com',
      authMethod: 'oauth_token',
      resource: 'MXAPIASSET',
      action: 'tools/call',
      queryParams: { object: 'mxapiasset', site: 'BEDFORD', limit: 2 },
      responseCode: 200,
      recordCount: 2,
      sourceIP: '127.0.0.1',
      duration_ms: expect.any(Number),
      userAgent: 'lightMyRequest',
      correlationId: expect.any(String),
      masInstance: new URL(plant.simulator.baseUrl).host,
      tokenId: expect.any(String),
      grantId: expect.any(String),
      clientId: expect.any(String),
      environmentId: expect.any(String),
      tool: 'query_records',
    })
  })

  test('what we refused and what Maximo broke are told apart', async () => {
    await plant.ask('query_records', { object: 'mxapiasset', select: ['nope'] })
    expect(plant.door.events.at(-1)).toMatchObject({ outcome: 'refused', reason: 'invalid_field' })
    plant.simulator.faults.add({ fault: { kind: 'truncated-json' }, when: 'os/mxapiasset' })
    await ask()
    expect(plant.door.events.at(-1)).toMatchObject({ outcome: 'failed', reason: 'bad_upstream' })
  })

  test('the correlation id of the answer is in the record and reaches Maximo', async () => {
    const { text } = await plant.ask('query_records', { object: 'mxapiasset', select: ['nope'] })
    expect(text).toContain(`Error id: ${String(plant.door.events.at(-1)?.correlationId)}`)
  })

  test('when it cannot be written, nothing is answered but 503', async () => {
    const door = await openDoor({ catalog: [echo], onAudit: () => Promise.reject(new Error('disk full')) })
    const answer = await door.app.inject(legacyRequest(call('echo_text', { text: 'x' }), await door.token()))
    expect(answer.statusCode).toBe(503)
    expect(answer.headers['retry-after']).toBeDefined()
    expect(answer.body).not.toContain('"text":"x"')
    await door.close()
  })
})

describe('limits', () => {
  test('a tool’s own rate is 429 with a pause; another tool goes on', async () => {
    const limits = {
      ...DEFAULT_LIMITS,
      tool: { read: { perMinute: 60, burst: 2 }, write: { perMinute: 1, burst: 1 } },
    }
    const door = await openDoor({ catalog: [echo, { ...echo, name: 'echo_again' }], limits })
    const token = await door.token()
    const say = async (name: string) =>
      (await door.app.inject(legacyRequest(call(name, { text: 'x' }), token))).statusCode
    expect([await say('echo_text'), await say('echo_text'), await say('echo_text')]).toEqual([200, 200, 429])
    expect(await say('echo_again')).toBe(200)
    await door.close()
  })

  test('500 calls at once are answered or told when to come back, and then there is room again', async () => {
    const door = await openDoor({ catalog: [echo], limits: DEFAULT_LIMITS })
    const token = await door.token()
    const say = () => door.app.inject(legacyRequest(call('echo_text', { text: 'x' }), token))
    const all = await Promise.all(Array.from({ length: 500 }, say))
    const refused = all.filter(({ statusCode }) => statusCode === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(all.filter(({ statusCode }) => statusCode === 200)).toHaveLength(500 - refused.length)
    for (const { headers } of refused) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    door.workshop.clock.advance(60_000)
    expect((await say()).statusCode).toBe(200)
    await door.close()
  })

  test('a place among the running calls is given back, whatever the end', async () => {
    const wait = waiting()
    const one = { interactive: 1, sync: 1, reporting: 1, batch: 1, webhook: 1 }
    const door = await openDoor({
      catalog: [echo, wait.tool],
      limits: { ...DEFAULT_LIMITS, concurrent: one },
    })
    const token = await door.token()
    const url = await door.listen()
    const leaving = new AbortController()
    const { headers, payload } = legacyRequest(call('wait_forever'), token)
    const running = fetch(`${url}/mcp`, {
      method: 'POST',
      headers,
      body: payload,
      signal: leaving.signal,
    }).catch(() => null)
    await wait.started
    const say = async () =>
      (await door.app.inject(legacyRequest(call('echo_text', { text: 'x' }), token))).statusCode
    expect(await say()).toBe(429)
    leaving.abort()
    await running
    await expect.poll(say).toBe(200)
    await door.close()
  })
})

describe('a status list that may not be read', () => {
  let other: PlantDoor
  beforeAll(async () => {
    other = await openPlantDoor()
    const text = 'BMXAA9301E - No authorization'
    const fault: Fault = { kind: 'bmx-error', status: 400, code: 'BMXAA9301E', text }
    other.simulator.faults.add({ fault, when: 'os/mxapisynonymdomain' })
  })
  afterAll(() => other.close())

  const ASK = 'Ask a Maximo administrator for the right to read MXAPISYNONYMDOMAIN.'
  test.each([
    ['search_work_orders', {}, `Give exact values in "status" together with state "any". ${ASK}`],
    ['call_read_tool', { tool: 'get_pm_forecast', arguments: {} }, ASK],
  ])('%s %j is told a way that it has', async (tool, args, expected) => {
    const { text, isError } = await other.ask(tool, args)
    expect([isError, withoutErrorId(text)]).toEqual([
      true,
      expect.stringMatching(
        new RegExp(
          `^not_permitted: The status list \\(\\w+\\) cannot be read, so the meaning of states is not known\\.\n` +
            `Why: The Maximo user may lack the right to read domains\\.\nWhat to do: ${expected.replaceAll('.', '\\.')}$`,
        ),
      ),
    ])
  })
})
