import type { Force } from '../records/connections.ts'
import type { StoredClient } from '../records/projection.ts'
import type { PortalRecords } from '../records/records.ts'
import type { PortalKeys } from '../../crypto/keys/key-ring.ts'
import { isRefreshToken, refreshHashes } from '../token/refresh-token.ts'
import { findIssued } from './find-by-value.ts'
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
 * token ends alone, an automation token with its grant, of which it is all. The hint is not needed: they look different.
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
  const issued = await findIssued(token, deps.records)
  if (issued?.cid !== client.cid) return { what: 'nothing' }
  const { rid, gid } = issued
  const automation = deps.records.connections.findAutomation(gid)
  if (automation !== null) {
    const end = { gid, maxS: automation.maxS, by: 'client', reason: 'revoked' } as const
    return { what: 'grant', id: gid, force: await deps.revocations.endGrant(end) }
  }
  return {
    what: 'token',
    id: rid,
    force: await deps.revocations.endToken({ rid, untilS: issued.expS, by: client.cid }),
  }
}
