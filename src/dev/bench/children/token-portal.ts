import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sealCode } from '../../../crypto/code.ts'
import { initKeys } from '../../../crypto/keys/ceremony.ts'
import { loadMcpKeys, loadPortalKeys } from '../../../crypto/keys/key-ring.ts'
import { sealWith } from '../../../crypto/sealed.ts'
import { nowSeconds, systemClock } from '../../../kernel/clock.ts'
import { createLog } from '../../../kernel/log.ts'
import { randomId } from '../../../kernel/random.ts'
import { readEpoch } from '../../../kernel/recorder.ts'
import { connectRedis } from '../../../kernel/redis.ts'
import { Secret } from '../../../kernel/secret.ts'
import { RedisStore } from '../../../kernel/store/redis-store.ts'
import { CODE_LIFE_S, WAITING_RECEIPT_TYP } from '../../../portal/authorize/waiting-receipt.ts'
import { storeKeys } from '../../../portal/records/keys.ts'
import { startPortal } from '../../../portal/start.ts'
import { freePort } from '../../processes/free-port.ts'
import { waitUntilReady } from '../../up/ready.ts'
import { ask } from '../../walk/json-http.ts'
import { announce } from '../child.ts'
import { mintReceipt } from '../mint-token.ts'
import { CHALLENGE, CLIENT_NAME, REDIRECT_URI, RESOURCE, SCOPE } from '../tokens/exchange.ts'

/**
 * The portal as it is deployed: codes used up in Redis, issuance journaled and audited on disk before the answer. The
 * codes and their waiting receipts are those of a consent, made in advance.
 */
const dataDir = process.env['DATA_DIR'] ?? ''
const redisUrl = process.env['REDIS_URL'] ?? ''
const codesWanted = Number(process.env['BENCH_CODES'] ?? '0')
const portalUrl = `http://localhost:${await freePort()}`

await mkdir(dataDir, { recursive: true })
await initKeys(dataDir, systemClock)
await startPortal({
  DATA_DIR: dataDir,
  PUBLIC_PORTAL_URL: portalUrl,
  PUBLIC_MCP_URL: new URL(RESOURCE).origin,
  PORTAL_PORT: new URL(portalUrl).port,
  REDIS_URL: redisUrl,
  CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from('clerk.example.com$').toString('base64')}`,
  CLERK_SECRET_KEY: 'sk_test_bench',
  LOG_LEVEL: 'error',
})
await waitUntilReady([`${portalUrl}/readyz`])
const registered = await ask(`${portalUrl}/oauth/register`, {
  json: {
    client_name: CLIENT_NAME,
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  },
})
if (registered.status !== 201) throw new Error(`registration: ${JSON.stringify(registered.body)}`)
const { client_id: clientId } = registered.body as { client_id: string }

const portalKeys = await loadPortalKeys(join(dataDir, 'portal', 'keys'))
const mcpKeys = await loadMcpKeys(join(dataDir, 'mcp', 'keys'))
const log = createLog({ service: 'bench', level: 'error' })
const redis = connectRedis({ url: new Secret(redisUrl), clock: systemClock, log })
const store = new RedisStore({ redis, prefix: '{portal}:' })
const epoch = await readEpochOnceConnected()

/** The connection is made in the background; until then every call rejects. */
async function readEpochOnceConnected(): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      return await readEpoch(store)
    } catch {
      await pause(50)
    }
  }
  throw new Error('Redis cannot be reached')
}

/** As `approve` of the portal does it. */
async function makeCode(): Promise<string> {
  const [j, gid, key, iat] = [randomId(), randomId(), randomBytes(32), nowSeconds(systemClock)]
  const credential = { baseUrl: 'http://127.0.0.1:8083/maximo', apiKey: 'k'.repeat(40) }
  const receipt = await mintReceipt(gid, credential, mcpKeys)
  receiptChars = receipt.length
  const waiting = await sealWith(key, WAITING_RECEIPT_TYP, JSON.stringify({ receipt, maxS: iat + 3600 }))
  await store.put(storeKeys.waitingReceipt(j), waiting, CODE_LIFE_S * 1000)
  return sealCode(
    {
      ...{ j, gid, cid: clientId, ruri: REDIRECT_URI, chal: CHALLENGE, sub: 'user_bench', sid: 'sess_bench' },
      ...{ env: randomId(), scp: SCOPE, res: RESOURCE, ep: epoch, k: key.toString('base64url') },
      ...{ iat, exp: iat + CODE_LIFE_S },
    },
    portalKeys,
  )
}

let receiptChars = 0
const codes: string[] = []
while (codes.length < codesWanted) codes.push(await makeCode())
await redis.close()
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
