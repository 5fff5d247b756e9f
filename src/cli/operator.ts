import { userInfo } from 'node:os'
import { z } from 'zod'
import { openInternalClient, type InternalClient } from '../crypto/internal-client.ts'
import { keyFolder } from '../crypto/keys/ceremony.ts'
import { loadOperatorKey } from '../crypto/keys/key-ring.ts'
import { systemClock } from '../kernel/clock.ts'
import { filePath, internalServers, type InternalServer } from '../kernel/env-fields.ts'
import { parseEnv } from '../kernel/env.ts'
import { createLog } from '../kernel/log.ts'

/** A person with the operator's key, at the internal listeners. */
export interface Operator extends InternalClient {
  readonly servers: readonly InternalServer[]
  /** As which its calls stand in the MCP server's records. */
  readonly issuer: string
}

/**
 * Opens the operator's way to the MCP servers: the key of `DATA_DIR/ops/keys`, the addresses of `MCP_INTERNAL_URLS`, and
 * the authority of `MCP_INTERNAL_TLS_CA`. Each call names the account of this machine that made it.
 *
 * @throws ConfigError, KeyFault
 */
export async function openOperator(env: Readonly<Record<string, string | undefined>>): Promise<Operator> {
  const config = parseEnv(operatorEnv, env)
  const key = await loadOperatorKey(keyFolder(config.DATA_DIR, 'ops'))
  const issuer = `ops:${userInfo().username}`.slice(0, MAX_ISSUER_CHARS)
  const client = openInternalClient({
    servers: config.MCP_INTERNAL_URLS,
    issuer,
    caFile: config.MCP_INTERNAL_TLS_CA,
    signer: () => key,
    clock: systemClock,
    // What went wrong is said in a sentence of the command.
    log: createLog({ service: 'ops', level: 'silent' }),
  })
  return { ...client, issuer, servers: config.MCP_INTERNAL_URLS }
}

const operatorEnv = z.object({
  DATA_DIR: filePath.default('./data'),
  MCP_INTERNAL_URLS: z.string().default('mcp-1=http://127.0.0.1:8091').pipe(internalServers),
  MCP_INTERNAL_TLS_CA: filePath.optional(),
})
const MAX_ISSUER_CHARS = 100
