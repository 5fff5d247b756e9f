import { sha256Base64url } from '../../crypto/digest.ts'
import type { StoredClient } from '../records/projection.ts'

/** How a client authenticates at the token endpoint (RFC 7591 §2, RFC 7523 §2.2). */
export type AuthMethod = StoredClient['authMethod']

/**
 * A client as it stands now, and where that is written: in the operator's file (its `secretHash` then is a plain SHA-256),
 * on its own host, or at registration.
 */
export interface Client extends StoredClient {
  readonly source: 'file' | 'document' | 'registration'
}

/** Methods the client may use: the one that was registered, or all that its metadata document lists. */
export const acceptsMethod = (client: StoredClient, method: AuthMethod): boolean =>
  client.authMethod === method || (method === 'none' && client.publicToo === true)

/** Changes with everything that a person agrees to, or that the client is recognised by. */
export const clientDigest = ({
  name,
  redirectUris,
  authMethod,
  publicToo,
  jwks,
  jwksUri,
}: StoredClient): string =>
  sha256Base64url(JSON.stringify([name, redirectUris, authMethod, publicToo, jwks, jwksUri]))
