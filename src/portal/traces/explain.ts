import type { PageProblem } from '../authorize/read-authorization.ts'
import type { TokenRefusal } from '../token/refusal.ts'

/** Why a step did not pass, for the owner of the client and for an operator. */
export interface Explanation {
  readonly why: string
  readonly todo: string
}

/** Reasons of steps that have no list of their own. */
type PageReason =
  | PageProblem
  | 'authorized_too_often'
  | 'request_refused'
  | 'foreign_form'
  | 'form_token_wrong'
  | 'environment_not_owned'
  | 'mcp_silent'
  | 'mcp_refused'
  | 'transaction_gone'
  | 'denied'
  | 'invalid_client_metadata'
  | 'invalid_redirect_uri'
  | 'client_changed'

const because = (why: string, todo: string): Explanation => ({ why, todo })

const AGAIN = 'Connect again in the client.'
const REGISTER = 'Remove the connection in the client and add it again, so that it registers anew.'
const CLIENT_BUG = 'This is a fault of the client: update it, or report what was sent to its maker.'
const LATER = 'Nothing was lost. Try again in a moment; if it stays, the operator’s log has the reference.'
const MACHINE = 'Its owner can register one in the portal, under Connections.'
const TWO_PARTIES =
  'Two parties used it, so the connection was ended. If only one client runs, tell your operator.'

const PAGE_REASONS: Readonly<Record<PageReason, Explanation>> = {
  parameter_repeated: because('A parameter came twice, so it is not clear which one counts.', CLIENT_BUG),
  parameter_malformed: because('A parameter holds control characters, or is far too long.', CLIENT_BUG),
  client_missing: because('The client did not send its client_id.', CLIENT_BUG),
  client_unknown: because('No client is registered here under this client_id, or no longer.', REGISTER),
  client_document_refused: because(
    'The client_id is an address, but not a plain https address of a public host.',
    CLIENT_BUG,
  ),
  client_document_malformed: because(
    'The client_id is an address, but what is published there describes no client that can connect here: it has to name that very address as client_id, a name, usable redirect_uris, and no secret.',
    CLIENT_BUG,
  ),
  client_document_unavailable: because(
    'The client_id is an address, and nothing could be fetched from there. Its host may be away, or refuse servers.',
    'Try again in a minute. If it stays, let the operator register the client by hand (docs/connect/clients-file.md).',
  ),
  client_document_too_often: because(
    'Too many unknown clients were tried from this address within a minute.',
    LATER,
  ),
  client_changed: because('The client described itself otherwise than when its owner was asked.', AGAIN),
  redirect_uri_missing: because('The client did not say where the answer should go.', CLIENT_BUG),
  redirect_uri_not_registered: because(
    'The redirect_uri differs from every one that the client registered. Only the port of a loopback address may differ.',
    'Compare the two lists: scheme, host, path and query have to be equal to the letter. Then register again.',
  ),
  authorized_too_often: because('Too many logins were begun from this address within a minute.', LATER),
  request_refused: because('The client asked for something that is not offered here.', CLIENT_BUG),
  foreign_form: because('The answer did not come from the consent page itself.', AGAIN),
  form_token_wrong: because(
    'The answer came from another browser or another session than the page was shown in.',
    'Answer in the browser in which the client opened the page, and stay signed in. Then connect again.',
  ),
  environment_not_owned: because(
    'The chosen environment is not in this account, or not the one that the client’s address names.',
    'Choose one of the listed environments, or use the address without an environment.',
  ),
  mcp_silent: because('The MCP server did not answer, so nothing could be granted.', LATER),
  mcp_refused: because(
    'The MCP server checks sign-in and environment by itself, and refused one of them.',
    'Look at the environment: one that was saved long ago may have to be added again. Then connect again.',
  ),
  transaction_gone: because('The request had been answered already, or was older than ten minutes.', AGAIN),
  denied: because('The owner said no.', 'Connect again and choose “Allow”, if that was not meant.'),
  invalid_client_metadata: because(
    'The registration lacks something, or asks for what is not offered.',
    CLIENT_BUG,
  ),
  invalid_redirect_uri: because(
    'A redirect_uri of the registration cannot be had: only https, http to a loopback address, or a listed private scheme.',
    CLIENT_BUG,
  ),
}

const TOKEN_REASONS: Readonly<Record<TokenRefusal, Explanation>> = {
  refresh_too_often: because(
    'The client refreshed this connection more than sixty times in a minute. Nothing was used up.',
    LATER,
  ),
  parameter_repeated: PAGE_REASONS.parameter_repeated,
  parameter_malformed: PAGE_REASONS.parameter_malformed,
  parameter_missing: because('A parameter that this grant needs was not sent.', CLIENT_BUG),
  client_missing: PAGE_REASONS.client_missing,
  client_auth_malformed: because('The Authorization header cannot be read.', CLIENT_BUG),
  client_auth_twice: because('The client authenticated in two ways at once.', CLIENT_BUG),
  client_unknown: PAGE_REASONS.client_unknown,
  client_method_wrong: because('The client authenticated in another way than it registered.', REGISTER),
  client_assertion_wrong: because(
    'The assertion does not hold: another key, another audience than the issuer, ended, or longer than ten minutes.',
    CLIENT_BUG,
  ),
  client_assertion_used: because('The assertion was used before; each counts once.', CLIENT_BUG),
  client_keys_unavailable: because(
    'The client’s keys could not be fetched from the address it named.',
    LATER,
  ),
  client_secret_wrong: because('The client secret is not the one that was given out.', REGISTER),
  grant_type_unsupported: because('This grant type is not offered.', CLIENT_BUG),
  grant_type_not_registered: because('The client is not registered for this grant type.', REGISTER),
  resource_unknown: because(
    'The resource is not this MCP server, or not the one the code was made for.',
    'Check the address of the MCP server in the client’s settings.',
  ),
  scope_too_wide: because('The client asked for more than the owner had allowed.', AGAIN),
  code_unknown: because('The code was not made here, or was changed on its way.', AGAIN),
  code_expired: because('The code was shown more than five minutes after consent.', AGAIN),
  code_used: because(`The code had been used already. ${TWO_PARTIES}`, AGAIN),
  code_forgotten: because('The store lost what belongs to the code between consent and exchange.', AGAIN),
  code_of_ended_grant: because('The connection was ended between consent and exchange.', AGAIN),
  client_mismatch: because('The code was made for another client.', CLIENT_BUG),
  redirect_uri_mismatch: because('The redirect_uri is not the one the code was sent to.', CLIENT_BUG),
  verifier_mismatch: because(
    'The code_verifier does not belong to the code_challenge of the authorization request (RFC 7636).',
    'Two logins may have run at once in the client. Close one and connect again.',
  ),
  refresh_unknown: because('The refresh token was not made here, or is long forgotten.', AGAIN),
  refresh_other_client: because('The refresh token belongs to another client.', CLIENT_BUG),
  refresh_expired: because('The refresh token had not been used for 30 days.', AGAIN),
  refresh_superseded: because(
    'The refresh token had been replaced, and its successor was in use already.',
    'The client kept an old token. If it does not recover by itself, connect again.',
  ),
  refresh_reused: because(
    `The refresh token had been replaced more than a minute ago. ${TWO_PARTIES}`,
    AGAIN,
  ),
  grant_ended: because('The connection was ended.', AGAIN),
  grant_unknown: because('The MCP server knows no such connection.', AGAIN),
  machine_ended: because('The machine client was ended.', MACHINE),
  workload_unknown: because('No live machine client has rules that this workload meets.', MACHINE),
  workload_ambiguous: because(
    'Several machine clients have rules that this workload meets.',
    'Send client_id beside the assertion.',
  ),
  workload_token_wrong: because(
    'The platform’s token does not hold: signature, audience, time, or a rule that it does not meet.',
    'Compare what the platform says of the job with the rules of the machine client.',
  ),
  workload_token_used: because('The platform’s token was used before. Each counts once.', CLIENT_BUG),
  workload_ended: because('The machine client was ended.', MACHINE),
  token_too_long: because(
    'The access token would be longer than clients and proxies take.',
    'Shorten the Maximo key or the list of scopes, then connect again.',
  ),
  cannot_decide: because('A service that is needed to decide did not answer.', LATER),
  failed_too_often: because('Too many attempts of this client or address failed.', LATER),
}

const ALL: Readonly<Record<string, Explanation>> = { ...PAGE_REASONS, ...TOKEN_REASONS }

/** `null` for a reason of another version. */
export const explain = (reason: string): Explanation | null =>
  Object.hasOwn(ALL, reason) ? (ALL[reason] ?? null) : null
