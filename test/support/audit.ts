import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuditOptions, openAudit, type OwnAudit } from '../../src/audit/audit.ts'
import type { AuditEvent } from '../../src/audit/event.ts'
import type { VerifyHead } from '../../src/audit/heads.ts'
import { signHead, verifyHead } from '../../src/crypto/head-signature.ts'
import { initKeys } from '../../src/crypto/keys/ceremony.ts'
import { loadMcpKeys, loadPortalKeys } from '../../src/crypto/keys/key-ring.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { manualClock } from './clock.ts'
import { captureLog } from './log.ts'

export interface AuditKit {
  /** Verifies the heads of both services. */
  readonly verify: VerifyHead
  /** Signs as the service would, whatever the content says. */
  readonly sign: (service: 'portal' | 'mcp', content: Uint8Array) => Promise<string>
  readonly open: (
    service: 'portal' | 'mcp',
    folder: string,
    options?: Partial<AuditOptions>,
  ) => Promise<OwnAudit>
}

/** Audit logs with real keys of both services, made once. */
export async function auditKit(): Promise<AuditKit> {
  const data = await mkdtemp(join(tmpdir(), 'maximo-mcp-audit-keys-'))
  try {
    const made = await initKeys(data, systemClock)
    if (!made.ok) throw new Error('the keys were not made')
    const keys = {
      portal: await loadPortalKeys(join(data, 'portal', 'keys')),
      mcp: await loadMcpKeys(join(data, 'mcp', 'keys')),
    }
    const verify: VerifyHead = (head) => verifyHead(head, keys.mcp.auditHead.verifiers)
    return {
      verify,
      sign: (service, content) => signHead(content, keys[service]),
      open: (service, folder, options = {}) =>
        openAudit({
          folder,
          instance: `${service}-1`,
          service,
          clock: manualClock(),
          log: captureLog().log,
          keys: {
            sign: (content) => signHead(content, keys[service]),
            verify,
            valueKey: Buffer.alloc(32, service),
          },
          // No test waits for the timer: heads are signed when a test asks.
          headEveryMs: 3_600_000,
          ...options,
        }),
    }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

/** A tool call as the MCP server writes it, with what a test wants otherwise. */
export const aCall = (bend: Partial<AuditEvent> = {}): AuditEvent => ({
  eventType: 'mcp.call',
  outcome: 'success',
  operation: 'query_records',
  principal: 'user_1',
  authMethod: 'oauth_token',
  resource: 'mxapiwodetail',
  action: 'tools/call',
  queryParams: { status: 'APPR', siteid: 'BEDFORD' },
  responseCode: 200,
  recordCount: 47,
  sourceIP: '192.0.2.7',
  duration_ms: 23.4,
  userAgent: 'claude/1.0',
  correlationId: 'abc123',
  masInstance: 'maximo.example.com',
  tool: 'query_records',
  tokenId: 't1',
  ...bend,
})
