import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { StoredClient } from '../../records/projection.ts'
import { clientMetadata, narrowGrantTypes, narrowRedirectUris, readClientKeys } from '../client-metadata.ts'
import { cleanClientName } from '../client-name.ts'

/** What is wrong with a metadata document, by the member it is wrong in. */
export type DocumentProblem =
  'malformed' | 'client_id' | 'client_secret' | 'redirect_uris' | 'grant_types' | 'auth_method' | 'keys'

const document = clientMetadata.extend({
  client_id: z.string(),
  client_name: z.string().min(1),
  redirect_uris: z.array(z.string()).min(1).max(30),
  /** OpenID Connect RP Metadata Choices: several methods, where RFC 7591 has one. */
  token_endpoint_auth_methods_supported: z.array(z.string()).max(20).optional(),
  client_secret: z.unknown().optional(),
  client_secret_expires_at: z.unknown().optional(),
})
type Document = z.infer<typeof document>

/**
 * Reads a client id metadata document (draft-ietf-oauth-client-id-metadata-document §4). It must name its own address as
 * `client_id`, and hold no secret and ask for none: nobody could keep it. Grants that are not offered are left out.
 */
export async function readClientDocument(
  json: unknown,
  clientId: string,
): Promise<Result<StoredClient, DocumentProblem>> {
  const read = document.safeParse(json)
  if (!read.success) return err('malformed')
  const asked = read.data
  if (asked.client_id !== clientId) return err('client_id')
  if (asked.client_secret !== undefined || asked.client_secret_expires_at !== undefined)
    return err('client_secret')
  const redirectUris = narrowRedirectUris(asked.redirect_uris)
  if (!redirectUris.ok) return err('redirect_uris')
  const grantTypes = narrowGrantTypes(asked)
  if (grantTypes === null) return err('grant_types')
  const keys = await readClientKeys(asked)
  if (keys === null) return err('keys')
  const methods = readMethods(asked, Object.keys(keys).length > 0)
  if (methods === null) return err('auth_method')
  const name = cleanClientName(asked.client_name)
  return ok({ cid: clientId, name, redirectUris: redirectUris.value, grantTypes, ...methods, ...keys })
}

/** The strongest method it can use; `null` where every one it lists needs a secret, or a key that it does not have. */
function readMethods(
  asked: Document,
  hasKeys: boolean,
): Pick<StoredClient, 'authMethod' | 'publicToo'> | null {
  const { token_endpoint_auth_method: method, token_endpoint_auth_methods_supported: several } = asked
  const listed = method === undefined ? (several ?? ['none']) : [method]
  const isPublic = listed.includes('none')
  if (hasKeys && listed.includes('private_key_jwt'))
    return { authMethod: 'private_key_jwt', ...(isPublic ? { publicToo: true } : {}) }
  return isPublic ? { authMethod: 'none' } : null
}
