import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AuditEvent } from '../../audit/event.ts'
import type { PortalDeps } from '../deps.ts'
import { writeEvent, writeStrangersEvent } from '../events.ts'
import { readFields } from '../fields.ts'
import { PATHS } from '../metadata/documents.ts'
import { formBodiesOnly, oauthScope, sendOAuthError } from '../oauth-scope.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { authenticateClient, readPresentedClient } from '../token/client-auth.ts'
import { countFailedAttempt, failedTooOften } from '../token/failed-attempts.ts'
import { type TokenRefusal, toOAuthError } from '../token/refusal.ts'
import { type Revoked, revokeToken } from './revoke-token.ts'

interface Decided {
  readonly clientId: string
  readonly revoked: Revoked
}

/** `POST /oauth/revoke` (RFC 7009). `200` means that it holds; until the MCP server has said so, it is `503`. */
export async function revocationRoute(app: FastifyInstance, deps: PortalDeps): Promise<void> {
  await formBodiesOnly(app)
  oauthScope(app, [{ method: 'POST', path: PATHS.revoke }])
  app.post(PATHS.revoke, async (request, reply) => {
    const decided = await decide(request, deps)
    if (!decided.ok) {
      const answer = toOAuthError(decided.error)
      const attempt = { reason: decided.error, clientId: null, address: request.ip }
      const waitS = await countFailedAttempt(attempt, deps)
      await note(request, deps, { status: answer.status, what: { reason: decided.error } })
      return waitS === null
        ? sendOAuthError(reply, answer)
        : sendOAuthError(reply, failedTooOften(waitS, deps.config))
    }
    const { revoked, clientId } = decided.value
    const isPending = revoked.what !== 'nothing' && revoked.force === 'pending'
    await note(request, deps, { status: isPending ? 503 : 200, clientId, what: name(revoked) })
    if (isPending) return sendOAuthError(reply, toOAuthError('cannot_decide'))
    return reply.header('cache-control', 'no-store').send()
  })
}

async function decide(request: FastifyRequest, deps: PortalDeps): Promise<Result<Decided, TokenRefusal>> {
  const fields = readFields(request.body)
  if (!fields.ok) return fields
  const presented = readPresentedClient(request.headers.authorization, fields.value)
  if (!presented.ok) return presented
  const client = await authenticateClient(presented.value, request.ip, deps)
  if (!client.ok) return client
  const token = fields.value.find('token')
  if (token === undefined) return err('parameter_missing')
  return ok({ clientId: client.value.cid, revoked: await revokeToken(token, client.value, deps) })
}

async function note(request: FastifyRequest, deps: PortalDeps, noted: Noted): Promise<void> {
  const isAnybodys = noted.what.tokenId === undefined && noted.what.grantId === undefined
  const write = isAnybodys ? writeStrangersEvent : writeEvent
  await write(request, deps, {
    eventType: 'token.revoked',
    outcome: OUTCOMES[noted.status] ?? 'refused',
    operation: 'revoke',
    principal: noted.clientId ?? null,
    authMethod: null,
    responseCode: noted.status,
    ...noted.what,
    ...(noted.clientId === undefined ? {} : { clientId: noted.clientId }),
  })
}

interface Noted {
  readonly status: number
  readonly clientId?: string
  readonly what: Pick<AuditEvent, 'reason' | 'tokenId' | 'grantId'>
}
const OUTCOMES: Readonly<Partial<Record<number, AuditEvent['outcome']>>> = { 200: 'success', 503: 'failed' }

function name(revoked: Revoked): Noted['what'] {
  switch (revoked.what) {
    case 'nothing':
      return { reason: 'not_a_token_of_this_client' }
    case 'token':
      return { reason: revoked.force, tokenId: revoked.id }
    case 'grant':
      return { reason: revoked.force, grantId: revoked.id }
  }
}
