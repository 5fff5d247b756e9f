import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { addressPrefix } from '../../kernel/address.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { randomId, randomSecret } from '../../kernel/random.ts'
import type { PortalDeps } from '../deps.ts'
import { writeEvent, writeStrangersEvent } from '../events.ts'
import { PATHS } from '../metadata/documents.ts'
import { oauthScope, sendOAuthError } from '../oauth-scope.ts'
import { storeKeys } from '../records/keys.ts'
import { secretHashes } from '../token/client-auth.ts'
import { readRegistration, type Registration, type RegistrationRefusal } from './registration.ts'
import { noteStranger } from '../traces/note-step.ts'

const MAX_BODY_BYTES = 4_096
const WINDOW_MS = 3_600_000

/** `POST /oauth/register`: dynamic client registration (RFC 7591), open, but limited by size and by address. */
export function registrationRoute(app: FastifyInstance, deps: PortalDeps): void {
  oauthScope(app, [{ method: 'POST', path: PATHS.register }])
  app.post(PATHS.register, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const asked = readRegistration(request.body)
    if (!asked.ok) {
      const problem = describe(asked.error)
      await note(request, deps, { status: 400, reason: asked.error.error, problem })
      return sendOAuthError(reply, {
        status: 400,
        error: asked.error.error,
        description: problem,
      })
    }
    const waitS = await findWait(request, deps)
    if (waitS !== null) {
      await note(request, deps, { status: 429, reason: 'registered_too_often' })
      return sendOAuthError(reply, { status: 429, ...TOO_MANY, retryAfterS: waitS })
    }
    return register(request, reply, { ...deps, asked: asked.value })
  })
}

const TOO_MANY = {
  error: 'slow_down',
  description: 'Too many registrations from this address. Try again later.',
}

async function findWait(request: FastifyRequest, deps: PortalDeps): Promise<number | null> {
  const key = storeKeys.registrations(addressPrefix(request.ip))
  const { count, resetMs } = await deps.store.count(key, WINDOW_MS)
  return count > deps.config.registrationsPerHour ? Math.max(1, Math.ceil(resetMs / 1000)) : null
}

async function register(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly asked: Registration },
): Promise<FastifyReply> {
  const { applicationType, ...registered } = deps.asked
  const cid = `mxc_${randomId()}`
  const secret = registered.authMethod === 'none' ? null : `mxs_${randomSecret()}`
  await deps.records.record('client.registered', {
    ...registered,
    redirectUris: [...registered.redirectUris],
    cid,
    ...(secret === null ? {} : { secretHash: secretHashes(secret, deps.keys)[0] }),
  })
  await note(request, deps, { status: 201, clientId: cid })
  return reply
    .code(201)
    .header('cache-control', 'no-store')
    .send({
      client_id: cid,
      client_id_issued_at: nowSeconds(deps.clock),
      ...(secret === null ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
      client_name: registered.name,
      redirect_uris: registered.redirectUris,
      grant_types: registered.grantTypes,
      response_types: ['code'],
      token_endpoint_auth_method: registered.authMethod,
      ...(applicationType === undefined ? {} : { application_type: applicationType }),
    })
}

function describe(refusal: RegistrationRefusal): string {
  return refusal.error === 'invalid_redirect_uri'
    ? `redirect_uris[${refusal.index}]: ${refusal.problem}`
    : `Missing or not offered: ${refusal.problem}`
}

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
  const write = isDone ? writeEvent : writeStrangersEvent
  await write(request, deps, {
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
