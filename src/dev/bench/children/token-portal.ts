import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { initKeys } from '../../../crypto/keys/ceremony.ts'
import { systemClock } from '../../../kernel/clock.ts'
import { createLog } from '../../../kernel/log.ts'
import { connectRedis } from '../../../kernel/redis.ts'
import { Secret } from '../../../kernel/secret.ts'
import { RedisStore } from '../../../kernel/store/redis-store.ts'
import { loadPortalConfig } from '../../../portal/config.ts'
import { startPortal } from '../../../portal/start.ts'
import { freePort } from '../../processes/free-port.ts'
import { waitUntilReady } from '../../up/ready.ts'
import { announce } from '../child.ts'
import { makeConsents } from '../tokens/consents.ts'
import { RESOURCE } from '../tokens/exchange.ts'

/**
 * The portal as it is deployed: codes used up in Redis, issuance journaled and audited on disk before the answer. The
 * codes and their waiting receipts are those of consents, made in advance.
 */
const dataDir = process.env['DATA_DIR'] ?? ''
const portalUrl = `http://localhost:${await freePort()}`
const variables = {
  DATA_DIR: dataDir,
  PUBLIC_PORTAL_URL: portalUrl,
  PUBLIC_MCP_URL: new URL(RESOURCE).origin,
  PORTAL_PORT: new URL(portalUrl).port,
  REDIS_URL: process.env['REDIS_URL'] ?? '',
  CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from('clerk.example.com$').toString('base64')}`,
  CLERK_SECRET_KEY: 'sk_test_bench',
  LOG_LEVEL: 'error',
}

await mkdir(dataDir, { recursive: true })
await initKeys(dataDir, systemClock)
const wanted = Number(process.env['BENCH_CODES'] ?? '0')
const [config, log] = [loadPortalConfig(variables), createLog({ service: 'bench', level: 'error' })]
// As the portal opens it, but patient: a Redis that a busy machine keeps waiting is not what is measured.
const url = new Secret(variables.REDIS_URL)
const redis = connectRedis({ url, prefix: '{portal}:', clock: systemClock, log, commandTimeoutMs: 10_000 })
const store = new RedisStore({ redis, prefix: '{portal}:' })
const { clientId, codes, receiptChars } = await makeConsents(dataDir, { config, store, log }, wanted)
await startPortal(variables, { store })
await waitUntilReady([`${portalUrl}/readyz`])
await writeFile(join(dataDir, 'codes.json'), JSON.stringify(codes))
announce({
  url: `${portalUrl}/oauth/token`,
  clientId,
  codes: join(dataDir, 'codes.json'),
  decryptionKey: await privateJwk(),
  receiptChars: String(receiptChars),
})

/** The MCP server's own, so that the bench can look into a token before it counts any. */
async function privateJwk(): Promise<string> {
  const folder = join(dataDir, 'mcp', 'keys')
  const name = (await readdir(folder)).find((file) => file.startsWith('token-encryption.')) ?? ''
  const { jwk } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { jwk: object }
  return JSON.stringify(jwk)
}
