import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomId } from '../../../src/kernel/random.ts'
import { aboutCalls } from '../../../src/mcp/detection/about.ts'
import { type Grant, Ledger } from '../../../src/mcp/records/ledger.ts'
import { manualClock } from '../../support/clock.ts'
import { aFailure, aPipelineCall } from '../../support/detection.ts'
import { McpWorld } from '../../support/mcp/mcp-world.ts'

let world: McpWorld
const person = { sub: `user_${randomId()}`, sid: 'sess_1' }
const stranger = { sub: `user_${randomId()}`, sid: 'sess_2' }
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())

const adminToken = async (of: typeof person) => {
  const scope = 'maximo:read maximo:admin offline_access'
  return world.token(await world.attest(of, { scp: scope }), { scope })
}

async function call(token: string, name: string, args: object = {}, path = '/mcp?toolsets=all') {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }
  const answer = await world.rpc(token, { path, body })
  const { result } = answer.json as { result?: { content: { text: string }[] } }
  return { status: answer.status, text: result?.content[0]?.text ?? answer.text }
}

async function list(token: string, args: object = {}, path?: string) {
  const { text } = await call(token, 'list_detections', args, path)
  const body = JSON.parse(text) as { cols: string[]; rows: unknown[][]; total: number; complete: boolean }
  return {
    ...{ text, total: body.total, complete: body.complete },
    rows: body.rows.map((row) => Object.fromEntries(body.cols.map((name, index) => [name, row[index]]))),
  }
}

const told = async () => (await world.wholeLog()).filter(({ eventType }) => eventType === 'detection.raised')

/** A pipeline of the person that asks for what it may not, until that was noticed. */
async function noticed(bend: Record<string, unknown> = {}) {
  const pipeline = await world.attestCi(person, {
    clerkToken: world.clerkToken(person, { fea: 'u:automation' }),
    ...bend,
  })
  const before = (await told()).length
  const token = await world.token(pipeline)
  expect((await call(token, 'list_detections', {}, '/ci/mcp?toolsets=all')).status).toBe(403)
  await expect.poll(async () => (await told()).length, { timeout: 20_000 }).toBe(before + 1)
  return pipeline
}

describe('list_detections', () => {
  test('lists what was noticed about the caller’s own connections, and to nobody else', async () => {
    const pipeline = await noticed({ clientName: 'Reports\u202e' })
    const own = await adminToken(person)
    const { rows, total, complete, text } = await list(own)
    expect([total, complete]).toEqual([1, true])
    expect(rows).toMatchObject([
      {
        ...{ rule: 'scope_escalation', severity: 'critical', about: 'grant', subject: pipeline.gid },
        ...{ client: 'Reports⟦U+202E⟧', count: 1, limit: 0, more: null, window_minutes: 10 },
      },
    ])
    expect(text).toContain('"untrusted":["client"]')
    // The refused call, and the record of the detection itself.
    const found = await call(own, 'search_audit_log', { correlation_id: rows[0]?.['correlation_ids'] })
    expect((JSON.parse(found.text) as { total: number }).total).toBe(2)
    const other = await adminToken(stranger)
    expect(await list(other)).toMatchObject({ rows: [], total: 0, complete: true })
  })

  test('needs maximo:admin, and is not listed without it', async () => {
    const reader = await world.token(await world.attest(person))
    expect((await call(reader, 'list_detections')).status).toBe(403)
  })

  test('is narrowed by severity and state, and says when the limit cut it', async () => {
    await noticed()
    const own = await adminToken(person)
    expect((await list(own, { severity: 'medium' })).rows).toEqual([])
    expect((await list(own, { severity: 'critical' })).rows.length).toBeGreaterThanOrEqual(2)
    expect(await list(own, { limit: 1 })).toMatchObject({ rows: [{}], complete: false })
    expect((await list(own, { state: 'closed' })).rows).toEqual([])
    expect((await list(own, { state: 'all' })).rows).toEqual((await list(own)).rows)
  })

  test('an automation token with the scope sees what is about itself', async () => {
    await noticed()
    const bend = { scp: 'maximo:admin', clerkToken: world.clerkToken(person, { fea: 'u:automation' }) }
    const token = await world.token(await world.attestCi(person, bend), { scope: 'maximo:admin' })
    expect(await list(token, {}, '/ci/mcp?toolsets=all')).toMatchObject({ rows: [], total: 0 })
  })
})

describe('what the MCP server’s events are about', () => {
  const about = aboutCalls(new Ledger(manualClock()))

  test.each([
    ['token_pre_tag_wrong', true],
    ['limited_failed_authentication', true],
    ['token_expired', false],
    ['token_unlisted', false],
    ['token_wrong_door', false],
    ['token_wrong_environment', false],
    ['revoked_by_grant', false],
    ['credentials_missing', false],
    ['scope_missing', false],
  ])('%s is a failed sign-in: %s', (reason, expected) => {
    expect(about.isFailedSignIn(aFailure({ reason }))).toBe(expected)
    expect(about.isFailedSignIn(aPipelineCall({ reason }))).toBe(false)
  })

  test('the owner of a grant is whom its journal names, whatever stands in a log', () => {
    const ledger = new Ledger(manualClock())
    const data: Grant = {
      ...{ gid: 'g'.repeat(22), sub: 'user_1', sid: 's', env: 'e'.repeat(22), cid: 'c', scp: 'maximo:read' },
      ...{ clientName: '', redirectHost: '', at: 1, maxS: null, ver: 1 },
      knd: 'ci',
      prf: 'batch',
      kid: 'mg-AAAAAAAA',
    }
    ledger.apply({ type: 'grant.attested', data, writtenMs: 1 })
    const known = aboutCalls(ledger)
    expect(known.ownerOf(aPipelineCall({ grantId: data.gid, principal: '~pseudonym' }))).toBe('user_1')
    expect(known.ownerOf(aPipelineCall({ grantId: 'h'.repeat(22) }))).toBeNull()
    expect(known.ownerOf(aFailure())).toBeNull()
    expect(known.isProduction(aPipelineCall({ grantId: data.gid }))).toBe(false)
  })
})
