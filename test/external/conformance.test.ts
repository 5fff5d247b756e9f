import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../src/dev/processes/free-port.ts'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { discover } from '../../src/dev/walk/discover.ts'
import { ask } from '../../src/dev/walk/json-http.ts'
import { aStack, connect } from '../support/stack.ts'
import { runAttended } from './attended.ts'
import { startAuthProxy, type AuthProxy } from './auth-proxy.ts'
import { CONFORMANCE, runConformance } from './conformance-suite.ts'
import { MCP_SUITES, NODE_22, reasonNotInstalled } from './scratch-packages.ts'

const missing = await reasonNotInstalled(MCP_SUITES)
if (missing !== null) console.warn(`skipped: ${missing}`)

/**
 * Scenarios that any server can be asked. The others call tools of fixed names (`test_…`) that we do not have:
 * `conformance-whole.test.ts` serves them through our transport.
 */
const SCENARIOS: readonly [scenario: string, version: string][] = [
  ['server-initialize', '2025-11-25'],
  ['ping', '2025-11-25'],
  ['tools-list', '2025-11-25'],
  ['resources-list', '2025-11-25'],
  ['prompts-list', '2025-11-25'],
  ['dns-rebinding-protection', '2025-11-25'],
  ['tools-list', '2026-07-28'],
  ['dns-rebinding-protection', '2026-07-28'],
  ['http-header-validation', '2026-07-28'],
  ['caching', '2026-07-28'],
  ['resources-list', '2026-07-28'],
  ['prompts-list', '2026-07-28'],
  ['sep-2164-resource-not-found', '2026-07-28'],
  ['input-required-result-unsupported-methods', '2026-07-28'],
  ['input-required-result-validate-input', '2026-07-28'],
  ['server-sse-multiple-streams', '2025-11-25'],
]

/** They call `test_missing_capability`, `test_streaming_elicitation` and `test_logging_tool`. */
const NEED_FIXTURES = [
  'sep-2575-server-rejects-undeclared-capability',
  'sep-2575-missing-capability-http-400',
  'sep-2575-http-server-no-independent-requests-on-stream',
  'sep-2575-server-no-log-without-loglevel',
]

let stack: Stack
let proxy: AuthProxy
let folder = ''

beforeAll(async () => {
  if (missing !== null) return
  folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-conformance-'))
  const rate = { perMinute: 100_000, burst: 10_000 }
  const limits = join(folder, 'limits.json')
  await writeFile(limits, JSON.stringify({ profile: { interactive: rate }, tool: { read: rate } }))
  stack = await aStack(null, { mcpEnv: { LIMITS_FILE: limits } })
  const { tokens } = await connect(stack)
  proxy = await startAuthProxy(stack.mcpUrl, tokens.access_token)
}, 400_000)
afterAll(async () => {
  if (missing !== null) return
  await proxy.close()
  await stack.close()
  await rm(folder, { recursive: true, force: true })
})

const serverScenario = (scenario: string, version: string): ReturnType<typeof runConformance> =>
  runConformance(folder, ['server', '--url', proxy.url, '--scenario', scenario, '--spec-version', version])

describe.skipIf(missing !== null)('the MCP conformance suite 0.2.0-alpha.12', () => {
  test.each(SCENARIOS)('server: %s in %s', async (scenario, version) => {
    const ran = await serverScenario(scenario, version)
    expect(ran.code, ran.text).toBe(0)
  })

  test('server: server-stateless in 2026-07-28, but for the checks that call tools of a fixture server', async () => {
    const { text } = await serverScenario('server-stateless', '2026-07-28')
    const failed = [...text.matchAll(/\[(sep-[\w-]+)\s*\]\s+\S*FAILURE/g)].map((check) => check[1])
    expect(failed, text).toEqual(NEED_FIXTURES)
    expect(text).toContain('Passed: 24/28')
  })

  test.each(['2025-11-25', '2026-07-28'])(
    'authorization server: metadata and code grant in %s',
    async (version) => {
      const port = await freePort()
      const redirect = `http://127.0.0.1:${port}/callback`
      const { server, resource } = await discover(`${stack.mcpUrl}/mcp`)
      const registered = await ask(server.registration_endpoint, {
        json: { client_name: 'conformance', redirect_uris: [redirect], token_endpoint_auth_method: 'none' },
      })
      const { client_id: clientId } = registered.body as { client_id: string }
      const options = ['--url', server.issuer, '--client-id', clientId, '--port', String(port)]
      const ran = await runAttended({
        program: NODE_22,
        args: [CONFORMANCE, 'authorization', ...options, '--resource', resource, '--spec-version', version],
        cwd: folder,
      })
      expect(ran.code, ran.text).toBe(0)
      expect(ran.text).not.toMatch(/WARNING/i)
      for (const scenario of ['authorization-server-metadata-endpoint', 'authorization-code-grant'])
        expect(ran.text).toMatch(new RegExp(`✓ ${scenario}`))
    },
    90_000,
  )
})
