import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { scopesInWords } from '../authorize/scopes.ts'
import type { PortalDeps } from '../deps.ts'
import { writeEvent } from '../events.ts'
import { readFields } from '../fields.ts'
import { formToken, isFormTokenValid, isFromHere, markBrowser } from '../form-guard.ts'
import { sendHtml } from '../page-scope.tsx'
import { pageSession } from '../page-session.ts'
import type { Connection } from '../records/connections.ts'
import { requireSession } from '../session/guard.ts'
import type { GuardDeps } from '../session/answers.ts'
import type { SignedIn } from '../session/session-state.ts'
import { ago } from '../ui/ago.ts'
import { type ConnectionRow, connectionsPage } from '../ui/connections-page.tsx'
import { foreignFormPage } from '../ui/session-pages.tsx'

type Deps = PortalDeps & { readonly guard: GuardDeps }

/** `GET /connections`, and `POST /connections/revoke`, which ends one. */
export function connectionRoutes(app: FastifyInstance, deps: Deps): void {
  app.get('/connections', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    const account = await deps.accounts.findAccount(session.userId)
    const mark = markBrowser(request, reply)
    const view = {
      account: account?.email ?? session.userId,
      rows: deps.records.connections.listFor(session.userId).map((connection) => describe(connection, deps)),
      formToken: formToken('pages', { owner: session, mark }, deps.keys),
      mcpHost: new URL(deps.config.mcpUrl).host,
    }
    return sendHtml(reply, 200, connectionsPage(view))
  })
  app.post('/connections/revoke', async (request, reply) => {
    if (!isFromHere(request, deps.config)) return sendHtml(reply, 403, foreignFormPage(request.id))
    const session = await requireSession(request, reply, deps.guard)
    return session === null ? reply : revoke(request, reply, { ...deps, session })
  })
}

async function revoke(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Deps & { readonly session: SignedIn },
): Promise<FastifyReply> {
  const { session, records } = deps
  const fields = readFields(request.body)
  const asked = { request, purpose: 'pages', owner: session } as const
  if (!fields.ok || !isFormTokenValid(fields.value.find('form'), asked, deps.keys))
    return sendHtml(reply, 403, foreignFormPage(request.id))
  const connection = records.connections.find(fields.value.find('gid') ?? '')
  // Somebody else's is as unknown as one that never was.
  if (connection !== null && connection.sub === session.userId) {
    const { gid, maxS, cid, env } = connection
    const force = await deps.revocations.endGrant({ gid, maxS, by: 'owner', reason: 'revoked' })
    await writeEvent(request, deps, {
      eventType: 'grant.ended',
      outcome: force === 'pending' ? 'failed' : 'success',
      operation: 'revoke',
      principal: session.userId,
      authMethod: 'clerk_session',
      responseCode: 303,
      reason: force,
      grantId: gid,
      clientId: cid,
      environmentId: env,
      sessionId: session.sessionId,
    })
  }
  return reply.header('cache-control', 'no-store').redirect('/connections', 303)
}

function describe(connection: Connection, deps: Deps): ConnectionRow {
  const nowMs = deps.clock.nowMs()
  const { gid, clientName, redirectHost, madeMs, lastIssuedMs, end } = connection
  return {
    gid,
    clientName,
    redirectHost,
    environment: connection.envLabel,
    scopes: scopesInWords(connection.scp).join('; '),
    made: ago(madeMs, nowMs),
    lastToken: lastIssuedMs === null ? 'none yet' : ago(lastIssuedMs, nowMs),
    state: end?.force ?? (deps.records.connections.isLive(connection) ? 'live' : 'expired'),
    ended: end === null ? null : `${ago(end.atMs, nowMs)}, ${REASONS[end.reason]}`,
  }
}

const REASONS: Readonly<Record<NonNullable<Connection['end']>['reason'], string>> = {
  revoked: 'on request',
  code_reused: 'because its authorization code was used twice',
  refresh_reused: 'because an old refresh token was used again: two parties had it',
  ended_elsewhere: 'at the MCP server',
  owner_gone: 'because the account was closed or locked',
  reported: 'because somebody found the token and reported it',
  not_delivered: 'because the token could not be made whole',
}
