import type { FastifyReply } from 'fastify'
import type { Refused } from './admission.ts'
import type { Door } from './demand.ts'
import { limitAnswer } from './limit-answer.ts'
import type { Refusal, Unavailable } from './refusal.ts'
import { DEFAULT_SCOPE } from './scopes.ts'

/** What a client is told. The status and `reason` are the family; the exact reason is in the log alone. */
interface WireAnswer {
  readonly status: 400 | 401 | 403 | 429 | 503
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
  readonly challenge?: string
  /** Further headers. */
  readonly fields?: Readonly<Record<string, string>>
}

/** Sends a refusal as HTTP (RFC 6750 §3) and as a JSON-RPC error, whichever its client reads. */
export function answerRefusal(reply: FastifyReply, refusal: Refusal, refused: Challenged): FastifyReply {
  const answer = wireAnswer(refusal, refused)
  if (answer.challenge !== undefined) reply.header('www-authenticate', answer.challenge)
  return reply
    .code(answer.status)
    .headers({ ...answer.fields, 'cache-control': 'no-store' })
    .type('application/json')
    .send({
      jsonrpc: '2.0',
      id: refused.rpcId,
      error: { code: answer.status, message: answer.message, data: answer.data },
    })
}

/** One answer for each refusal. A new one does not compile until it has its own. */
function wireAnswer(refusal: Refusal, at: Challenged): WireAnswer {
  switch (refusal.reason) {
    case 'origin_refused':
    case 'host_refused':
      return { status: 403, message: 'Requests from this origin are not served.', data: { reason: 'origin' } }
    case 'credentials_missing':
    case 'credentials_misplaced':
    case 'token_invalid':
      return credentialAnswer(refusal.reason, at)
    case 'scope_missing':
      return scopeAnswer(refusal.required.join(' '), at)
    case 'feature_missing':
      // No `insufficient_scope`: asking the owner again would not help.
      return {
        status: 403,
        message: `The plan of this account does not include ${refusal.feature}.`,
        data: { reason: 'feature_missing', feature: refusal.feature },
      }
    case 'object_refused':
      return objectAnswer(refusal)
    case 'address_refused':
      return {
        status: 403,
        message: `This token may not be used from ${refusal.address}. Its owner named the networks it may be used from.`,
        data: { reason: 'address_refused', address: refusal.address },
      }
    case 'limited':
      return { status: 429, ...limitAnswer(refusal) }
    case 'unavailable': {
      const { why, retryAfterS } = refusal
      return {
        status: 503,
        message: UNAVAILABLE_MESSAGES[why],
        data: { reason: UNAVAILABLE_NAMES[why], retryAfterS },
        fields: { 'retry-after': String(retryAfterS) },
      }
    }
  }
}

type Challenged = Refused & { readonly publicUrl: string }
type CredentialReason = 'credentials_missing' | 'credentials_misplaced' | 'token_invalid'

function credentialAnswer(reason: CredentialReason, at: Challenged): WireAnswer {
  switch (reason) {
    case 'credentials_missing':
      // RFC 6750 §3.1: no error code where there were no credentials.
      return {
        status: 401,
        message: 'This server needs an access token.',
        data: { reason },
        challenge: challenge(at, {}, DEFAULT_SCOPE),
      }
    case 'credentials_misplaced':
      return {
        status: 400,
        message: 'The access token belongs into one Authorization header.',
        data: { reason: 'invalid_request' },
        challenge: challenge(at, { error: 'invalid_request' }),
      }
    case 'token_invalid':
      return {
        status: 401,
        message: 'The access token is not valid any more, or not valid here.',
        data: { reason: 'invalid_token' },
        challenge: challenge(at, { error: 'invalid_token' }, DEFAULT_SCOPE),
      }
  }
}

const scopeAnswer = (scope: string, at: Challenged): WireAnswer => ({
  status: 403,
  message: `This needs the scope ${scope}, which this connection does not have.`,
  data: { reason: 'insufficient_scope', scope },
  challenge: challenge(at, { error: 'insufficient_scope' }, scope),
})

/** No `insufficient_scope`: the rules were fixed when the token was made, and asking again would not change them. */
function objectAnswer({ object, access, rule }: Extract<Refusal, { reason: 'object_refused' }>): WireAnswer {
  const what = object === undefined ? `${access} any object` : `${access} ${object}`
  return {
    status: 403,
    message: `This token may not ${what}: its rule is ${rule}.`,
    data: { reason: 'object_refused', ...(object === undefined ? {} : { object }), access, rule },
  }
}

/**
 * Builds `WWW-Authenticate`. At the automation door without OAuth metadata: clients that find it there drop the token
 * they were given and start a browser. No quoted value may hold a comma or `=`: one wide-spread client splits at them.
 */
function challenge(
  { door, publicUrl }: { readonly door: Door; readonly publicUrl: string },
  error: { readonly error?: string },
  scope?: string,
): string {
  const parameters = {
    ...(door.kind === 'automation'
      ? { realm: 'maximo-mcp' }
      : { resource_metadata: resourceMetadataUrl(publicUrl, door.environment) }),
    ...error,
    ...(scope === undefined || door.kind === 'automation' ? {} : { scope }),
  }
  const written = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`)
  return `Bearer ${written.join(', ')}`
}

/** Address of the metadata of a resource path (RFC 9728 §3.1). */
const resourceMetadataUrl = (publicUrl: string, environment: string | null): string =>
  `${publicUrl}/.well-known/oauth-protected-resource/mcp${environment === null ? '' : `/${encodeURIComponent(environment)}`}`

const CANNOT_DECIDE = 'The server cannot decide about this request now. Nothing was done; try again.'
const UNAVAILABLE_MESSAGES: Record<Unavailable, string> = {
  store_silent: CANNOT_DECIDE,
  store_unprimed: CANNOT_DECIDE,
  audit_silent: CANNOT_DECIDE,
  overloaded: 'The server has more to do than it can at the moment. Nothing was done; try again.',
}

const UNAVAILABLE_NAMES: Record<Unavailable, string> = {
  store_silent: 'revocation_unavailable',
  store_unprimed: 'revocation_unavailable',
  audit_silent: 'audit_unavailable',
  overloaded: 'overloaded',
}
