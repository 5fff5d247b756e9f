import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Load } from '../../../src/kernel/load/load.ts'
import type { LoadClass } from '../../../src/kernel/load/shedding.ts'
import { exportRecords } from '../../../src/mcp/tools/query/export-records.ts'
import { type Answer, send } from '../../support/mcp/mcp-world.ts'
import { openDoor, type McpDoor } from '../../support/mcp/mcp-door.ts'
import { call, legacyRequest, modernRequest } from '../../support/mcp/mcp-requests.ts'
import { echo, writing } from '../../support/mcp/small-tools.ts'
import { startPortalWorld, type PortalWorld } from '../../support/portal-world.ts'

const MAX = 20
/** Of 20, by the shares of the policy. */
const ROOM: Readonly<Record<LoadClass, number>> = {
  revocation: 20,
  sign_in: 19,
  write: 17,
  read: 14,
  report: 8,
}

/** Works on so many things at the same time while `act` runs. */
async function busyWith<T>(load: Load, count: number, act: () => Promise<T>): Promise<T> {
  let end = (): void => undefined
  const waits = new Promise<void>((resolve) => (end = resolve))
  const running = Array.from({ length: count }, () => load.during('revocation', () => waits))
  try {
    return await act()
  } finally {
    end()
    await Promise.all(running)
  }
}

describe('each route of both services has its place', () => {
  let world: PortalWorld
  beforeAll(async () => {
    world = await startPortalWorld({ seeded: false, env: { MAX_IN_FLIGHT: String(MAX) } })
  })
  afterAll(() => world.close())

  const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
  const JOSE = { 'content-type': 'application/jose' }
  const isTurnedAway = ({ status, text }: Answer): boolean =>
    status === 503 && /has more to do than it can/.test(text)

  test.each<[LoadClass, 'GET' | 'POST', string]>([
    ['sign_in', 'GET', '/.well-known/oauth-authorization-server'],
    ['sign_in', 'GET', '/oauth/authorize'],
    ['sign_in', 'GET', '/oauth/consent'],
    ['sign_in', 'POST', '/oauth/decision'],
    ['sign_in', 'POST', '/oauth/token'],
    ['sign_in', 'GET', '/sign-in'],
    ['revocation', 'POST', '/oauth/revoke'],
    ['revocation', 'GET', '/connections'],
    ['revocation', 'POST', '/connections/end-everything'],
    ['revocation', 'POST', '/tokens/revoke'],
    ['write', 'POST', '/environments/open'],
    ['write', 'POST', '/tokens/new'],
    ['read', 'GET', '/'],
    ['read', 'GET', '/environments'],
  ])('%s at the portal: %s %s', async (of, method, path) => {
    const ask = (): Promise<Answer> =>
      send(`${world.portalUrl}${path}`, { method, ...(method === 'POST' && { headers: FORM, body: 'a=b' }) })
    const { load } = world.portal
    expect(isTurnedAway(await busyWith(load, ROOM[of] - 1, ask))).toBe(false)
    const refused = await busyWith(load, ROOM[of], ask)
    expect(isTurnedAway(refused)).toBe(true)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(refused.headers['content-security-policy']).toContain("default-src 'none'")
  })

  test.each<[LoadClass, 'GET' | 'POST', string]>([
    ['sign_in', 'GET', '/.well-known/oauth-protected-resource/mcp'],
    ['write', 'POST', '/vault'],
    ['read', 'GET', '/vault/grants'],
  ])('%s at the MCP server: %s %s', async (of, method, path) => {
    const ask = (): Promise<Answer> =>
      send(`${world.mcpUrl}${path}`, { method, ...(method === 'POST' && { headers: FORM, body: 'a=b' }) })
    const { load } = world.mcp
    expect(isTurnedAway(await busyWith(load, ROOM[of] - 1, ask))).toBe(false)
    expect(isTurnedAway(await busyWith(load, ROOM[of], ask))).toBe(true)
  })

  test.each<[LoadClass, string]>([
    ['revocation', '/internal/revocations'],
    ['revocation', '/internal/journals'],
    ['sign_in', '/internal/grants'],
    ['sign_in', '/internal/grants/status'],
    ['sign_in', '/internal/vault/open'],
    ['read', '/internal/grants/last-use'],
    ['read', '/internal/introspect'],
  ])('%s at the internal listener: %s', async (of, path) => {
    const ask = (): Promise<Answer> =>
      send(`${world.mcp.internalUrl}${path}`, { method: 'POST', headers: JOSE, body: 'x' })
    const { load } = world.mcp
    expect((await busyWith(load, ROOM[of] - 1, ask)).status).toBe(401)
    expect(isTurnedAway(await busyWith(load, ROOM[of], ask))).toBe(true)
  })

  test('whoever watches is always answered, and sees what was turned away', async () => {
    for (const [load, origin] of [
      [world.portal.load, world.portalUrl],
      [world.mcp.load, world.mcp.internalUrl],
    ] as const)
      await busyWith(load, MAX, async () => {
        for (const path of ['/healthz', '/readyz', '/metrics'])
          expect((await send(`${origin}${path}`, { method: 'GET' })).status).toBe(200)
        const { text } = await send(`${origin}/metrics`, { method: 'GET' })
        expect(text).toMatch(/^maximo_mcp_in_flight\{class="revocation",service="(portal|mcp)"\} 20$/m)
        expect(text).toMatch(
          /^maximo_mcp_shed_total\{class="read",why="in_flight",service="(portal|mcp)"\} [1-9]/m,
        )
      })
  })

  test('what stays in the log is bounded: one line for the first of a class', () => {
    const said = world.log
      .text()
      .split('\n')
      .filter((line) => line.includes('load.shed'))
    // Four classes at the portal, four at the MCP server.
    expect(said).toHaveLength(8)
  })
})

describe('a message at /mcp has the place of what it asks for', () => {
  const plantReport = { ...echo, name: 'get_maintenance_kpis', costUnits: 3 }
  const ending = { ...writing, name: 'end_it', endsAccess: true as const }
  const calling = { ...echo, name: 'call_another', calls: 'read' as const }
  let door: McpDoor
  let token: string
  const load = new Load({ limits: { maxInFlight: MAX, maxLagMs: 250 }, lagMs: () => 0 })
  beforeAll(async () => {
    door = await openDoor({ catalog: [echo, writing, plantReport, ending, calling, exportRecords], load })
    token = await door.token({ scope: 'maximo:read maximo:write' })
  })
  afterAll(() => door.close())

  function busyAs(person: string, count: number): { end: () => void; done: Promise<unknown> } {
    let end = (): void => undefined
    const waits = new Promise<void>((resolve) => (end = resolve))
    const running = Array.from({ length: count }, () => load.during('read', () => waits, person))
    return { end: () => end(), done: Promise.all(running) }
  }

  const CASES: readonly [LoadClass, string, Parameters<typeof legacyRequest>[0]][] = [
    ['read', 'a reading tool', call('echo_text', { text: 'x' })],
    ['read', 'a list', { method: 'tools/list' }],
    ['read', 'a ping', { method: 'ping' }],
    ['read', 'no such tool', call('nothing')],
    ['write', 'a changing tool', call('write_text')],
    ['report', 'a costly one', call('get_maintenance_kpis', { text: 'x' })],
    ['report', 'a costly one behind another', call('call_another', { tool: 'get_maintenance_kpis' })],
    ['report', 'a costly one by the name of another server', call('get_maintenance_kpi_dashboard')],
    [
      'report',
      'a costly one by that name behind another',
      call('call_another', { tool: 'get_pm_compliance' }),
    ],
    ['report', 'the rows of an export', { method: 'resources/read', params: { uri: 'maximo://e/export/a' } }],
    ['revocation', 'what ends a connection', call('end_it')],
  ]

  test.each(CASES)('%s: %s', async (of, _what, message) => {
    for (const request of [legacyRequest(message, token), modernRequest(message, token)]) {
      const ask = () => door.app.inject(request)
      expect((await busyWith(load, ROOM[of] - 1, ask)).statusCode).not.toBe(503)
      const refused = await busyWith(load, ROOM[of], ask)
      expect(refused.statusCode).toBe(503)
      const { id, error } = refused.json<{ id: unknown; error: Record<string, unknown> }>()
      const retryAfterS = Number(refused.headers['retry-after'])
      expect(retryAfterS).toBeGreaterThanOrEqual(1)
      expect([id, error]).toEqual([
        1,
        {
          code: 503,
          message: 'The server has more to do than it can at the moment. Nothing was done; try again.',
          data: { reason: 'overloaded', retryAfterS },
        },
      ])
    }
  })

  test('one person who takes a quarter is turned away, and another is not', async () => {
    const other = await door.token({ subject: 'user_another', scope: 'maximo:read' })
    const own = busyAs('user_2xKq1VnWc8RtYbLmZp4sDfGhJk3', MAX / 4)
    const answers = await busyWith(load, MAX / 4, () =>
      Promise.all([token, other].map((one) => door.app.inject(legacyRequest({ method: 'ping' }, one)))),
    )
    own.end()
    await own.done
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 200])
  })

  test('a stranger is refused for what he is, whatever there is to do', async () => {
    const stranger = legacyRequest({ method: 'ping' }, 'not-a-token')
    expect((await busyWith(load, MAX, () => door.app.inject(stranger))).statusCode).toBe(401)
  })
})
