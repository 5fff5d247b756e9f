import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isMachineClient } from '../../crypto/machine-proof.ts'
import { scopesInWords } from '../authorize/scopes.ts'
import type { PortalDeps } from '../deps.ts'
import { writeEvent } from '../events.ts'
import { formToken, markBrowser } from '../form-guard.ts'
import { ownForm } from '../own-form.ts'
import { sendHtml } from '../page-scope.tsx'
import { pageSession } from '../page-session.ts'
import type { Connection, Force } from '../records/connections.ts'
import type { GuardDeps } from '../session/answers.ts'
import type { SignedIn } from '../session/session-state.ts'
import { END_REASONS } from './end-reasons.ts'
import { ago } from '../ui/ago.ts'
import { type ConnectionRow, connectionsPage } from '../ui/connections-page.tsx'
import { endEverythingPage } from '../ui/end-everything-page.tsx'

type Deps = PortalDeps & { readonly guard: GuardDeps }

/**
 * `GET /connections`, and what ends them: `POST /connections/revoke` one, `/revoke-client` all of a client, and
 * `/end-everything`, which is asked again on a page of its own.
 */
export function connectionRoutes(app: FastifyInstance, deps: Deps): void {
  app.get('/connections', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    return session === null ? reply : list(request, reply, { ...deps, session })
  })
  app.get('/connections/end-everything', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    const mark = markBrowser(request, reply)
    const view = {
      account: await accountName(session, deps),
      live: liveOf(session, deps).length,
      formToken: formToken('pages', { owner: session, mark }, deps.keys),
    }
    return sendHtml(reply, 200, endEverythingPage(view))
  })
  for (const { path, end } of ENDS)
    app.post(path, async (request, reply) => {
      const form = await ownForm(request, reply, deps)
      if (form === null) return reply
      const { session, fields } = form
      await end(request, { ...deps, session, find: (name) => fields.find(name) ?? '' })
      return reply.header('cache-control', 'no-store').redirect('/connections', 303)
    })
}

interface Ending extends Deps {
  readonly session: SignedIn
  /** A field of the form; empty when it was not sent. */
  readonly find: (name: string) => string
}

const ENDS: readonly {
  readonly path: string
  readonly end: (request: FastifyRequest, ending: Ending) => Promise<void>
}[] = [
  {
    path: '/connections/revoke',
    end: async (request, ending) => {
      // Somebody else's is as unknown as one that never was.
      const own = ending.records.connections.find(ending.find('gid'))
      if (own?.sub === ending.session.userId) await endOne(request, own, ending)
    },
  },
  {
    path: '/connections/revoke-client',
    end: async (request, ending) => {
      for (const connection of liveOf(ending.session, ending))
        if (connection.cid === ending.find('cid')) await endOne(request, connection, ending)
    },
  },
  {
    path: '/connections/end-everything',
    end: async (request, ending) => {
      const sub = ending.session.userId
      const force = await ending.revocations.endUser({ sub, by: 'owner', reason: 'revoked' })
      await note(request, ending, { force, operation: 'revoke_all' })
    },
  },
]

async function endOne(
  request: FastifyRequest,
  { gid, maxS, cid, env }: Connection,
  ending: Ending,
): Promise<void> {
  const force = await ending.revocations.endGrant({ gid, maxS, by: 'owner', reason: 'revoked' })
  const named = { grantId: gid, clientId: cid, environmentId: env }
  await note(request, ending, { force, operation: 'revoke', ...named })
}

async function note(
  request: FastifyRequest,
  ending: Ending,
  { force, ...ended }: { readonly force: Force; readonly operation: string; readonly grantId?: string },
): Promise<void> {
  await writeEvent(request, ending, {
    eventType: 'grant.ended',
    outcome: force === 'pending' ? 'failed' : 'success',
    principal: ending.session.userId,
    authMethod: 'clerk_session',
    responseCode: 303,
    reason: force,
    sessionId: ending.session.sessionId,
    ...ended,
  })
}

async function list(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Deps & { readonly session: SignedIn },
): Promise<FastifyReply> {
  const { session, records, config, clock } = deps
  const mark = markBrowser(request, reply)
  const token = formToken('pages', { owner: session, mark }, deps.keys)
  const live = liveOf(session, deps)
  const ofClient = (cid: string): number => live.filter((connection) => connection.cid === cid).length
  const view = {
    account: await accountName(session, deps),
    notices: {
      notices: deps.notices.ofConnections(session.userId),
      formToken: token,
      from: '/connections' as const,
      nowMs: clock.nowMs(),
    },
    rows: records.connections
      .listFor(session.userId)
      .map((connection) => ({ ...describe(connection, deps), ofClient: ofClient(connection.cid) })),
    formToken: token,
    mcpHost: new URL(config.mcpUrl).host,
  }
  return sendHtml(reply, 200, connectionsPage(view))
}

const accountName = async ({ userId }: SignedIn, { accounts }: Deps): Promise<string> =>
  (await accounts.findAccount(userId))?.email ?? userId

const liveOf = ({ userId }: SignedIn, { records: { connections } }: Deps): readonly Connection[] =>
  connections.listFor(userId).filter((connection) => connections.isLive(connection))

function describe(connection: Connection, deps: Deps): Omit<ConnectionRow, 'ofClient'> {
  const nowMs = deps.clock.nowMs()
  const { gid, cid, clientName, redirectHost, madeMs, lastIssuedMs, end } = connection
  return {
    gid,
    cid,
    clientName,
    redirectHost,
    machinePath: isMachineClient(connection.cid) ? `/machines/${connection.cid}` : null,
    environment: connection.envLabel,
    scopes: scopesInWords(connection.scp).join('; '),
    made: ago(madeMs, nowMs),
    lastToken: lastIssuedMs === null ? 'none yet' : ago(lastIssuedMs, nowMs),
    state: end?.force ?? (deps.records.connections.isLive(connection) ? 'live' : 'expired'),
    ended: end === null ? null : `${ago(end.atMs, nowMs)}, ${END_REASONS[end.reason]}`,
  }
}
