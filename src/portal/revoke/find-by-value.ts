import { z } from 'zod'
import { safeEqual, sha256Base64url } from '../../crypto/digest.ts'
import { CI_PREFIX_CHARS } from '../../crypto/formats.ts'
import type { PortalKeys } from '../../crypto/keys/key-ring.ts'
import { nowSeconds, type Clock } from '../../kernel/clock.ts'
import type { StoredToken } from '../records/projection.ts'
import type { PortalRecords } from '../records/records.ts'
import { isRefreshToken, refreshHashes } from '../token/refresh-token.ts'
import { GRANT_LIFE_S } from '../token/token-deps.ts'

export interface FoundToken {
  readonly gid: string
  /** Last second of the grant. */
  readonly maxS: number
  /** Token id of an access or automation token; null for a refresh token. */
  readonly rid: string | null
}

/**
 * The grant behind a token of ours of any kind, by the token itself.
 *
 * @throws StoreUnavailable
 */
export async function findByValue(
  token: string,
  deps: { readonly records: PortalRecords; readonly keys: Pick<PortalKeys, 'local'>; readonly clock: Clock },
): Promise<FoundToken | null> {
  if (isRefreshToken(token)) {
    for (const hash of refreshHashes(token, deps.keys)) {
      const found = await deps.records.findRefresh(hash)
      if (found !== null) return { gid: found.held.gid, maxS: found.held.maxS, rid: null }
    }
    return null
  }
  const issued = await findIssued(token, deps.records)
  if (issued === null) return null
  const { gid, rid } = issued
  const maxS = deps.records.connections.find(gid)?.maxS ?? nowSeconds(deps.clock) + GRANT_LIFE_S
  return { gid, maxS, rid }
}

/**
 * The record of an access or automation token: of this very token, as we issued it.
 *
 * @throws StoreUnavailable
 */
export async function findIssued(
  token: string,
  records: Pick<PortalRecords, 'findToken'>,
): Promise<(StoredToken & { readonly rid: string }) | null> {
  const rid = readTokenId(token)
  const issued = rid === null ? null : await records.findToken(rid)
  // Stronger than the tag in its header.
  return rid !== null && issued !== null && safeEqual(sha256Base64url(token), issued.sha256)
    ? { ...issued, rid }
    : null
}

/** The token's id stands in the clear in its header. It finds the record; it proves nothing. */
function readTokenId(token: string): string | null {
  if (token.length > 6_144) return null
  const jwe = token.startsWith('mxci_') ? token.slice(CI_PREFIX_CHARS) : token
  const [header, ...rest] = jwe.split('.')
  if (header === undefined || rest.length !== 4) return null
  try {
    return (
      tokenHeader.safeParse(JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))).data?.rid ?? null
    )
  } catch {
    return null
  }
}

const tokenHeader = z.object({ rid: z.string().regex(/^[A-Za-z0-9_-]{22}$/) })
