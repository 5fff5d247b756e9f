import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomId } from '../../../src/kernel/random.ts'
import { McpWorld } from '../../support/mcp/mcp-world.ts'

let world: McpWorld
const person = { sub: `user_${randomId()}`, sid: 'sess_1' }
const stranger = { sub: `user_${randomId()}`, sid: 'sess_2' }
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())

interface Asked {
  readonly isError: boolean
  readonly text: string
  readonly body: Record<string, unknown>
  readonly rows: Record<string, unknown>[]
}

async function ask(
  token: string,
  tool: string,
  args: object = {},
  path = '/mcp?toolsets=all',
): Promise<Asked> {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: args } }
  const answer = await world.rpc(token, { path, body })
  const { result } = answer.json as { result?: { content: { text: string }[]; isError?: boolean } }
  const text = result?.content[0]?.text ?? answer.text
  const isError = result === undefined || result.isError === true
  const parsed = isError ? {} : (JSON.parse(text) as Record<string, unknown>)
  const cols = (parsed['cols'] ?? []) as string[]
  const rows = ((parsed['rows'] ?? []) as unknown[][]).map((row) =>
    Object.fromEntries(cols.map((name, index) => [name, row[index]])),
  )
  return { isError, text, body: parsed, rows }
}

describe('my connections', () => {
  test('are mine alone; this one is marked, and one that was ended says so', async () => {
    const one = await world.attest(person, { clientName: 'First\u202e' })
    const other = await world.attest(person, { clientName: 'Second' })
    await world.attest(stranger)
    await world.revoke({ kind: 'grant', gid: other.gid })
    const { rows, text } = await ask(await world.token(one), 'list_sessions')
    expect(rows.map(({ connection, state, this: own }) => [connection, state, own])).toEqual(
      expect.arrayContaining([
        [one.gid, 'in force', true],
        [other.gid, 'ended', false],
      ]),
    )
    expect(rows).toHaveLength(2)
    expect(text).toContain('First⟦U+202E⟧')
  })

  test('an automation token sees itself and nothing of its owner', async () => {
    const token = await world.attestCi(person, {
      clerkToken: world.clerkToken(person, { fea: 'u:automation' }),
    })
    const { rows } = await ask(await world.token(token), 'list_sessions', {}, '/ci/mcp?toolsets=all')
    expect(rows.map(({ connection, kind }) => [connection, kind])).toEqual([[token.gid, 'automation token']])
  })
})

describe('ending a connection of mine', () => {
  const automation = (bend: object) =>
    world.attestCi(person, { clerkToken: world.clerkToken(person, { fea: 'u:automation' }), ...bend })
  const path = '/mcp?toolsets=admin'
  const end = async (grant: Awaited<ReturnType<typeof world.attest>>, connection: string) =>
    ask(await world.token(grant), 'revoke_session', { connection }, path)

  test('refuses its very next call, for good, and the log says who did it', async () => {
    const [one, other] = [await world.attest(person), await world.attest(person)]
    const before = await world.token(other)
    expect((await ask(before, 'get_usage')).isError).toBe(false)
    expect((await end(one, other.gid)).body).toMatchObject({ state: 'enforced', this: false })
    expect((await world.rpc(before)).status).toBe(401)
    expect((await world.rpc(await world.token(other))).status).toBe(401)
    expect((await end(one, other.gid)).text).toMatch(/^conflict: This connection was ended before/)
    const acts = (await world.audited()).filter(({ operation }) => operation === 'revoke_session')
    const [intent, done, called] = acts
    expect([intent, done].map((act) => [act?.eventType, act?.outcome, act?.grantId, act?.principal])).toEqual(
      ['intent', 'success'].map((outcome) => ['revocation.recorded', outcome, other.gid, person.sub]),
    )
    // The address and the request that it came with, so that the three belong together.
    for (const act of [intent, done])
      expect([act?.sourceIP, act?.correlationId]).toEqual([called?.sourceIP, called?.correlationId])
    expect(called).toMatchObject({ eventType: 'mcp.call', sourceIP: '127.0.0.1' })
  })

  test('may be this one', async () => {
    const one = await world.attest(person)
    expect((await end(one, one.gid)).body).toMatchObject({ state: 'enforced', this: true })
    expect((await world.rpc(await world.token(one))).status).toBe(401)
  })

  test('is not for somebody else, and of a token without a person not for another', async () => {
    const [one, theirs] = [await world.attest(person), await world.attest(stranger)]
    for (const connection of [theirs.gid, randomId()])
      expect((await end(one, connection)).text).toMatch(/^not_found: None of your connections/)
    const scope = 'maximo:read maximo:admin'
    const ci = await automation({ scp: scope })
    const token = await world.token(ci, { scope })
    const endAs = (connection: string) =>
      ask(token, 'revoke_session', { connection }, '/ci/mcp?toolsets=admin')
    expect((await endAs(one.gid)).text).toMatch(/^not_found: None of your connections/)
    for (const grant of [one, theirs]) expect((await world.rpc(await world.token(grant))).status).toBe(200)
    expect((await endAs(ci.gid)).body).toMatchObject({ state: 'enforced', this: true })
  })

  test('is not for a token without a person that has no right to administer, not even itself', async () => {
    const ci = await automation({})
    const token = await world.token(ci)
    const said = await ask(token, 'revoke_session', { connection: ci.gid }, '/ci/mcp?toolsets=admin')
    expect(said.text).toMatch(/^needs_scope: A token without a person ends a connection only with/)
    const next = await ask(token, 'explain_error', { code: 'BMXAA9301E' }, '/ci/mcp?toolsets=all')
    expect(next.isError).toBe(false)
  })

  test('is done by its own name only, where the address lists it', async () => {
    const token = await world.token(await world.attest(person))
    const through = { tool: 'revoke_session', arguments: { connection: randomId() } }
    for (const tool of ['call_read_tool', 'call_write_tool'])
      expect((await ask(token, tool, through)).isError).toBe(true)
    const { text } = await ask(token, 'revoke_session', { connection: randomId() }, '/mcp')
    expect(text).toContain('It is called by its own name only: \\"?toolsets=admin\\"')
  })
})

describe('my usage', () => {
  test('counts units as they are spent, by the plan', async () => {
    const spender = { sub: `user_${randomId()}`, sid: 'sess_3' }
    const clerkToken = world.clerkToken(spender, { pla: 'u:free' })
    const token = await world.token(await world.attest(spender, { clerkToken }))
    const first = await ask(token, 'get_usage')
    expect(first.body).toMatchObject({
      plan: 'free',
      day: { units_used: 1, units_per_day: 500, units_left: 499 },
      month: { units_used: 1, units_per_month: 5_000, units_left: 4_999 },
    })
    await ask(token, 'explain_error', { code: 'BMXAA9301E' })
    expect((await ask(token, 'get_usage')).body).toMatchObject({
      ...{ day: { units_used: 3 }, month: { units_used: 3 } },
      rates: { profile: 'interactive' },
    })
  })

  test('of a plan without limit is not counted, which is not nothing', async () => {
    const clerkToken = world.clerkToken(stranger, { pla: 'u:enterprise' })
    const token = await world.token(await world.attest(stranger, { clerkToken }))
    expect((await ask(token, 'get_usage')).body).toMatchObject({
      day: { units_used: null, units_per_day: null, units_left: null },
      month: { units_used: null, units_per_month: null, units_left: null },
    })
  })
})

describe('my audit log', () => {
  test('has my events, newest first, and nobody else’s', async () => {
    const mine = { sub: `user_${randomId()}`, sid: 'sess_4' }
    const [own, theirs] = [
      await world.token(await world.attest(mine)),
      await world.token(await world.attest(stranger)),
    ]
    await ask(own, 'explain_error', { code: 'BMXAA9301E' })
    await ask(own, 'explain_error', { code: 'nothing' })
    await ask(theirs, 'explain_error', { code: 'BMXAA9301E' })
    const { rows, body } = await ask(own, 'search_audit_log', { operation: 'EXPLAIN_ERROR' })
    expect(rows.map(({ operation, outcome }) => [operation, outcome])).toEqual([
      ['explain_error', 'refused'],
      ['explain_error', 'success'],
    ])
    expect(body).toMatchObject({ total: 2, complete: true })
    const refused = (await ask(own, 'search_audit_log', { outcome: 'refused' })).rows
    expect(refused.map(({ reason }) => reason)).toEqual(['not_found'])
    const id = String(refused[0]?.['correlation_id'])
    expect((await ask(own, 'search_audit_log', { correlation_id: id })).rows).toHaveLength(1)
    expect((await ask(own, 'search_audit_log', { from: '2099-01-01T00:00:00+02:00' })).rows).toEqual([])
  })

  test('takes no more than it shows, and refuses what is no time', async () => {
    const token = await world.token(await world.attest(person))
    const { body, rows } = await ask(token, 'search_audit_log', { limit: 1 })
    expect(rows).toHaveLength(1)
    expect(body).toMatchObject({
      total: null,
      complete: false,
      notes: [expect.stringContaining('older events')],
    })
    expect((await ask(token, 'search_audit_log', { from: 'yesterday' })).text).toMatch(
      /^invalid_input: .*from/,
    )
    expect((await ask(token, 'search_audit_log', { outcome: 'bad' })).text).toMatch(
      /^invalid_input: .*outcome/,
    )
  })

  test('an automation token reads its own calls alone', async () => {
    const bend = { clerkToken: world.clerkToken(person, { fea: 'u:automation' }) }
    const grant = await world.attestCi(person, bend)
    const token = await world.token(grant)
    await ask(token, 'explain_error', { code: 'BMXAA9301E' }, '/ci/mcp?toolsets=all')
    const { rows } = await ask(token, 'search_audit_log', {}, '/ci/mcp?toolsets=all')
    expect(rows.length).toBeGreaterThan(0)
    expect(new Set(rows.map(({ connection }) => connection))).toEqual(new Set([grant.gid]))
  })
})
