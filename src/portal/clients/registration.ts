import { z } from 'zod'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { StoredClient } from '../records/projection.ts'
import {
  clientMetadata,
  narrowGrantTypes,
  narrowRedirectUris,
  readClientKeys,
  type RedirectUriRefusal,
} from './client-metadata.ts'
import { cleanClientName } from './client-name.ts'

const registrationRequest = clientMetadata.extend({
  application_type: z.enum(['web', 'native']).optional().catch(undefined),
})

export interface Registration {
  readonly client: Omit<StoredClient, 'cid' | 'secretHash' | 'untilS'>
  readonly applicationType: 'web' | 'native' | undefined
}

/** RFC 7591 §3.2.2. */
export type RegistrationRefusal =
  | { readonly error: 'invalid_client_metadata'; readonly problem: string }
  | ({ readonly error: 'invalid_redirect_uri' } & RedirectUriRefusal)

/**
 * Reads a registration. One redirect URI that nobody should have refuses all, and says which; anything else that is not
 * offered is narrowed instead (the answer says what was registered), because clients list all they might ever use.
 */
export async function readRegistration(body: unknown): Promise<Result<Registration, RegistrationRefusal>> {
  const read = registrationRequest.safeParse(body)
  if (!read.success) {
    const names = new Set(read.error.issues.map((issue) => String(issue.path[0] ?? 'body')))
    return malformed([...names].join(', '))
  }
  const asked = read.data
  const redirectUris = narrowRedirectUris(asked.redirect_uris)
  if (!redirectUris.ok) return err({ error: 'invalid_redirect_uri', ...redirectUris.error })
  const grantTypes = narrowGrantTypes(asked)
  if (grantTypes === null) return malformed('grant_types, response_types')
  const keys = await readClientKeys(asked)
  const authMethod = readAuthMethod(asked.token_endpoint_auth_method)
  if (keys === null || (authMethod === 'private_key_jwt' && Object.keys(keys).length === 0))
    return malformed('jwks, jwks_uri')
  return ok({
    client: {
      name: cleanClientName(asked.client_name),
      redirectUris: redirectUris.value,
      authMethod,
      grantTypes,
      ...(authMethod === 'private_key_jwt' ? keys : {}),
    },
    applicationType: asked.application_type,
  })
}

const malformed = (problem: string): { readonly ok: false; readonly error: RegistrationRefusal } =>
  err({ error: 'invalid_client_metadata', problem })

const OFFERED = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const

/** Left out means `client_secret_basic` (RFC 7591 §2). A method that is not offered becomes `none`: PKCE protects both. */
function readAuthMethod(asked: string | undefined): StoredClient['authMethod'] {
  if (asked === undefined) return 'client_secret_basic'
  return OFFERED.find((method) => method === asked) ?? 'none'
}
