import { z } from 'zod'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { StoredClient } from '../records/projection.ts'
import { cleanClientName } from './client-name.ts'
import { checkRedirectUri, type RedirectUriProblem } from './redirect-uri.ts'

/** What of a registration request counts (RFC 7591 §2). Members we do not know are ignored, as §2 demands. */
const registrationRequest = z.object({
  redirect_uris: z.array(z.string()).min(1).max(10),
  client_name: z.unknown().optional(),
  token_endpoint_auth_method: z.string().optional(),
  grant_types: z.array(z.string()).max(20).optional(),
  response_types: z.array(z.string()).max(20).optional(),
  application_type: z.enum(['web', 'native']).optional().catch(undefined),
})

export interface Registration {
  readonly name: string
  readonly redirectUris: readonly string[]
  readonly authMethod: StoredClient['authMethod']
  readonly grantTypes: StoredClient['grantTypes']
  readonly applicationType: 'web' | 'native' | undefined
}

/** RFC 7591 §3.2.2. */
export type RegistrationRefusal =
  | { readonly error: 'invalid_client_metadata'; readonly problem: string }
  | { readonly error: 'invalid_redirect_uri'; readonly problem: RedirectUriProblem; readonly index: number }

/**
 * Reads a registration. One redirect URI that cannot be had refuses all, and says which; anything else that is not
 * offered is narrowed instead (the answer says what was registered), because clients list all they might ever use.
 */
export function readRegistration(body: unknown): Result<Registration, RegistrationRefusal> {
  const read = registrationRequest.safeParse(body)
  if (!read.success) {
    const names = new Set(read.error.issues.map((issue) => String(issue.path[0] ?? 'body')))
    return err({ error: 'invalid_client_metadata', problem: [...names].join(', ') })
  }
  const asked = read.data
  for (const [index, uri] of asked.redirect_uris.entries()) {
    const checked = checkRedirectUri(uri)
    if (!checked.ok) return err({ error: 'invalid_redirect_uri', problem: checked.error, index })
  }
  if (asked.response_types?.includes('code') === false)
    return err({ error: 'invalid_client_metadata', problem: 'response_types' })
  const grantTypes = GRANT_TYPES.filter((type) => asked.grant_types?.includes(type) ?? true)
  if (!grantTypes.includes('authorization_code'))
    return err({ error: 'invalid_client_metadata', problem: 'grant_types' })
  return ok({
    name: cleanClientName(asked.client_name),
    redirectUris: [...new Set(asked.redirect_uris)],
    authMethod: readAuthMethod(asked.token_endpoint_auth_method),
    grantTypes,
    applicationType: asked.application_type,
  })
}

const GRANT_TYPES: StoredClient['grantTypes'] = ['authorization_code', 'refresh_token']

/** Left out means `client_secret_basic` (RFC 7591 §2). A method that is not offered becomes `none`: PKCE protects both. */
function readAuthMethod(asked: string | undefined): StoredClient['authMethod'] {
  if (asked === undefined) return 'client_secret_basic'
  return asked === 'client_secret_basic' || asked === 'client_secret_post' ? asked : 'none'
}
