import { z } from 'zod'
import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'

/**
 * How a Maximo user is proven (maximo-api §1.2), and what the stored credential holds:
 * - `apikey`: the key
 * - `maxauth`, `basic`: `user:password`; native login and LDAP
 * - `oauth`: a {@link ClientGrant} without a refresh token (RFC 6749 §4.4)
 * - `oidc`: a {@link ClientGrant} with one (RFC 6749 §6). A bearer is obtained, never stored
 * - `certificate`: nothing but the operator's client certificate; the text `certificate`
 */
export const CREDENTIAL_METHODS = ['apikey', 'maxauth', 'basic', 'oauth', 'oidc', 'certificate'] as const
export type CredentialMethod = (typeof CREDENTIAL_METHODS)[number]

/** What obtains a bearer, under short names: all of it travels in every token. */
const clientGrant = z.strictObject({
  /** Token endpoint of Maximo's identity provider. */
  t: z.string().min(1).max(255),
  /** Client id. */
  i: z.string().min(1).max(120),
  /** Client secret; a public client of `oidc` has none. */
  s: z.string().min(1).max(200).optional(),
  scope: z.string().min(1).max(120).optional(),
  /** Refresh token. */
  r: z.string().min(1).max(450).optional(),
})
export type ClientGrant = z.output<typeof clientGrant>

/** @returns what obtains the bearer, or `malformed` when the method needs what is missing, or forbids what is there */
export function readClientGrant(
  method: 'oauth' | 'oidc',
  credential: string,
): Result<ClientGrant, 'malformed'> {
  const read = clientGrant.safeParse(parse(credential))
  if (!read.success) return err('malformed')
  const { s, r } = read.data
  const isWhole = method === 'oauth' ? s !== undefined && r === undefined : r !== undefined
  return isWhole ? ok(read.data) : err('malformed')
}

export const writeClientGrant = (grant: ClientGrant): string => JSON.stringify(grant)

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
