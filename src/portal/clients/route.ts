import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { nowSeconds } from '../../kernel/clock.ts'
import { randomSecret } from '../../kernel/random.ts'
import type { PortalDeps } from '../deps.ts'
import { writeStrangersEvent } from '../events.ts'
import { PATHS } from '../metadata/documents.ts'
import { oauthScope, sendOAuthError } from '../oauth-scope.ts'
import type { StoredClient } from '../records/projection.ts'
import { secretHashes } from '../token/client-auth.ts'
import { readRegistration, type Registration, type RegistrationRefusal } from './registration.ts'
import { noteStranger } from '../traces/note-step.ts'

const MAX_BODY_BYTES = 4_096

/**
 * `POST /oauth/register`: dynamic client registration (RFC 7591), open to all. It is limited in size and in what it keeps,
 * never by address: all of Claude's users share a few.
 */
export function registrationRoute(app: FastifyInstance, deps: PortalDeps): void {
  oauthScope(app, [{ method: 'POST', path: PATHS.register }])
  app.post(PATHS.register, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const asked = await readRegistration(request.body)
    if (asked.ok) return register(request, reply, { ...deps, asked: asked.value })
    const { error } = asked.error
    const description = describe(asked.error)
    await note(request, deps, { status: 400, reason: error, problem: description })
    return sendOAuthError(reply, { status: 400, error, description })
  })
}

async function register(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly asked: Registration },
): Promise<FastifyReply> {
  const { client, applicationType } = deps.asked
  const secret = hasSecret(client) ? `mxs_${randomSecret()}` : null
  const secretHash = secret === null ? {} : { secretHash: secretHashes(secret, deps.keys)[0] }
  const registered = await deps.pending.add({ ...client, ...secretHash }, request.ip)
  await note(request, deps, { status: 201, clientId: registered.cid })
  return reply
    .code(201)
    .header('cache-control', 'no-store')
    .send({
      client_id: registered.cid,
      client_id_issued_at: nowSeconds(deps.clock),
      ...(secret === null ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
      ...wireMetadata(registered),
      ...(applicationType === undefined ? {} : { application_type: applicationType }),
    })
}

const hasSecret = ({ authMethod }: Pick<StoredClient, 'authMethod'>): boolean =>
  authMethod === 'client_secret_basic' || authMethod === 'client_secret_post'

/** As registered, which may be less than was asked for (RFC 7591 §3.2.1). */
const wireMetadata = ({
  name,
  redirectUris,
  grantTypes,
  authMethod,
  jwks,
  jwksUri,
}: StoredClient): object => ({
  client_name: name,
  redirect_uris: redirectUris,
  grant_types: grantTypes,
  response_types: ['code'],
  token_endpoint_auth_method: authMethod,
  ...(jwks === undefined ? {} : { jwks }),
  ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }),
})

function describe(refusal: RegistrationRefusal): string {
  return refusal.error === 'invalid_redirect_uri'
    ? `redirect_uris[${refusal.index}]: ${refusal.problem}`
    : `Missing or not offered: ${refusal.problem}`
}

/** Nobody has proven anything yet, whichever way it went: a flood must not fill the audit log. */
async function note(
  request: FastifyRequest,
  deps: PortalDeps,
  decided: {
    readonly status: number
    readonly reason?: string
    readonly problem?: string
    readonly clientId?: string
  },
): Promise<void> {
  const { status, problem, ...named } = decided
  const isDone = status === 201
  await writeStrangersEvent(request, deps, {
    eventType: 'client.registered',
    outcome: isDone ? 'success' : 'refused',
    operation: 'register',
    principal: null,
    authMethod: 'none',
    responseCode: status,
    ...named,
  })
  const known = problem === undefined ? {} : { problem }
  const asked = { cid: named.clientId, reason: named.reason, known }
  noteStranger(request, { step: 'registration', outcome: isDone ? 'passed' : 'refused', ...asked }, deps)
}
