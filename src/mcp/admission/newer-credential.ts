import { LRUCache } from 'lru-cache'
import { sha256Base64url } from '../../crypto/digest.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import type { OpenedToken } from '../../crypto/token-open.ts'
import { openWrapped } from '../../crypto/wrapped.ts'
import { type MaximoAccess, maximoAccess } from './admitted.ts'
import type { AdmitDeps } from './admit.ts'

/** The journaled credential could not be opened, or is not the one the store says it is. */
class CredentialUnreadable extends Error {
  override readonly name = 'CredentialUnreadable'
}

/**
 * Opens the credential that replaced the receipt's. The blob is sealed by a key of this server alone and bound to its
 * owner, environment and version, so a writer of the store can neither make one nor move one; an older one that he
 * puts under a newer version is found out here.
 */
export function newerCredentials(keys: () => McpKeys): AdmitDeps['openNewer'] {
  const opened = new LRUCache<string, MaximoAccess>({ max: 2_000 })
  return async (token, newer) => {
    const { sub, env } = token.receipt
    const blobKey = `${sub}:${env}:${newer.version}:${sha256Base64url(newer.blob)}`
    const known = opened.get(blobKey)
    if (known !== undefined) return known
    const access = await openAccess(token, newer, keys())
    opened.set(blobKey, access)
    return access
  }
}

async function openAccess(
  { receipt }: OpenedToken,
  newer: { readonly version: number; readonly blob: string },
  keys: McpKeys,
): Promise<MaximoAccess> {
  const owned = { sub: receipt.sub, env: receipt.env }
  const wrapped = await openWrapped(newer.blob, owned, keys)
  if (!wrapped.ok) throw new CredentialUnreadable(`journaled credential: ${wrapped.error}`)
  const { ver, c } = wrapped.value
  if (ver !== newer.version || new URL(c.u).origin !== new URL(receipt.c.u).origin) {
    throw new CredentialUnreadable('journaled credential: not the version or the host that it stands for')
  }
  return maximoAccess(owned, { ver, c })
}
