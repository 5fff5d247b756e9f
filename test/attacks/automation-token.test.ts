import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lastUses } from '../../src/crypto/internal-api.ts'
import { randomId } from '../../src/kernel/random.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { createMaximoClient } from '../../src/maximo/client.ts'
import { openEgress } from '../../src/maximo/egress/egress.ts'
import type { Criterion } from '../../src/maximo/query/query.ts'
import { objectRightsUnder } from '../../src/mcp/admission/object-rights.ts'
import { readPresets } from '../../src/mcp/admission/presets.ts'
import { guardMaximo, ObjectRefused } from '../../src/mcp/tools/run/guarded-maximo.ts'
import { ALICE, BOB, McpWorld, type Answer, type Grant } from '../support/mcp/mcp-world.ts'

let world: McpWorld
beforeAll(async () => {
  world = await McpWorld.start({ TRUSTED_PROXIES: '127.0.0.1' })
})
afterAll(() => world.close())
beforeEach(() => world.clock.advance(60_000))

const tokenWith = async (bend: Record<string, unknown> = {}): Promise<string> =>
  world.token(await world.attestCi(ALICE, bend))
const callTool = (token: string, name: string, args: object, headers = {}, path = '/ci/mcp') =>
  world.rpc(token, {
    path,
    headers,
    body: { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: args } },
  })
const query = (token: string, object: string, more = {}) =>
  callTool(token, 'query_records', { object, limit: 1, ...more })
const reasonOf = (answer: Answer) =>
  (answer.json['error'] as { data?: { reason?: string } } | undefined)?.data?.reason
const textOf = (answer: Answer) =>
  (answer.json['result'] as { content?: { text: string }[] } | undefined)?.content?.[0]?.text ?? ''
const isError = (answer: Answer) =>
  (answer.json['result'] as { isError?: boolean } | undefined)?.isError === true
const toolNames = async (token: string): Promise<string[]> => {
  const answer = await world.rpc(token, { path: '/ci/mcp' })
  return (answer.json['result'] as { tools: { name: string }[] }).tools.map(({ name }) => name)
}

describe('the door', () => {
  test('an automation token opens /ci/mcp and not /mcp; a person’s the other way round', async () => {
    const token = await tokenWith()
    expect((await world.whoAmI(token, { path: '/ci/mcp' })).status).toBe(200)
    expect(await world.whoAmI(token)).toMatchObject({ status: 401 })
    const persons = await world.token(await world.attest(ALICE))
    expect((await world.whoAmI(persons)).status).toBe(200)
    expect((await world.whoAmI(persons, { path: '/ci/mcp' })).status).toBe(401)
  })

  test('its refusal names no OAuth metadata, which would make clients drop the token', async () => {
    const refused = await world.whoAmI(`${await tokenWith()}x`, { path: '/ci/mcp' })
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).not.toContain('resource_metadata')
  })
})

describe('networks', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address })

  test.each([
    ['203.0.113.9', 200],
    ['203.0.114.9', 403],
    ['2001:db8:1::7', 200],
    ['2001:db9::7', 403],
    // The right-most hop that is not ours counts: what a client writes before it is its own word.
    ['203.0.113.9, 198.51.100.1', 403],
    ['198.51.100.1, 203.0.113.9', 200],
    ['203.0.113.9, 127.0.0.1', 200],
    ['nonsense', 403],
  ])('called from %s: %i', async (address, status) => {
    const token = await tokenWith({ net: '203.0.113.0/24 2001:db8::/32' })
    const answer = await world.whoAmI(token, { path: '/ci/mcp', headers: from(address) })
    expect(answer.status).toBe(status)
  })

  test('the refusal says what is wrong, reaches no Maximo and stands in the record', async () => {
    const token = await tokenWith({ net: '203.0.113.0/24' })
    const before = world.simulator.requests()
    const answer = await world.whoAmI(token, { path: '/ci/mcp', headers: from('198.51.100.77') })
    expect(answer).toMatchObject({
      status: 403,
      json: {
        error: {
          message: expect.stringContaining('may not be used from 198.51.100.77') as string,
          data: { reason: 'address_refused' },
        },
      },
    })
    expect(answer.headers['www-authenticate']).toBeUndefined()
    expect(world.simulator.requests()).toBe(before)
    expect((await world.audited()).at(-1)).toMatchObject({
      reason: 'address_refused',
      sourceIP: '198.51.100.77',
    })
  })

  test('a token without networks is served from anywhere', async () => {
    const answer = await world.whoAmI(await tokenWith(), { path: '/ci/mcp', headers: from('198.51.100.77') })
    expect(answer.status).toBe(200)
  })
})

describe('objects', () => {
  test('inside the rules a call is served, outside it is refused with the rule', async () => {
    const token = await tokenWith({ obj: 'MXAPIASSET:r MXAPISR:rw' })
    expect(isError(await query(token, 'mxapiasset'))).toBe(false)
    const before = world.simulator.requests()
    const refused = await query(token, 'mxapiwodetail')
    expect(refused).toMatchObject({
      status: 403,
      json: {
        id: 7,
        error: {
          message: 'This token may not read MXAPIWODETAIL: its rule is objects MXAPIASSET:r MXAPISR:rw.',
          data: { reason: 'object_refused', object: 'MXAPIWODETAIL', access: 'read' },
        },
      },
    })
    expect(world.simulator.requests()).toBe(before)
    expect((await world.audited()).at(-1)).toMatchObject({ reason: 'object_refused', tool: 'query_records' })
  })

  test('whatever the tool and however the object is written', async () => {
    const token = await tokenWith({ obj: 'MXAPIASSET:r' })
    const tries: [string, object][] = [
      ['query_records', { object: 'MxApiWoDetail' }],
      ['get_record', { object: 'mxapiwodetail', id: 'BEDFORD/1001' }],
      ['aggregate_records', { object: 'mxapiwodetail', metrics: ['count'] }],
      ['describe_object', { object: 'mxapiwodetail' }],
      ['search_work_orders', {}],
      ['get_work_order', { wonum: '1001' }],
    ]
    for (const [name, args] of tries) {
      const answer = await callTool(token, name, args)
      expect([name, answer.status, isError(answer)]).not.toEqual([name, 200, false])
      expect(answer.text).not.toContain('wonum":')
    }
  })

  test('a relation does not lead out of the rules', async () => {
    const narrow = await tokenWith({ obj: 'MXAPIWODETAIL:r' })
    const select = ['wonum', 'asset.description']
    const answer = await query(narrow, 'mxapiwodetail', { select })
    expect(textOf(answer)).toContain('not_permitted: This call needs to read MXAPIASSET')
    expect(textOf(answer)).toContain('objects MXAPIWODETAIL:r')
    const filters = [{ field: 'asset.description', op: 'contains', value: 'pump' }]
    expect(textOf(await query(narrow, 'mxapiwodetail', { filters }))).toContain('not_permitted')
    expect(textOf(await query(narrow, 'mxapiwodetail', { order_by: ['-asset.description'] }))).toContain(
      'not_permitted',
    )
    const wide = await tokenWith({ obj: 'MXAPIWODETAIL:r MXAPIASSET:r' })
    expect(isError(await query(wide, 'mxapiwodetail', { select }))).toBe(false)
  })

  test('however deep the condition lies that goes through it', async () => {
    const egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: world.clock })
    const credential = new Secret(world.simulator.accounts.of('planner@example.com').apiKey)
    const environment = { baseUrl: world.simulator.baseUrl, method: 'apikey' as const, credential }
    const client = createMaximoClient({ environment, egress, clock: world.clock })
    const rights = objectRightsUnder(readPresets({}))
    const call = { signal: AbortSignal.timeout(60_000), correlationId: 'test' }
    const ask = (code: string, criterion: Criterion) => {
      const question = { objectStructure: 'MXAPIWODETAIL', select: { fields: ['wonum'] }, pageSize: 1 }
      return guardMaximo(client, rights(code)).query({ ...question, all: [criterion] }, call)
    }
    const through = { field: 'asset.description', op: 'contains', value: 'pump' }
    const own = { field: 'status', op: 'eq', value: 'APPR' }
    for (const criterion of [{ any: [own, through] }, { all: [{ any: [through, own] }] }])
      await expect(ask('MXAPIWODETAIL:r', criterion)).rejects.toThrow(ObjectRefused)
    await expect(ask('MXAPIWODETAIL:r', { some: 'asset', all: [own] })).rejects.toThrow(ObjectRefused)
    expect(await ask('MXAPIWODETAIL:r', { any: [own, own] })).toMatchObject({ ok: true })
    expect(await ask('MXAPIWODETAIL:r MXAPIASSET:r', { any: [own, through] })).toMatchObject({ ok: true })
    const further = { field: 'asset.location.description', op: 'contains', value: 'pump' }
    await expect(ask('MXAPIWODETAIL:r MXAPIASSET:r', further)).rejects.toThrow(ObjectRefused)
    expect(await ask('MXAPIWODETAIL:r MXAPIASSET:r MXAPIOPERLOC:r', further)).toMatchObject({ ok: true })
    client.close()
    await egress.close()
  })

  test('nothing else of another object is read or listed', async () => {
    const egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: world.clock })
    const credential = new Secret(world.simulator.accounts.of('planner@example.com').apiKey)
    const environment = { baseUrl: world.simulator.baseUrl, method: 'apikey' as const, credential }
    const client = createMaximoClient({ environment, egress, clock: world.clock })
    const guarded = guardMaximo(client, objectRightsUnder(readPresets({}))('MXAPIASSET:r'))
    const call = { signal: AbortSignal.timeout(60_000), correlationId: 'test' }
    const record = (objectStructure: string) => ({ objectStructure, id: 'BEDFORD/11430' })
    const first = async (objectStructure: string) => {
      const question = { objectStructure, select: { fields: [] }, pageSize: 1 }
      return (await guarded.pages(question, call).next()).value as unknown
    }
    for (const tried of [
      guarded.attachments(record('mxapiwodetail'), call),
      guarded.attachment(record('mxapiwodetail'), '1', call),
      guarded.attachmentFile(record('mxapiwodetail'), '1', call),
      guarded.inbox({ pageSize: 5 }, call),
      guarded.savedQueries('mxapiwodetail', call),
      guarded.rights(['mxapiasset', 'mxapiwodetail'], call),
      first('mxapiwodetail'),
    ])
      await expect(tried).rejects.toThrow(ObjectRefused)
    expect(await guarded.attachments(record('mxapiasset'), call)).toMatchObject({ ok: true })
    expect(await guarded.savedQueries('mxapiasset', call)).not.toEqual([])
    expect(await guarded.rights(['mxapiasset'], call)).toMatchObject([{ read: 'granted' }])
    expect(await first('mxapiasset')).toMatchObject({ ok: true })
    client.close()
    await egress.close()
  })

  test('child objects belong to their object', async () => {
    const token = await tokenWith({ obj: 'MXAPIWODETAIL:r' })
    const args = { object: 'mxapiwodetail', id: 'BEDFORD/1001', expand: ['woactivity'] }
    expect(textOf(await callTool(token, 'get_record', args))).not.toContain('not_permitted')
  })

  test('a tool that needs a second object says so; one that can do without it works', async () => {
    const token = await tokenWith({ obj: 'MXAPIWODETAIL:r' })
    const byPlace = await callTool(token, 'search_work_orders', { location: 'BR300' })
    expect(textOf(byPlace)).toContain('not_permitted: This call needs to read MXAPIOPERLOC')
    const byAsset = await callTool(token, 'search_work_orders', { asset: 'NO-SUCH-ASSET' })
    expect(isError(byAsset)).toBe(false)
    expect(isError(await callTool(token, 'get_context', {}))).toBe(false)
  })

  test('the list shows what can be called', async () => {
    expect(await toolNames(await tokenWith())).toContain('search_work_orders')
    const assets = await toolNames(await tokenWith({ obj: 'MXAPIASSET:r' }))
    expect(assets).toContain('query_records')
    expect(assets).not.toContain('search_work_orders')
    const writing = await toolNames(await tokenWith({ obj: 'iot-ingest' }))
    expect(writing).toContain('describe_object')
    expect(writing).not.toContain('query_records')
  })

  test('only objects of the rules are described', async () => {
    const token = await tokenWith({ obj: 'iot-ingest' })
    const listed = textOf(await callTool(token, 'describe_object', {}))
    expect(listed).toContain('mxapiassetmeter')
    expect(listed).not.toContain('mxapiwodetail')
    expect(isError(await callTool(token, 'describe_object', { object: 'mxapiassetmeter' }))).toBe(false)
  })

  test('the portal cannot widen them: rules stand in the receipt and in no claim', async () => {
    const grant = await world.attestCi(ALICE, { obj: 'MXAPIASSET:r' })
    const wide = await world.attestCi(ALICE)
    const stolen: Grant = { ...grant, receipt: wide.receipt }
    expect((await query(await world.token(stolen), 'mxapiwodetail')).status).toBe(401)
    expect((await query(await world.token(grant), 'mxapiwodetail')).status).toBe(403)
    await expect(world.token(grant, { obj: '@reporting.1' } as object)).rejects.toThrow()
    const wider = await world.token(grant, { scope: 'maximo:read maximo:write' })
    expect((await query(wider, 'mxapiasset')).status).toBe(401)
  })
})

describe('plan and profile', () => {
  test('a plan that lost the feature is told so on the next call; the token is not ended', async () => {
    const token = await tokenWith()
    expect((await world.whoAmI(token, { path: '/ci/mcp' })).status).toBe(200)
    world.clock.advance(1_000)
    const plan = async (fea: string) =>
      world.call('/internal/plan', { clerkToken: world.clerkToken(ALICE, { fea }), transaction: randomId() })
    expect((await plan('u:audit')).status).toBe(200)
    const refused = await world.whoAmI(token, { path: '/ci/mcp' })
    expect([refused.status, reasonOf(refused)]).toEqual([403, 'feature_missing'])
    world.clock.advance(1_000)
    await plan('u:audit,u:automation')
    expect((await world.whoAmI(token, { path: '/ci/mcp' })).status).toBe(200)
  })

  test('its profile limits it, and the refusal names the limit', async () => {
    const token = await tokenWith({ prf: 'batch' })
    const answers: Answer[] = []
    for (let n = 0; n < 6; n += 1) answers.push(await world.whoAmI(token, { path: '/ci/mcp' }))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
    expect(answers[5]?.json).toMatchObject({ error: { data: { limit: 'profile_rate' } } })
  })
})

describe('the last use', () => {
  const usesOf = async (gids: readonly string[], sub = ALICE.sub) =>
    (await world.call(lastUses.path, { sub, gids })).json['uses']
  const use = async (token: string, headers = {}) =>
    world.whoAmI(token, { path: '/ci/mcp', headers: { 'user-agent': 'a pipeline/1.0', ...headers } })

  test('is known at once, with time, address, client and tool', async () => {
    const grant = await world.attestCi(ALICE)
    expect(await usesOf([grant.gid])).toEqual([])
    await use(await world.token(grant), { 'x-forwarded-for': '203.0.113.9' })
    const atMs = world.clock.nowMs()
    const last = {
      gid: grant.gid,
      atMs,
      address: '203.0.113.9',
      client: 'a pipeline/1.0',
      tool: 'get_context',
    }
    expect(await usesOf([grant.gid])).toEqual([last])
  })

  test('survives a restart: what a clean stop had not written yet is written then', async () => {
    const grant = await world.attestCi(ALICE)
    const token = await world.token(grant)
    await use(token)
    world.clock.advance(60_000)
    await use(token, { 'user-agent': 'a later one' })
    const atMs = world.clock.nowMs()
    await world.restart()
    expect(await usesOf([grant.gid])).toMatchObject([{ atMs, client: 'a later one' }])
  })

  test('costs the store nothing per call: within an hour it is written once', async () => {
    const grant = await world.attestCi(ALICE)
    const token = await world.token(grant)
    await use(token)
    await expect.poll(async () => world.store.mark('mcp-1')).not.toBeNull()
    const marks = async () => world.store.mark('mcp-1')
    const first = await marks()
    for (let n = 0; n < 5; n += 1) await use(token)
    expect(await marks()).toBe(first)
    world.clock.advance(3_600_000)
    await use(token)
    await expect.poll(marks).toBe((first ?? 0) + 1)
  })

  test('a refused call is no use, and nobody else’s is told', async () => {
    const grant = await world.attestCi(ALICE, { net: '203.0.113.0/24' })
    await use(await world.token(grant), { 'x-forwarded-for': '198.51.100.1' })
    expect(await usesOf([grant.gid])).toEqual([])
    const used = await world.attestCi(BOB)
    await use(await world.token(used))
    expect(await usesOf([used.gid], BOB.sub)).toHaveLength(1)
    expect(await usesOf([used.gid], ALICE.sub)).toEqual([])
  })
})
