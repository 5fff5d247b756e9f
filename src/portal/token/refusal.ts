import type { ClientRefusal } from './client-auth.ts'

/** Why the token endpoint said no. The log and the audit get the reason; the wire gets a code of RFC 6749 §5.2. */
export type TokenRefusal =
  | ClientRefusal
  | 'parameter_repeated'
  | 'parameter_malformed'
  | 'parameter_missing'
  | 'grant_type_unsupported'
  | 'grant_type_not_registered'
  | 'resource_unknown'
  | 'scope_too_wide'
  | 'code_unknown'
  | 'code_expired'
  | 'code_used'
  | 'code_forgotten'
  | 'code_of_ended_grant'
  | 'client_mismatch'
  | 'redirect_uri_mismatch'
  | 'verifier_mismatch'
  | 'refresh_unknown'
  | 'refresh_other_client'
  | 'refresh_expired'
  | 'refresh_superseded'
  | 'refresh_reused'
  | 'refresh_too_often'
  | 'grant_ended'
  | 'grant_unknown'
  | 'machine_ended'
  | 'workload_unknown'
  | 'workload_ambiguous'
  | 'workload_token_wrong'
  | 'workload_token_used'
  | 'workload_ended'
  | 'token_too_long'
  | 'cannot_decide'
  | 'failed_too_often'

export interface OAuthError {
  readonly status: 400 | 401 | 429 | 503
  readonly error: string
  readonly description: string
}

/** Whoever could be guessing. Expiry, reuse and policy are not guesses, and an honest client must not pay for them. */
const GUESSES: readonly string[] = [
  'client_unknown',
  'client_secret_wrong',
  'client_method_wrong',
  'client_assertion_wrong',
  'client_assertion_used',
  'workload_unknown',
  'workload_token_wrong',
  'code_unknown',
  'client_mismatch',
  'verifier_mismatch',
  'refresh_unknown',
  'refresh_other_client',
] satisfies TokenRefusal[]
/** @param reason as the audit log has it */
export const isGuess = (reason: string): boolean => GUESSES.includes(reason)

/** What anybody can cause: no secret, code or token of ours was shown. A client id is no proof, and all can register. */
const UNPROVEN: readonly TokenRefusal[] = [
  'client_missing',
  'client_auth_malformed',
  'client_auth_twice',
  'client_unknown',
  'client_method_wrong',
  'client_secret_wrong',
  'client_assertion_wrong',
  'client_assertion_used',
  'client_keys_unavailable',
  'workload_unknown',
  'workload_ambiguous',
  'workload_token_wrong',
  'workload_token_used',
  'parameter_repeated',
  'parameter_malformed',
  'parameter_missing',
  'grant_type_unsupported',
  'grant_type_not_registered',
  'code_unknown',
  'refresh_unknown',
]
export const isUnproven = (reason: TokenRefusal): boolean => UNPROVEN.includes(reason)

const answer = (status: OAuthError['status'], error: string, description: string): OAuthError => ({
  status,
  error,
  description,
})
const REPEATED = answer(400, 'invalid_request', 'A parameter was sent more than once.')
const NOT_A_FORM = answer(
  400,
  'invalid_request',
  'The request must be a form (application/x-www-form-urlencoded) with text values.',
)
const MISSING = answer(400, 'invalid_request', 'A required parameter is missing.')
const TWICE = answer(400, 'invalid_request', 'Client credentials were sent in more than one way.')
const TOO_LONG = answer(
  400,
  'invalid_request',
  'The token would be too long: its grant receipt takes the most room.',
)
const BAD_CLIENT = answer(
  401,
  'invalid_client',
  'The client is not known here or did not authenticate as it was registered. Register again.',
)
const UNDECIDED = answer(
  503,
  'temporarily_unavailable',
  'This cannot be decided at the moment. Try again shortly.',
)
// Definitive: the client must begin a new authorization. Never said when we merely do not know.
const DEAD_CODE = answer(
  400,
  'invalid_grant',
  'The authorization code is not valid here, or no longer. Authorize again.',
)
const DEAD_REFRESH = answer(
  400,
  'invalid_grant',
  'The refresh token is not valid here, or no longer. Authorize again.',
)

const DEAD_WORKLOAD = answer(
  400,
  'invalid_grant',
  'The assertion is not valid here, was used before, or belongs to no live machine client.',
)

/** The wire's answer to each reason. A new reason does not compile until it has one. */
const ANSWERS: Readonly<Record<TokenRefusal, OAuthError>> = {
  parameter_repeated: REPEATED,
  parameter_malformed: NOT_A_FORM,
  parameter_missing: MISSING,
  client_missing: MISSING,
  client_auth_twice: TWICE,
  client_auth_malformed: BAD_CLIENT,
  client_unknown: BAD_CLIENT,
  client_method_wrong: BAD_CLIENT,
  client_secret_wrong: BAD_CLIENT,
  client_assertion_wrong: BAD_CLIENT,
  client_assertion_used: BAD_CLIENT,
  // Its own host is away: nobody was refused.
  client_keys_unavailable: UNDECIDED,
  grant_type_unsupported: answer(400, 'unsupported_grant_type', 'This grant type is not offered.'),
  grant_type_not_registered: answer(
    400,
    'unauthorized_client',
    'The client is not registered for this grant type.',
  ),
  resource_unknown: answer(400, 'invalid_target', 'The resource is not this MCP server.'),
  scope_too_wide: answer(400, 'invalid_scope', 'The scope exceeds what was granted.'),
  code_unknown: DEAD_CODE,
  code_expired: DEAD_CODE,
  code_used: DEAD_CODE,
  code_forgotten: DEAD_CODE,
  code_of_ended_grant: DEAD_CODE,
  client_mismatch: DEAD_CODE,
  redirect_uri_mismatch: DEAD_CODE,
  verifier_mismatch: DEAD_CODE,
  refresh_unknown: DEAD_REFRESH,
  refresh_other_client: DEAD_REFRESH,
  refresh_expired: DEAD_REFRESH,
  refresh_superseded: DEAD_REFRESH,
  refresh_reused: DEAD_REFRESH,
  refresh_too_often: answer(
    429,
    'slow_down',
    'This connection is refreshed too often; its token was not used up. Try again in a minute. A token is good for an hour.',
  ),
  grant_ended: DEAD_REFRESH,
  grant_unknown: DEAD_REFRESH,
  machine_ended: BAD_CLIENT,
  workload_unknown: DEAD_WORKLOAD,
  workload_token_wrong: DEAD_WORKLOAD,
  workload_token_used: DEAD_WORKLOAD,
  workload_ended: DEAD_WORKLOAD,
  workload_ambiguous: answer(
    400,
    'invalid_request',
    'Several machine clients could be meant. Send client_id beside the assertion.',
  ),
  token_too_long: TOO_LONG,
  cannot_decide: UNDECIDED,
  failed_too_often: answer(429, 'slow_down', 'Too many failed attempts. Try again later.'),
}

export const toOAuthError = (reason: TokenRefusal): OAuthError => ANSWERS[reason]
