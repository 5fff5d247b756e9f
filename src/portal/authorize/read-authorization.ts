import { err, ok, type Result } from '../../kernel/result.ts'
import type { Client } from '../clients/client.ts'
import type { ClientProblem, Clients } from '../clients/clients.ts'
import { redirectUriMatches } from '../clients/redirect-uri.ts'
import { type Fields, readFields } from '../fields.ts'
import { isChallenge } from '../token/pkce.ts'
import { readResource } from './resource.ts'
import { joinOffline, readScopes, staysConnected } from './scopes.ts'
import type { Transaction } from './transaction.ts'

/** Said on a page of ours, never by a redirect: the address to redirect to is not proven to be the client's. */
export type PageProblem =
  | 'parameter_repeated'
  | 'parameter_malformed'
  | 'client_missing'
  | ClientProblem
  | 'redirect_uri_missing'
  | 'redirect_uri_not_registered'

/** Said to the client (RFC 6749 §4.1.2.1). */
export interface RedirectProblem {
  readonly error: string
  readonly description: string
}

export type AuthorizationProblem =
  | { readonly to: 'page'; readonly problem: PageProblem }
  | {
      readonly to: 'client'
      readonly redirectUri: string
      readonly state: string | undefined
      readonly problem: RedirectProblem
    }

export type Authorization = Omit<Transaction, 'browser' | 'trace'>

/**
 * Validates an authorization request (RFC 6749 §4.1.1, OAuth 2.1: PKCE with S256 always) in the one safe order: first
 * who asks and where the answer may go, then everything else.
 *
 * @throws StoreUnavailable
 */
export async function readAuthorization(
  asked: { readonly query: unknown; readonly ip: string; readonly userId?: string },
  deps: { readonly clients: Pick<Clients, 'find'>; readonly config: { readonly mcpUrl: string } },
): Promise<Result<Authorization, AuthorizationProblem>> {
  const fields = readFields(asked.query)
  if (!fields.ok) return page(fields.error)
  const found = await findClient(fields.value, asked, deps)
  if (!found.ok) return found
  const { client, redirectUri } = found.value

  const state = fields.value.find('state')
  const read = readRequest(fields.value, deps.config.mcpUrl)
  if (!read.ok) return err({ to: 'client', redirectUri, state, problem: read.error })
  return ok({
    client,
    redirectUri,
    state: state ?? null,
    ...read.value,
    staysConnected: staysConnected(client, read.value.scp),
  })
}

const page = (problem: PageProblem): { readonly ok: false; readonly error: AuthorizationProblem } =>
  err({ to: 'page', problem })

async function findClient(
  fields: Fields,
  { ip, userId }: { readonly ip: string; readonly userId?: string },
  deps: { readonly clients: Pick<Clients, 'find'> },
): Promise<Result<{ readonly client: Client; readonly redirectUri: string }, AuthorizationProblem>> {
  const clientId = fields.find('client_id')
  if (clientId === undefined) return page('client_missing')
  if (clientId.length > 512) return page('client_unknown')
  const found = await deps.clients.find(clientId, ip, userId)
  if (!found.ok) return page(found.error)
  const client = found.value
  const redirectUri = fields.find('redirect_uri')
  if (redirectUri === undefined) return page('redirect_uri_missing')
  const isRegistered = client.redirectUris.some((registered) => redirectUriMatches(registered, redirectUri))
  if (!isRegistered || redirectUri.length > 1024) return page('redirect_uri_not_registered')
  return (fields.find('state') ?? '').length > 4096
    ? page('parameter_malformed')
    : ok({ client, redirectUri })
}

/** The rest of the request, once its problems may be said to the client. */
function readRequest(
  fields: Fields,
  mcpUrl: string,
): Result<Pick<Authorization, 'challenge' | 'scp' | 'audience' | 'env'>, RedirectProblem> {
  const problem = findProblem(fields)
  if (problem !== undefined) return err(problem)
  const resource = readResource(fields.find('resource'), mcpUrl)
  if (!resource.ok) return err(RESOURCE)
  return ok({
    challenge: fields.find('code_challenge') ?? '',
    scp: joinOffline(readScopes(fields.find('scope'))),
    ...resource.value,
  })
}

function findProblem(fields: Fields): RedirectProblem | undefined {
  const checks: readonly [boolean, RedirectProblem][] = [
    [fields.find('request') === undefined, REQUEST],
    [fields.find('request_uri') === undefined, REQUEST_URI],
    [fields.find('response_type') === 'code', RESPONSE_TYPE],
    [(fields.find('response_mode') ?? 'query') === 'query', RESPONSE_MODE],
    // A missing method means `plain` (RFC 7636 §4.3), which is not offered.
    [fields.find('code_challenge_method') === 'S256', METHOD],
    [isChallenge(fields.find('code_challenge') ?? ''), CHALLENGE],
  ]
  return checks.find(([isFine]) => !isFine)?.[1]
}

const problem = (error: string, description: string): RedirectProblem => ({ error, description })
const REQUEST = problem('request_not_supported', 'Request objects are not supported.')
const REQUEST_URI = problem('request_uri_not_supported', 'Request objects are not supported.')
const RESPONSE_TYPE = problem('unsupported_response_type', 'response_type must be code.')
const RESPONSE_MODE = problem('invalid_request', 'response_mode must be query.')
const METHOD = problem('invalid_request', 'code_challenge_method must be S256.')
const CHALLENGE = problem('invalid_request', 'code_challenge must be a base64url SHA-256.')
const RESOURCE = problem('invalid_target', 'resource is not this MCP server.')
