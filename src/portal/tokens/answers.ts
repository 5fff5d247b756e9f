import type { FastifyReply, FastifyRequest } from 'fastify'
import { isoTime } from '../../kernel/clock.ts'
import type { Account, Environment } from '../clerk/environments.ts'
import type { PortalConfig } from '../config.ts'
import type { PortalDeps } from '../deps.ts'
import { type Happening, writeEvent } from '../events.ts'
import { sendHtml } from '../page-scope.tsx'
import type { GuardDeps } from '../session/answers.ts'
import type { SignedIn } from '../session/session-state.ts'
import {
  noFeaturePage,
  tokenMadePage,
  tokenRefusedPage,
  tokenSilentPage,
  tokenUnknownPage,
} from '../ui/token-pages.tsx'
import type { MadeToken, MakeFailure, TokenToMake } from './make-token.ts'
import type { TokenWish } from './token-wish.ts'

export type TokenRouteDeps = PortalDeps & { readonly guard: GuardDeps }

/** The client of tokens that are made and shown on the portal's own page. */
export const PORTAL_CLIENT = ({ portalUrl }: Pick<PortalConfig, 'portalUrl'>): TokenToMake['client'] => ({
  cid: 'maximo-mcp-portal',
  redirectHost: new URL(portalUrl).host,
})

export interface Outcome extends TokenRouteDeps {
  readonly session: SignedIn
  readonly account: Account
  readonly environment: Environment
  readonly wish: TokenWish
  readonly cid: string
  readonly operation: string
}

/** The one answer that carries a token. */
export async function answerMade(
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: Outcome & { readonly made: MadeToken; readonly former: string | null },
): Promise<FastifyReply> {
  const { made, account, environment, wish, config, former } = outcome
  await noteToken(request, outcome, { outcome: 'success', responseCode: 200, ...idsOf(made) })
  return sendHtml(
    reply,
    200,
    tokenMadePage({
      account: account.email,
      name: wish.name,
      environment: environment.label,
      token: made.token,
      address: `${config.mcpUrl}/ci/mcp`,
      endsOn: made.expS === null ? null : dayOf(made.expS),
      former,
    }),
  )
}

export const idsOf = ({ rid, gid }: MadeToken): { tokenId: string; grantId: string } => ({
  tokenId: rid,
  grantId: gid,
})

/** Day in UTC. */
export const dayOf = (seconds: number): string => isoTime(seconds * 1000).slice(0, 10)

export async function answerFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: Outcome & { readonly failure: MakeFailure },
): Promise<FastifyReply> {
  const { failure } = outcome
  const isSilent = failure.reason === 'unavailable'
  const reason = failure.reason === 'refused' ? failure.refusal : failure.reason
  const [status, page] = isSilent ? ([503, tokenSilentPage] as const) : refusalOf(reason)
  await noteToken(request, outcome, {
    outcome: isSilent ? 'failed' : 'refused',
    responseCode: status,
    reason,
  })
  if (isSilent) reply.header('retry-after', '5')
  return sendHtml(reply, status, page(request.id))
}

function refusalOf(reason: string): readonly [status: number, page: (correlationId: string) => string] {
  if (reason === 'feature_missing') return [403, noFeaturePage]
  return reason === 'replaced_unknown' ? [404, tokenUnknownPage] : [422, tokenRefusedPage]
}

export async function noteToken(
  request: FastifyRequest,
  { session, environment, cid, operation, ...deps }: Outcome,
  decided: Pick<Happening, 'outcome' | 'responseCode'> & Partial<Happening>,
): Promise<void> {
  await writeEvent(request, deps, {
    eventType: 'token.issued',
    operation,
    principal: session.userId,
    authMethod: 'clerk_session',
    clientId: cid,
    sessionId: session.sessionId,
    environmentId: environment.env,
    masInstance: environment.host,
    ...decided,
  })
}
