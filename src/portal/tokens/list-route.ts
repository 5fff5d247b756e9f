import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { lastUses } from '../../crypto/internal-api.ts'
import { writeEvent } from '../events.ts'
import { readFields } from '../fields.ts'
import { formToken, isFormTokenValid, isFromHere, markBrowser } from '../form-guard.ts'
import { sendHtml } from '../page-scope.tsx'
import { pageSession } from '../page-session.ts'
import type { AutomationToken } from '../records/connections.ts'
import { NEVER_S } from '../records/entries.ts'
import { requireSession } from '../session/guard.ts'
import type { SignedIn } from '../session/session-state.ts'
import { END_REASONS } from '../connections/end-reasons.ts'
import { ago } from '../ui/ago.ts'
import { foreignFormPage } from '../ui/session-pages.tsx'
import { type TokenRow, tokensPage } from '../ui/tokens-page.tsx'
import { dayOf, type TokenRouteDeps } from './answers.ts'
import { objectsInWords, PROFILE_WORDS, RISK_WORDS } from './words.ts'

type Use = z.output<typeof lastUses.answer>['uses'][number]

/** `GET /tokens`, and `POST /tokens/revoke`, which ends one. Both work while the store is away. */
export function tokenListRoutes(app: FastifyInstance, deps: TokenRouteDeps): void {
  app.get('/tokens', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    return session === null ? reply : list(request, reply, { ...deps, session })
  })
  app.post('/tokens/revoke', async (request, reply) => {
    if (!isFromHere(request, deps.config)) return sendHtml(reply, 403, foreignFormPage(request.id))
    const session = await requireSession(request, reply, deps.guard)
    return session === null ? reply : revoke(request, reply, { ...deps, session })
  })
}

type Deps = TokenRouteDeps & { readonly session: SignedIn }

async function list(request: FastifyRequest, reply: FastifyReply, deps: Deps): Promise<FastifyReply> {
  const { session, records, accounts, keys } = deps
  const tokens = records.connections.automationOf(session.userId)
  const [account, uses] = await Promise.all([accounts.findAccount(session.userId), findUses(tokens, deps)])
  const mark = markBrowser(request, reply)
  const form = formToken('pages', { owner: session, mark }, keys)
  const page = tokensPage({
    account: account?.email ?? session.userId,
    rows: tokens.map((token) => describe(token, uses?.get(token.gid), deps)),
    formToken: form,
    notices: {
      notices: await deps.notices.of(session.userId),
      formToken: form,
      from: '/tokens',
      nowMs: deps.clock.nowMs(),
    },
    isUseUnknown: uses === null,
  })
  return sendHtml(reply, 200, page)
}

/** Null: nobody knows now. */
async function findUses(
  tokens: readonly AutomationToken[],
  { mcp, session }: Deps,
): Promise<ReadonlyMap<string, Use> | null> {
  const gids = tokens.slice(0, MAX_ASKED).map(({ gid }) => gid)
  if (gids.length === 0) return new Map()
  const answer = await mcp.findLastUses({ sub: session.userId, gids })
  return answer.ok ? new Map(answer.value.uses.map((use) => [use.gid, use])) : null
}

function describe(token: AutomationToken, use: Use | undefined, deps: Deps): TokenRow {
  const nowMs = deps.clock.nowMs()
  const { gid, clientName, envLabel, ci, end, maxS, madeMs } = token
  const isLive = deps.records.connections.isLive(token)
  const facts: readonly (readonly [string, string | null])[] = [
    ['Scopes', token.scp],
    ['Objects', objectsInWords(ci.obj)],
    ['Networks', ci.net === undefined ? 'any' : ci.net.replaceAll(' ', ', ')],
    ['Limits', `${PROFILE_WORDS[ci.prf]}; risk ${RISK_WORDS[ci.rsk].name.toLowerCase()}`],
    ['Made', ago(madeMs, nowMs)],
    ['Last use', use === undefined ? 'not used yet, as far as is known' : useInWords(use, nowMs)],
    ['Ends', end === null ? endInWords(token, maxS) : null],
    ['Ended', end === null ? null : `${ago(end.atMs, nowMs)}, ${END_REASONS[end.reason]}`],
  ]
  return {
    ...{ gid, isLive, name: clientName, environment: envLabel },
    state: end?.force ?? (isLive ? 'live' : 'expired'),
    facts: facts.filter((fact): fact is readonly [string, string] => fact[1] !== null),
  }
}

const useInWords = ({ atMs, address, client, tool }: Use, nowMs: number): string =>
  `${ago(atMs, nowMs)} from ${address}: ${tool}${client === '' ? '' : `, by ${client}`}`

function endInWords({ madeForS }: AutomationToken, maxS: number): string {
  if (maxS === NEVER_S) return 'only when you end it'
  const why = maxS < madeForS ? ', because it was replaced' : ''
  return `on ${dayOf(maxS)} (UTC)${why}`
}

async function revoke(request: FastifyRequest, reply: FastifyReply, deps: Deps): Promise<FastifyReply> {
  const { session, records } = deps
  const fields = readFields(request.body)
  const asked = { request, purpose: 'pages', owner: session } as const
  if (!fields.ok || !isFormTokenValid(fields.value.find('form'), asked, deps.keys))
    return sendHtml(reply, 403, foreignFormPage(request.id))
  const token = records.connections.findAutomation(fields.value.find('gid') ?? '')
  // Somebody else's is as unknown as one that never was.
  if (token?.sub === session.userId) {
    const { gid, maxS, cid, env, ci } = token
    const force = await deps.revocations.endGrant({ gid, maxS, by: 'owner', reason: 'revoked' })
    await writeEvent(request, deps, {
      eventType: 'token.revoked',
      outcome: force === 'pending' ? 'failed' : 'success',
      operation: 'revoke',
      principal: session.userId,
      authMethod: 'clerk_session',
      responseCode: 303,
      reason: force,
      ...{ grantId: gid, tokenId: ci.rid, clientId: cid, environmentId: env, sessionId: session.sessionId },
    })
  }
  return reply.header('cache-control', 'no-store').redirect('/tokens', 303)
}

/** As many as the MCP server answers for at once. */
const MAX_ASKED = 100
