import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { verifyAudit } from '../../audit/verify.ts'
import { verifyHead } from '../../crypto/head-signature.ts'
import { loadAuditHeadVerifiers } from '../../crypto/keys/key-ring.ts'
import type { Stack } from '../processes/stack.ts'
import { Browser } from '../walk/browser.ts'
import { ask } from '../walk/json-http.ts'
import { rpc } from '../walk/rpc.ts'
import { replaceKey } from '../walk/vault.ts'
import type { Connected } from './connect-step.ts'
import { forgeToken } from './forge.ts'
import type { Narrator } from './narrator.ts'
import { call, callTool } from './tool-steps.ts'

const PLANNER = 'planner@example.com'
const ERA = '2026-07-28'
const keyFile = z.looseObject({ kid: z.string(), jwk: z.looseObject({ kty: z.literal('RSA') }) })

/** A stranger with the public key alone. */
export async function forgeryStep(stack: Stack, narrator: Narrator): Promise<void> {
  narrator.step('A token forged with the public key')
  const folder = join(stack.dataDir, 'portal', 'keys')
  const name = (await readdir(folder)).find((file) => file.startsWith('token-encryption.')) ?? ''
  const { kid, jwk } = keyFile.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))
  const claims = {
    iss: stack.portalUrl,
    aud: `${stack.mcpUrl}/mcp`,
    sub: 'anybody',
    scope: 'maximo:write',
    knd: 'at',
  }
  const before = stack.simulator.requests()
  const forged = forgeToken(jwk, kid, claims)
  const answer = await rpc(`${stack.mcpUrl}/mcp`, forged, ERA, { method: 'tools/list' })
  narrator.check(answer.status === 401, `401 ${String(answer.headers['www-authenticate'] ?? '')}`)
  narrator.check(stack.simulator.requests() === before, 'Maximo was not called')
}

/** The owner puts a new Maximo key into the vault; connections made with the old one go on. */
export async function rotationStep(stack: Stack, connected: Connected, narrator: Narrator): Promise<void> {
  narrator.step('The owner replaces the Maximo key in the vault')
  const apiKey = await stack.simulator.accounts.regenerateKey(PLANNER)
  const stale = await callTool(connected, ERA, 'get_context', {}).catch((error: unknown) => String(error))
  narrator.saw(`with the old key Maximo refuses: ${stale.slice(0, 120)}`)
  await replaceKey(new Browser(), { portalUrl: stack.portalUrl, email: PLANNER, label: 'demo', apiKey })
  const text = await callTool(connected, ERA, 'get_work_order', {
    wonum: await someWorkOrder(connected),
    site: 'BEDFORD',
  })
  narrator.check(text.length > 0, 'the same token reads with the new key; nobody had to reconnect')
}

async function someWorkOrder(connected: Connected): Promise<string> {
  const text = await callTool(connected, ERA, 'query_records', {
    object: 'mxapiwodetail',
    site: 'BEDFORD',
    select: ['wonum'],
    limit: 1,
  })
  return String(z.looseObject({ rows: z.array(z.array(z.unknown())) }).parse(JSON.parse(text)).rows[0]?.[0])
}

/** RFC 7009, and the very next call. */
export async function revocationStep(stack: Stack, connected: Connected, narrator: Narrator): Promise<void> {
  narrator.step('Revocation (RFC 7009), and the very next call')
  const before = await call(connected, ERA, 'get_context', {})
  narrator.check(before.status === 200, 'the token works')
  const revoked = await ask(connected.discovered.server.revocation_endpoint, {
    form: { token: connected.tokens.refresh_token ?? '', client_id: connected.clientId },
  })
  narrator.check(revoked.status === 200, 'the connection was revoked')
  const asked = stack.simulator.requests()
  const after = await call(connected, ERA, 'get_context', {})
  narrator.check(
    after.status === 401,
    `the next call: 401 ${String(after.headers['www-authenticate'] ?? '')}`,
  )
  narrator.check(stack.simulator.requests() === asked, 'Maximo was not called')
}

/** Both services have stopped; their logs are checked as an auditor would. */
export async function auditStep(dataDir: string, narrator: Narrator): Promise<void> {
  narrator.step('The audit logs of both services')
  const verifiers = await loadAuditHeadVerifiers(join(dataDir, 'portal', 'keys'), 'portal')
  const folders = ['portal', 'mcp'].map((service) => join(dataDir, service, 'audit'))
  const verdict = await verifyAudit(folders, (head) => verifyHead(head, verifiers))
  if (verdict.ok) for (const log of verdict.logs) narrator.saw(`${log.origin}: ${log.records} records`)
  narrator.check(
    verdict.ok,
    verdict.ok ? 'every chain and every signed head holds' : JSON.stringify(verdict.bad),
  )
}
