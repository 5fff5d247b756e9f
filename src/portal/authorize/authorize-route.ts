import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomId } from '../../kernel/random.ts'
import { FailureLimiter } from '../../kernel/failure-limiter.ts'
import { exceededFields } from '../../kernel/rate-limit-fields.ts'
import type { Result } from '../../kernel/result.ts'
import { describeRedirect, isLocalRedirect, withAnswer } from '../clients/redirect-uri.ts'
import type { PortalDeps } from '../deps.ts'
import { writeStrangersEvent } from '../events.ts'
import { browserDigest, markBrowser } from '../form-guard.ts'
import { PATHS } from '../metadata/documents.ts'
import { sendHtml } from '../page-scope.tsx'
import { storeKeys } from '../records/keys.ts'
import type { GuardDeps } from '../session/answers.ts'
import { requireSession } from '../session/guard.ts'
import { clientProblemPage, problemPage, tooManyRequestsPage } from './pages.tsx'
import { type Authorization, type AuthorizationProblem, readAuthorization } from './read-authorization.ts'
import { traceBegun, traceRefused, traceTooMany } from './trace-authorization.ts'
import { consentPath, type Transaction, TRANSACTION_LIFE_MS } from './transaction.ts'

/**
 * `GET /oauth/authorize`: validates, remembers, sends the person to the consent page. It grants nothing.
 *
 * What strangers may cause is counted by address, which may be a whole company's. Where somebody there has used it up, the
 * others are not turned away: they sign in first, and from then on each has a limit of his own.
 */
export function authorizeRoute(app: FastifyInstance, deps: PortalDeps & { readonly guard: GuardDeps }): void {
  const begun = new FailureLimiter({ max: BEGUN_PER_MINUTE, windowMs: 60_000 }, deps.clock)
  const own = new FailureLimiter({ max: BEGUN.quota, windowMs: 60_000 }, deps.clock)
  app.get(PATHS.authorize, async (request, reply) => {
    const read = await readAuthorization(request, deps)
    // Each takes room in the store for ten minutes, and anybody can register a client to ask with.
    const isCrowded = read.ok ? begun.fail(request.ip).state === 'limited' : isTooOften(read.error)
    if (!isCrowded) return answer(request, reply, { ...deps, read })
    const session = await requireSession(request, reply, deps.guard)
    if (session === null) return reply
    const { userId } = session
    const verdict = own.failAs(userId)
    if (verdict.state === 'limited') return refuseMany(request, reply, { ...deps, ...verdict, userId })
    const paid = read.ok
      ? read
      : await readAuthorization({ query: request.query, ip: request.ip, userId }, deps)
    return answer(request, reply, { ...deps, read: paid })
  })
}

/** Of one address prefix. */
const BEGUN_PER_MINUTE = 300
/** Of one person, where his address has begun too many. */
const BEGUN = { name: 'authorizations', quota: 30, windowS: 60 }

const isTooOften = (why: AuthorizationProblem): boolean =>
  why.to === 'page' && why.problem === 'client_document_too_often'

const answer = (
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly read: Result<Authorization, AuthorizationProblem> },
): Promise<FastifyReply> =>
  deps.read.ok
    ? begin(request, reply, { ...deps, read: deps.read.value })
    : refuse(request, reply, { ...deps, why: deps.read.error })

async function refuseMany(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly retryAfterMs: number; readonly userId: string },
): Promise<FastifyReply> {
  await writeStrangersEvent(request, deps, {
    ...REFUSED,
    ...{ principal: deps.userId, authMethod: 'clerk_session' },
    responseCode: 429,
    reason: 'authorized_too_often',
  })
  traceTooMany(request, deps)
  reply.headers(exceededFields(BEGUN, Math.max(1, Math.ceil(deps.retryAfterMs / 1000))))
  return sendHtml(reply, 429, tooManyRequestsPage(request))
}

const REFUSED = {
  eventType: 'consent.shown',
  outcome: 'refused',
  operation: 'authorize',
  principal: null,
  authMethod: 'none',
} as const

async function begin(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly read: Authorization },
): Promise<FastifyReply> {
  const [id, trace] = [randomId(), randomId()]
  const browser = browserDigest(markBrowser(request, reply))
  const transaction: Transaction = { ...deps.read, trace, browser }
  traceBegun(request, transaction, deps)
  await deps.store.put(storeKeys.transaction(id), JSON.stringify(transaction), TRANSACTION_LIFE_MS)
  return reply.header('cache-control', 'no-store').redirect(consentPath(id), 302)
}

async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly why: AuthorizationProblem },
): Promise<FastifyReply> {
  const { why } = deps
  const isSentBack = why.to === 'client' && isLocalRedirect(why.redirectUri)
  await writeStrangersEvent(request, deps, {
    ...REFUSED,
    responseCode: isSentBack ? 302 : 400,
    reason: why.to === 'page' ? why.problem : why.problem.error,
  })
  await traceRefused(request, why, deps)
  if (why.to === 'page') return sendHtml(reply, 400, problemPage(why.problem, request))
  const { error, description } = why.problem
  const iss = deps.config.portalUrl
  const answer = { error, error_description: description, state: why.state, iss }
  const address = withAnswer(why.redirectUri, answer)
  if (isSentBack) return reply.header('cache-control', 'no-store').redirect(address, 302)
  const host = describeRedirect(why.redirectUri)
  return sendHtml(reply, 400, clientProblemPage({ description, host, address }, request))
}
