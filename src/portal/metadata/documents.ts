import { FOREIGN_ALGORITHMS } from '../../crypto/foreign-keys.ts'
import { ADVERTISED_SCOPES } from '../authorize/scopes.ts'
import { JWT_BEARER } from '../token/grant-types.ts'

export const PATHS = {
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  revoke: '/oauth/revoke',
  register: '/oauth/register',
  jwks: '/oauth/jwks',
} as const

/** Authorization server metadata (RFC 8414 §2). It advertises what works, nothing else; all of it from configuration. */
export function serverMetadata(
  issuer: string,
  { workloads }: { readonly workloads: boolean },
): Readonly<Record<string, unknown>> {
  const authMethods = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']
  return {
    issuer,
    authorization_endpoint: `${issuer}${PATHS.authorize}`,
    token_endpoint: `${issuer}${PATHS.token}`,
    revocation_endpoint: `${issuer}${PATHS.revoke}`,
    registration_endpoint: `${issuer}${PATHS.register}`,
    jwks_uri: `${issuer}${PATHS.jwks}`,
    scopes_supported: ADVERTISED_SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      ...['authorization_code', 'refresh_token', 'client_credentials'],
      // Only where the operator trusts a platform whose workloads could use it.
      ...(workloads ? [JWT_BEARER] : []),
    ],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: authMethods,
    token_endpoint_auth_signing_alg_values_supported: FOREIGN_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: authMethods,
    revocation_endpoint_auth_signing_alg_values_supported: FOREIGN_ALGORITHMS,
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
  }
}
