import { safeEqual, sha256Base64url } from '../../crypto/digest.ts'
import type { Force } from '../records/connections.ts'
import type { StoredClient } from '../records/projection.ts'
import type { PortalRecords } from '../records/records.ts'
import type { PortalKeys } from '../../crypto/keys/key-ring.ts'
import { isRefreshToken, refreshHashes } from '../token/refresh-token.ts'
import type { Revocations } from './revocations.ts'

export interface RevokeDeps {
  readonly records: PortalRecords
  readonly keys: Pick<PortalKeys, 'local'>
  readonly revocations: Revocations
}

/** `nothing`: not a token of ours, or another client's. It reads the same on the wire (RFC 7009 §2.2). */
export type Revoked =
  | { readonly what: 'nothing' }
  | { readonly what: 'grant' | 'token'; readonly id: string; readonly force: Force }

/**
 * Revokes a token for the client it was issued to (RFC 7009). A refresh token ends the whole grant (§2.1); an access
 * token ends alone. The hint is not needed: the two look different.
 *
 * @throws StoreUnavailable, DiskUnavailable
 */
export async function revokeToken(token: string, client: StoredClient, deps: RevokeDeps): Promise<Revoked> {
  return isRefreshToken(token) ? revokeRefresh(token, client, deps) : revokeAccess(token, client, deps)
}

async function revokeRefresh(token: string, client: StoredClient, deps: RevokeDeps): Promise<Revoked> {
  for (const hash of refreshHashes(token, deps.keys)) {
    const found = await deps.records.findRefresh(hash)
    if (found === null) continue
    if (found.held.cid !== client.cid) return { what: 'nothing' }
    const { gid, maxS } = found.held
    return {
      what: 'grant',
      id: gid,
      force: await deps.revocations.endGrant({ gid, maxS, by: 'client', reason: 'revoked' }),
    }
  }
  return { what: 'nothing' }
}

async function revokeAccess(token: string, client: StoredClient, deps: RevokeDeps): Promise<Revoked> {
  const rid = readTokenId(token)
  const issued = rid === null ? null : await deps.records.findToken(rid)
  if (rid === null || issued === null || issued.cid !== client.cid) return { what: 'nothing' }
  // Stronger than the tag in its header: it is this very token, as we issued it.
  if (!safeEqual(sha256Base64url(token), issued.sha256)) return { what: 'nothing' }
  return {
    what: 'token',
    id: rid,
    force: await deps.revocations.endToken({ rid, untilS: issued.expS, by: client.cid }),
  }
}

/** The token's id stands in the clear in its header. It finds the record; it proves nothing. */
function readTokenId(token: string): string | null {
  if (token.length > 6_144) return null
  const [header, ...rest] = token.split('.')
  if (header === undefined || rest.length !== 4) return null
  try {
    const members: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
    const rid = typeof members === 'object' && members !== null && 'rid' in members ? members.rid : null
    return typeof rid === 'string' && /^[A-Za-z0-9_-]{22}$/.test(rid) ? rid : null
  } catch {
    return null
  }
}
