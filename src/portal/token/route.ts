import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AuditEvent } from '../../audit/event.ts'
import { sendPreparedJson } from '../../kernel/json-answer.ts'
import { err, type Result } from '../../kernel/result.ts'
import type { PortalDeps } from '../deps.ts'
import { writeEvent, writeStrangersEvent } from '../events.ts'
import { type Fields, readFields } from '../fields.ts'
import { PATHS } from '../metadata/documents.ts'
import { formBodiesOnly, oauthScope, sendOAuthError } from '../oauth-scope.ts'
import type { Client } from '../clients/client.ts'
import { authenticateClient, readPresentedClient } from './client-auth.ts'
import { exchangeCode } from './exchange-code.ts'
import { exchangeForMachine, type MachineDeps } from './exchange-machine.ts'
import { countFailedAttempt, failedTooOften } from './failed-attempts.ts'
import { MACHINE_GRANTS, type MachineGrantType } from './grant-types.ts'
import { isUnproven, type TokenRefusal, toOAuthError } from './refusal.ts'
import { REFRESHES, type RefreshDeps, rotateRefresh } from './rotate-refresh.ts'
import type { Issued } from './token-deps.ts'
import { traceTokenRequest } from './trace-token.ts'
import { UnansweredUses } from './unanswered-uses.ts'

/** What a token request came to, and how far it got. */
export interface Outcome {
  readonly client: { readonly cid: string; readonly authMethod: string } | null
  /** How it authenticated. */
  readonly method: string | null
  readonly grantType: 'authorization_code' | 'refresh_token' | MachineGrantType | null
  /** The client that was named, where it is one of ours but proved nothing: for the limiter. */
  readonly suspect?: string | null
  readonly issued: Result<Issued, TokenRefusal>
}

/** `POST /oauth/token`. Parses, decides, answers; each decision has a file of its own. */
export async function tokenRoute(app: FastifyInstance, deps: PortalDeps): Promise<void> {
  await formBodiesOnly(app)
  const working: WorkingDeps = { ...deps, unanswered: new UnansweredUses(), rotating: new Map() }
  oauthScope(app, [{ method: 'POST', path: PATHS.token }])
  app.post(PATHS.token, async (request, reply) => {
    const outcome = await decide(request, working)
    const { issued } = outcome
    if (issued.ok) {
      const { use } = issued.value
      await working.unanswered.during(use, async () => note(request, deps, outcome))
      working.unanswered.answer(use)
      return sendIssued(reply, issued.value)
    }
    const attempt = {
      reason: issued.error,
      clientId: namedIn(outcome),
      address: request.ip,
    }
    const waitS = await countFailedAttempt(attempt, deps)
    await note(request, deps, outcome)
    return sendRefusal(request, reply, { reason: issued.error, waitS, deps })
  })
}

type WorkingDeps = RefreshDeps & MachineDeps

async function decide(request: FastifyRequest, deps: WorkingDeps): Promise<Outcome> {
  const refuse = (reason: TokenRefusal): Outcome => ({ ...NOBODY, issued: err(reason) })
  const fields = readFields(request.body)
  if (!fields.ok) return refuse(fields.error)
  const machineGrant = MACHINE_GRANTS.find((type) => type === fields.value.find('grant_type'))
  if (machineGrant !== undefined) {
    const { authorization } = request.headers
    const asked = { grantType: machineGrant, authorization, fields: fields.value }
    return { grantType: machineGrant, ...(await exchangeForMachine(asked, deps)) }
  }
  const presented = readPresentedClient(request.headers.authorization, fields.value)
  if (!presented.ok) return refuse(presented.error)
  const client = await authenticateClient(presented.value, request.ip, deps)
  if (!client.ok) return refuse(client.error)
  const proven = { client: client.value, method: presented.value.method }
  // One that an owner said yes to goes on being remembered for as long as it is used.
  if (client.value.untilS !== undefined) await deps.clients.keep(client.value)
  return { ...proven, ...(await decideGrant(fields.value, client.value, deps)) }
}

const NOBODY = { client: null, method: null, grantType: null } as const

async function decideGrant(
  fields: Fields,
  client: Client,
  deps: RefreshDeps,
): Promise<Pick<Outcome, 'grantType' | 'issued'>> {
  const grantType = fields.find('grant_type')
  const refuse = (reason: TokenRefusal): Pick<Outcome, 'grantType' | 'issued'> => ({
    grantType: null,
    issued: err(reason),
  })
  if (grantType === undefined) return refuse('parameter_missing')
  if (grantType === 'authorization_code') return { grantType, issued: await exchange(fields, client, deps) }
  if (grantType === 'refresh_token') return { grantType, issued: await refresh(fields, client, deps) }
  return refuse('grant_type_unsupported')
}

async function exchange(
  fields: Fields,
  client: Client,
  deps: RefreshDeps,
): Promise<Result<Issued, TokenRefusal>> {
  const code = fields.find('code')
  const verifier = fields.find('code_verifier')
  if (code === undefined || verifier === undefined) return err('parameter_missing')
  const redirectUri = fields.find('redirect_uri')
  return exchangeCode({ code, verifier, redirectUri, resource: fields.find('resource') }, client, deps)
}

async function refresh(
  fields: Fields,
  client: Client,
  deps: RefreshDeps,
): Promise<Result<Issued, TokenRefusal>> {
  const refreshToken = fields.find('refresh_token')
  if (refreshToken === undefined) return err('parameter_missing')
  return rotateRefresh(
    { refreshToken, scope: fields.find('scope'), resource: fields.find('resource') },
    client,
    deps,
  )
}

/** The client as it was named; it proved nothing where there is no `client`. */
const namedIn = ({ client, suspect }: Outcome): string | null => client?.cid ?? suspect ?? null

async function note(request: FastifyRequest, deps: PortalDeps, outcome: Outcome): Promise<void> {
  const { client, method, grantType, issued } = outcome
  const clientId = namedIn(outcome)
  await traceTokenRequest(request, outcome, deps)
  const write = !issued.ok && isUnproven(issued.error) ? writeStrangersEvent : writeEvent
  await write(request, deps, {
    eventType: grantType === 'refresh_token' ? 'token.refreshed' : 'token.issued',
    operation: grantType ?? 'authenticate_client',
    principal: client?.cid ?? null,
    authMethod: method,
    ...(clientId === null ? {} : { clientId }),
    ...describe(issued),
  })
}

function describe(issued: Outcome['issued']): Pick<AuditEvent, 'outcome' | 'responseCode'> {
  if (issued.ok) {
    const ids = { tokenId: issued.value.rid, grantId: issued.value.gid }
    return { outcome: 'success', responseCode: 200, ...ids }
  }
  const { status } = toOAuthError(issued.error)
  const reason = { reason: issued.error }
  return { outcome: status === 503 ? 'failed' : 'refused', responseCode: status, ...reason }
}

function sendIssued(reply: FastifyReply, issued: Issued): FastifyReply {
  const answer = {
    access_token: issued.accessToken,
    token_type: 'Bearer',
    ...(issued.expiresInS === null ? {} : { expires_in: issued.expiresInS }),
    scope: issued.scope,
    ...(issued.refreshToken === null ? {} : { refresh_token: issued.refreshToken }),
  }
  return sendPreparedJson(reply, JSON.stringify(answer))
}

async function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: { readonly reason: TokenRefusal; readonly waitS: number | null; readonly deps: PortalDeps },
): Promise<FastifyReply> {
  request.log.info({ reason: refusal.reason }, 'token refused')
  if (refusal.waitS !== null) return sendOAuthError(reply, failedTooOften(refusal.waitS, refusal.deps.config))
  const answer = toOAuthError(refusal.reason)
  if (answer.status === 401 && /^Basic\b/i.test(request.headers.authorization ?? ''))
    reply.header('www-authenticate', 'Basic realm="maximo-mcp"')
  const limit = refusal.reason === 'refresh_too_often' ? { limit: REFRESHES } : {}
  return sendOAuthError(reply, { ...answer, ...limit })
}
