import { keyedHash, safeEqual } from '../../crypto/digest.ts'
import type { PortalKeys } from '../../crypto/keys/key-ring.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Fields } from '../fields.ts'
import type { PortalRecords } from '../records/records.ts'
import type { StoredClient } from '../records/projection.ts'

/** How a client presents itself (RFC 6749 §2.3). */
export interface PresentedClient {
  readonly clientId: string
  readonly method: StoredClient['authMethod']
  readonly secret: string | undefined
}

export type ClientRefusal =
  | 'client_missing'
  | 'client_auth_malformed'
  | 'client_auth_twice'
  | 'client_unknown'
  | 'client_method_wrong'
  | 'client_secret_wrong'

/**
 * Reads the client's credentials from header or body, never from both (RFC 6749 §2.3). A `Bearer` header is ignored:
 * some clients send their resource token to every address they know.
 */
export function readPresentedClient(
  authorization: string | undefined,
  fields: Fields,
): Result<PresentedClient, ClientRefusal> {
  const inBody = { id: fields.find('client_id'), secret: fields.find('client_secret') }
  if (authorization === undefined || !/^Basic\b/i.test(authorization)) return readBody(inBody)
  const pair = readBasic(authorization)
  if (pair === null) return err('client_auth_malformed')
  if (inBody.secret !== undefined || (inBody.id ?? pair.id) !== pair.id) return err('client_auth_twice')
  return ok({ clientId: pair.id, method: 'client_secret_basic', secret: pair.secret })
}

function readBody(body: {
  readonly id: string | undefined
  readonly secret: string | undefined
}): Result<PresentedClient, ClientRefusal> {
  if (body.id === undefined) return err('client_missing')
  const method = body.secret === undefined ? 'none' : 'client_secret_post'
  return ok({ clientId: body.id, method, secret: body.secret })
}

/** Both halves are form-encoded before they are joined (RFC 6749 §2.3.1). */
function readBasic(authorization: string): { id: string; secret: string } | null {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1] ?? ''
  const [, id, secret] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  try {
    if (id === undefined || secret === undefined) return null
    return { id: formDecode(id), secret: formDecode(secret) }
  } catch {
    return null // bad percent-encoding
  }
}

const formDecode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))

/**
 * The registered client, if it authenticates exactly as registered: a public client that shows a secret, or a
 * confidential one that shows it elsewhere, is refused.
 *
 * @throws StoreUnavailable
 */
export async function authenticateClient(
  presented: PresentedClient,
  deps: { readonly records: Pick<PortalRecords, 'findClient'>; readonly keys: Pick<PortalKeys, 'local'> },
): Promise<Result<StoredClient, ClientRefusal>> {
  if (!CLIENT_ID.test(presented.clientId)) return err('client_unknown')
  const client = await deps.records.findClient(presented.clientId)
  if (client === null) return err('client_unknown')
  if (client.authMethod !== presented.method) return err('client_method_wrong')
  if (client.authMethod === 'none') return ok(client)
  const { secretHash } = client
  const shown = presented.secret === undefined ? [] : secretHashes(presented.secret, deps.keys)
  return secretHash !== undefined && shown.some((hash) => safeEqual(hash, secretHash))
    ? ok(client)
    : err('client_secret_wrong')
}

const CLIENT_ID = /^[\x21-\x7E]{1,512}$/

/** Keyed hashes of a client secret under every local key that may have been used, the current one first. */
export const secretHashes = (
  secret: string,
  keys: Pick<PortalKeys, 'local'>,
): readonly [string, ...string[]] => {
  const hash = (key: PortalKeys['local']['active']): string => keyedHash(key.derive('client-secret'), secret)
  return [hash(keys.local.active), ...keys.local.all.slice(1).map(hash)]
}
