import { CLIENT_ASSERTION_TYPE, readAssertionSubject } from '../../crypto/client-assertion.ts'
import { keyedHash, safeEqual, sha256Base64url } from '../../crypto/digest.ts'
import type { PortalKeys } from '../../crypto/keys/key-ring.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { acceptsMethod, type AuthMethod, type Client } from '../clients/client.ts'
import type { Clients } from '../clients/clients.ts'
import type { Fields } from '../fields.ts'
import { type AssertionDeps, type AssertionRefusal, proveByAssertion } from './client-assertion.ts'

/** How a client presents itself (RFC 6749 §2.3). */
export interface PresentedClient {
  readonly clientId: string
  readonly method: AuthMethod
  /** A secret, or a signed assertion. */
  readonly proof: string | undefined
}

export type ClientRefusal =
  | AssertionRefusal
  | 'client_missing'
  | 'client_auth_malformed'
  | 'client_auth_twice'
  | 'client_unknown'
  | 'client_method_wrong'
  | 'client_secret_wrong'

/**
 * Reads the client's credentials: from the header, or a secret or an assertion from the body, never two of them (RFC 6749
 * §2.3). A `Bearer` header is ignored: some clients send their resource token to every address they know.
 */
export function readPresentedClient(
  authorization: string | undefined,
  fields: Fields,
): Result<PresentedClient, ClientRefusal> {
  const inBody = {
    id: fields.find('client_id'),
    secret: fields.find('client_secret'),
    assertion: fields.find('client_assertion'),
    type: fields.find('client_assertion_type'),
  }
  if (authorization === undefined || !/^Basic\b/i.test(authorization)) return readBody(inBody)
  const pair = readBasic(authorization)
  if (pair === null) return err('client_auth_malformed')
  const isTwice = [inBody.secret, inBody.assertion, inBody.type].some((value) => value !== undefined)
  if (isTwice || (inBody.id ?? pair.id) !== pair.id) return err('client_auth_twice')
  return ok({ clientId: pair.id, method: 'client_secret_basic', proof: pair.secret })
}

type InBody = Readonly<Record<'id' | 'secret' | 'assertion' | 'type', string | undefined>>

function readBody(body: InBody): Result<PresentedClient, ClientRefusal> {
  if (body.assertion !== undefined || body.type !== undefined) return readAssertion(body)
  if (body.id === undefined) return err('client_missing')
  const method = body.secret === undefined ? 'none' : 'client_secret_post'
  return ok({ clientId: body.id, method, proof: body.secret })
}

/** RFC 7521 §4.2: `client_id` may be left out, since the assertion names its subject. */
function readAssertion({ id, secret, assertion, type }: InBody): Result<PresentedClient, ClientRefusal> {
  if (secret !== undefined) return err('client_auth_twice')
  if (assertion === undefined || type !== CLIENT_ASSERTION_TYPE) return err('client_auth_malformed')
  const clientId = id ?? readAssertionSubject(assertion)
  return clientId === null
    ? err('client_auth_malformed')
    : ok({ clientId, method: 'private_key_jwt', proof: assertion })
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

export interface ClientAuthDeps extends AssertionDeps {
  readonly clients: Pick<Clients, 'findKnown' | 'findKeys'>
  readonly keys: Pick<PortalKeys, 'local'>
}

/**
 * The client, if it authenticates exactly as it may: a public client that shows a secret, or a confidential one that shows
 * it elsewhere, is refused. `address` is where the request came from.
 *
 * @throws StoreUnavailable
 */
export async function authenticateClient(
  presented: PresentedClient,
  address: string,
  deps: ClientAuthDeps,
): Promise<Result<Client, ClientRefusal>> {
  const { clientId, method, proof } = presented
  if (!CLIENT_ID.test(clientId)) return err('client_unknown')
  const client = await deps.clients.findKnown(clientId, address)
  if (client === null) return err('client_unknown')
  if (!acceptsMethod(client, method)) return err('client_method_wrong')
  if (method === 'none') return ok(client)
  if (proof === undefined) return err('client_secret_wrong')
  if (method === 'private_key_jwt') {
    const proven = await proveByAssertion({ client, assertion: proof, address }, deps)
    return proven.ok ? ok(client) : proven
  }
  return isItsSecret(proof, client, deps.keys) ? ok(client) : err('client_secret_wrong')
}

function isItsSecret(shown: string, client: Client, keys: Pick<PortalKeys, 'local'>): boolean {
  const { secretHash, source } = client
  // The operator's file holds a plain hash, which is enough for what is random.
  const hashes = source === 'file' ? [sha256Base64url(shown)] : secretHashes(shown, keys)
  return secretHash !== undefined && hashes.some((hash) => safeEqual(hash, secretHash))
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
