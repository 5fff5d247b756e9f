import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Provider from 'oidc-provider'
import { CODE_LIFE_S } from '../../../portal/authorize/waiting-receipt.ts'
import { freePort } from '../../processes/free-port.ts'
import { announce } from '../child.ts'
import { CHALLENGE, CLIENT_NAME, REDIRECT_URI, RESOURCE, SCOPE } from '../tokens/exchange.ts'
import { MapAdapter, redisAdapter } from '../tokens/provider-adapters.ts'

/**
 * `oidc-provider` with its tokens in our format: signed with Ed25519, then encrypted to an RSA-2048 key, with a claim as
 * long as our receipt, of the grant that the token belongs to. So the claim lies in the store from the consent on and is
 * read for the token, as ours is. Everything else that costs it something is left out: it writes no log, and nobody waits
 * for a disk. With `REDIS_URL` its records lie in Redis, as its authors ask for in production; without, in a plain map.
 */
const dataDir = process.env['DATA_DIR'] ?? ''
const redisUrl = process.env['REDIS_URL']
const codesWanted = Number(process.env['BENCH_CODES'] ?? '0')
const claimBytes = Math.ceil((Number(process.env['BENCH_CLAIM_CHARS'] ?? '0') * 3) / 4)
const issuer = `http://localhost:${await freePort()}`

const adapter = redisUrl === undefined ? MapAdapter : await redisAdapter(redisUrl)
const claims = adapter('GrantClaim')
const YEAR_S = 365 * 86_400
const signing = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
const encryption = generateKeyPairSync('rsa', { modulusLength: 2048 })
const provider = new Provider(issuer, {
  adapter,
  ttl: { AuthorizationCode: CODE_LIFE_S },
  jwks: { keys: [{ ...signing, alg: 'EdDSA', use: 'sig' }] },
  scopes: SCOPE.split(' '),
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'maximo:read',
        audience: RESOURCE,
        accessTokenTTL: 3600,
        accessTokenFormat: 'jwt',
        jwt: {
          sign: { alg: 'EdDSA' },
          encrypt: { alg: 'RSA-OAEP-256', enc: 'A256GCM', key: encryption.publicKey },
        },
      }),
    },
  },
  findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  issueRefreshToken: () => true,
  extraTokenClaims: async (_context, token) => {
    const grantId = 'grantId' in token ? token.grantId : undefined
    return { gr: (await claims.find(grantId ?? ''))?.['gr'] }
  },
})

// As a registration leaves it: clients of an MCP server register themselves, so they lie in the store, as ours do.
await adapter('Client').upsert(
  CLIENT_NAME,
  {
    client_id: CLIENT_NAME,
    application_type: 'native',
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    id_token_signed_response_alg: 'EdDSA',
  },
  YEAR_S,
)
const client = await provider.Client.find(CLIENT_NAME)
if (client === undefined) throw new Error('the client is not there')

async function makeCode(): Promise<string> {
  const accountId = 'user_bench'
  const grant = new provider.Grant({ accountId, clientId: CLIENT_NAME })
  grant.addOIDCScope('offline_access')
  grant.addResourceScope(RESOURCE, 'maximo:read')
  const grantId = await grant.save()
  await claims.upsert(grantId, { gr: randomBytes(claimBytes).toString('base64url') }, YEAR_S)
  const code = new provider.AuthorizationCode({
    ...{ accountId, client, grantId, gty: 'authorization_code' },
    ...{ redirectUri: REDIRECT_URI, scope: SCOPE, resource: RESOURCE },
    ...{ codeChallenge: CHALLENGE, codeChallengeMethod: 'S256' },
  } as never)
  return code.save()
}

const codes: string[] = []
while (codes.length < codesWanted) codes.push(...(await Promise.all(Array.from({ length: 100 }, makeCode))))
await mkdir(dataDir, { recursive: true })
await writeFile(join(dataDir, 'codes.json'), JSON.stringify(codes))
provider.listen(Number(new URL(issuer).port), () => {
  announce({
    url: `${issuer}/token`,
    clientId: CLIENT_NAME,
    codes: join(dataDir, 'codes.json'),
    decryptionKey: JSON.stringify(encryption.privateKey.export({ format: 'jwk' })),
  })
})
