import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ALICE, McpWorld, send } from '../../support/mcp/mcp-world.ts'

let world: McpWorld
beforeAll(async () => {
  world = await McpWorld.start({ FAILED_AUTH_MAX: '1' })
})
afterAll(() => world.close())

const text = async (origin = world.mcpUrl): Promise<string> =>
  (await send(`${origin}/metrics`, { method: 'GET' })).text

/** Value of each line: `name{label="x"}` without the label that all have. */
async function figures(): Promise<(line: string) => number> {
  const lines = (await text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const values = new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      const name = line
        .slice(0, at)
        .replace(/,service="mcp"|service="mcp",?/, '')
        .replace('{}', '')
      return [name, Number(line.slice(at + 1))] as const
    }),
  )
  return (line) => values.get(line) ?? 0
}

/** By how much each line grows while something is done. */
async function growth(lines: readonly string[], act: () => Promise<unknown>): Promise<number[]> {
  const before = await figures()
  await act()
  const after = await figures()
  return lines.map((line) => after(line) - before(line))
}

const ADMITTED = 'maximo_mcp_admissions_total{outcome="admitted"}'
const refused = (reason: string): string => `maximo_mcp_admissions_total{outcome="${reason}"}`

describe('the figures of the MCP server', () => {
  test('a call counts where it passes: admission, cache, tool, Maximo, audit, quota', async () => {
    const token = await world.token(await world.attest(ALICE))
    const lines = [
      ...[ADMITTED, 'maximo_mcp_tool_calls_total{tool="get_context",outcome="success"}'],
      ...['maximo_mcp_tool_call_seconds_count{outcome="success"}', 'maximo_mcp_quota_units_total'],
      'maximo_mcp_audit_events_total{event="mcp.call",outcome="success"}',
      ...['maximo_mcp_audit_write_seconds_count', 'maximo_mcp_token_cache_lookups{result="unknown"}'],
      ...['identify', 'admit'].map((stage) => `maximo_mcp_admission_seconds_count{stage="${stage}"}`),
    ]
    const [maximoBefore] = await growth(
      ['maximo_mcp_upstream_requests_total{outcome="answered"}'],
      async () => {
        expect(await growth(lines, () => world.whoAmI(token))).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1])
      },
    )
    expect(maximoBefore).toBeGreaterThanOrEqual(1)
    const known = 'maximo_mcp_token_cache_lookups{result="opened"}'
    expect(await growth([known, lines[6] ?? ''], () => world.whoAmI(token))).toEqual([1, 0])
  })

  test('a refusal counts by its family, and what ended there comes no further', async () => {
    const token = await world.token(await world.attest(ALICE))
    const lines = [refused('credentials_missing'), refused('token_invalid'), ADMITTED]
    expect(await growth(lines, () => world.rpc(null))).toEqual([1, 0, 0])
    expect(await growth(lines, () => world.rpc('garbage'))).toEqual([0, 1, 0])
    const limited = [refused('limited'), 'maximo_mcp_limited_total{limit="failed_authentication"}', ADMITTED]
    expect(await growth(limited, () => world.rpc('other-garbage'))).toEqual([1, 1, 0])
    const bad = `${token.slice(0, -8)}AAAAAAAA`
    expect(await growth([refused('token_invalid')], () => world.rpc(bad))).toEqual([1])
    const again = ['maximo_mcp_token_cache_lookups{result="refused"}', refused('token_invalid')]
    expect(await growth(again, () => world.rpc(bad))).toEqual([1, 1])
  })

  test('say the state: ready, circuits, memory, the loop', async () => {
    const is = await figures()
    expect(is('maximo_mcp_ready')).toBe(1)
    expect(
      ['closed', 'open', 'half_open'].map((state) => is(`maximo_mcp_store_circuit{state="${state}"}`)),
    ).toEqual([...[1, 0, 0]])
    expect(is('maximo_mcp_upstream_circuits{state="closed"}')).toBeGreaterThanOrEqual(1)
    expect(is('process_resident_memory_bytes')).toBeGreaterThan(1e7)
    expect(is('process_start_time_seconds')).toBeGreaterThan(1.7e9)
  })

  test('a breaker before Maximo that opens and closes shows, and is kept in the audit log without its probes', async () => {
    const token = await world.token(await world.attest(ALICE))
    const params = {
      name: 'query_records',
      arguments: { object: 'mxapiasset', select: ['assetnum'], limit: 1 },
    }
    const ask = () => world.rpc(token, { body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params } })
    const kept = async () => (await world.audited()).filter(({ eventType }) => eventType === 'maximo.circuit')
    const isOpen = async () => (await figures())('maximo_mcp_upstream_circuits{state="open"}')
    await ask()
    world.simulator.faults.add({ fault: { kind: 'html-error', status: 502 } })
    for (let call = 0; call < 10 && (await isOpen()) === 0; call += 1) await ask()
    expect(await isOpen()).toBe(1)
    // The probe fails.
    world.clock.advance(2_000)
    world.simulator.requests.reset()
    await ask()
    expect([world.simulator.requests(), await isOpen()]).toEqual([1, 1])
    world.simulator.faults.clear()
    world.clock.advance(4_000)
    expect((await ask()).json['result']).not.toHaveProperty('isError')
    expect(await isOpen()).toBe(0)
    await vi.waitFor(async () => expect(await kept()).toHaveLength(2), { timeout: 10_000 })
    const masInstance = new URL(world.simulator.baseUrl).host
    expect(await kept()).toMatchObject([
      { operation: 'circuit_open', outcome: 'failed', principal: 'mcp-1', masInstance },
      { operation: 'circuit_closed', outcome: 'success', principal: 'mcp-1', masInstance },
    ])
  })

  test('stand at both listeners, in the format of Prometheus, and are kept by nobody', async () => {
    for (const origin of [world.mcpUrl, world.running?.internalUrl ?? '']) {
      const answer = await send(`${origin}/metrics`, { method: 'GET' })
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.text).toContain('# TYPE maximo_mcp_admissions_total counter')
    }
  })

  test('are those that the guide and the dashboard name', async () => {
    const served = new Set([...(await text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
    const guide = readFileSync('docs/operate/metrics.md', 'utf8')
    const listed = [...guide.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name)
    expect([...served].sort()).toEqual([...listed].sort())
    const dashboard = JSON.parse(readFileSync('docs/operate/grafana-dashboard.json', 'utf8')) as {
      panels: { targets: { expr: string }[] }[]
    }
    const asked = dashboard.panels.flatMap(({ targets }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(?:maximo_mcp|process|nodejs)_\w+/g) ?? []),
    )
    const bare = new Set(asked.map((name) => name.replace(/_bucket$/, '')))
    expect([...bare].sort()).toEqual([...served].sort())
  })

  test('name nobody: no person, token, grant, environment or address', async () => {
    const grant = await world.attest(ALICE)
    const token = await world.token(grant)
    await world.whoAmI(token)
    await world.rpc(token, { path: `/mcp/${grant.env}` })
    const said = await text()
    for (const secret of [ALICE.sub, grant.gid, grant.env, token.slice(0, 40), '127.0.0.1', 'client.example'])
      expect(said).not.toContain(secret)
  })
})
