import { z } from 'zod'
import { readForeignKeys } from '../../crypto/foreign-keys.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { StoredClient } from '../records/projection.ts'
import { readRemoteUrl } from './documents/document-url.ts'
import { checkRedirectUri, type RedirectUriProblem } from './redirect-uri.ts'

/** What counts of a client's own metadata (RFC 7591 §2), wherever it stands. Members we do not know are ignored, as §2 demands. */
export const clientMetadata = z.object({
  redirect_uris: z.array(z.string()).min(1).max(10),
  client_name: z.unknown().optional(),
  token_endpoint_auth_method: z.string().optional(),
  grant_types: z.array(z.string()).max(20).optional(),
  response_types: z.array(z.string()).max(20).optional(),
  jwks: z.unknown().optional(),
  jwks_uri: z.unknown().optional(),
})
type ClientMetadata = z.infer<typeof clientMetadata>

export interface RedirectUriRefusal {
  readonly problem: RedirectUriProblem
  readonly index: number
}

/**
 * The redirect URIs that can be had. One that nobody should register refuses all, and says which; one with a private-use
 * scheme that is merely not on the list is left out, as long as another remains.
 */
export function narrowRedirectUris(asked: readonly string[]): Result<string[], RedirectUriRefusal> {
  const kept: string[] = []
  let left: RedirectUriRefusal | undefined
  for (const [index, uri] of asked.entries()) {
    const checked = checkRedirectUri(uri)
    if (checked.ok) kept.push(uri)
    else if (checked.error === 'scheme_not_listed') left ??= { problem: checked.error, index }
    else return err({ problem: checked.error, index })
  }
  return kept.length === 0 && left !== undefined ? err(left) : ok([...new Set(kept)])
}

/** The grant types of ours among those asked for, all where none were; `null` when the client cannot use this server at all. */
export function narrowGrantTypes({
  grant_types: grants,
  response_types: responses,
}: ClientMetadata): Grants | null {
  if (responses?.includes('code') === false) return null
  const kept = GRANT_TYPES.filter((type) => grants?.includes(type) ?? true)
  return kept.includes('authorization_code') ? kept : null
}

type Grants = StoredClient['grantTypes']
const GRANT_TYPES: Grants = ['authorization_code', 'refresh_token']

/** Keys by value or by address, never both (RFC 7591 §2); nothing where there are none; `null` when they are not usable. */
export async function readClientKeys({
  jwks,
  jwks_uri: uri,
}: ClientMetadata): Promise<Pick<StoredClient, 'jwks' | 'jwksUri'> | null> {
  if (jwks === undefined && uri === undefined) return {}
  if (jwks !== undefined && uri !== undefined) return null
  if (uri !== undefined)
    return typeof uri === 'string' && readRemoteUrl(uri) !== null ? { jwksUri: uri } : null
  // Sound keys are an object, or they would not have been read.
  return (await readForeignKeys(jwks)).ok ? { jwks: jwks as Record<string, unknown> } : null
}
