import { join } from 'node:path'
import { loadMcpKeys, loadPortalKeys, type McpKeys, type PortalKeys } from '../../crypto/keys/key-ring.ts'
import { sealReceipt } from '../../crypto/receipt.ts'
import { sealAccessToken } from '../../crypto/token-seal.ts'
import { nowSeconds, systemClock } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import { Secret } from '../../kernel/secret.ts'

export interface Mint {
  readonly dataDir: string
  readonly portalUrl: string
  readonly mcpUrl: string
  readonly credential: { readonly baseUrl: string; readonly apiKey: string }
}

const HOUR_S = 3600
const DAY_S = 24 * HOUR_S

/** Whose token it is: of one and the same grant, as each hour brings one, or of somebody with an environment of his own. */
export type Whose = 'refreshed' | 'newcomer'

/** Makes tokens as portal and MCP server do together, here in one place because both key folders are ours. */
export async function openMint({
  dataDir,
  portalUrl,
  mcpUrl,
  credential,
}: Mint): Promise<(whose?: Whose) => Promise<string>> {
  const [portal, mcp] = [
    await loadPortalKeys(join(dataDir, 'portal', 'keys')),
    await loadMcpKeys(join(dataDir, 'mcp', 'keys')),
  ]
  const grant = async (): Promise<Granted> => {
    const gid = randomId()
    return { gid, receipt: await mintReceipt(gid, credential, mcp) }
  }
  const first = await grant()
  return async (whose = 'refreshed') => {
    const granted = whose === 'refreshed' ? first : await grant()
    return mintToken({ portalUrl, mcpUrl, ...granted }, portal)
  }
}

interface Granted {
  readonly gid: string
  readonly receipt: string
}

async function mintToken(
  { portalUrl, mcpUrl, gid, receipt }: Pick<Mint, 'portalUrl' | 'mcpUrl'> & Granted,
  portal: PortalKeys,
): Promise<string> {
  const now = nowSeconds(systemClock)
  const token = await sealAccessToken(
    {
      iss: portalUrl,
      aud: `${mcpUrl}/mcp`,
      jti: randomId(),
      iat: now,
      exp: now + HOUR_S,
      gid,
      scope: 'maximo:read',
      knd: 'at',
      gr: receipt,
    },
    portal,
  )
  if (!token.ok) throw new Error('The token is too long.')
  return token.value
}

/** A receipt as the MCP server makes it at consent, for a day of reading. */
export async function mintReceipt(
  gid: string,
  credential: Mint['credential'],
  keys: Pick<McpKeys, 'receipt'>,
): Promise<string> {
  const receipt = await sealReceipt(
    {
      v: 1,
      sub: 'user_bench',
      sid: 'sess_bench',
      env: randomId(),
      ver: 1,
      cid: randomId(),
      scp: 'maximo:read offline_access',
      knd: 'at',
      gid,
      prf: 'interactive',
      pla: 'enterprise',
      fea: '',
      at: systemClock.nowMs(),
      max: nowSeconds(systemClock) + DAY_S,
      c: { u: credential.baseUrl, a: 'apikey', k: new Secret(credential.apiKey) },
    },
    keys,
  )
  if (!receipt.ok) throw new Error(`The receipt is too long: ${receipt.error.part}`)
  return receipt.value
}
