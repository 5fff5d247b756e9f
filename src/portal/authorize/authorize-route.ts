import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomId } from '../../kernel/random.ts'
import { withAnswer } from '../clients/redirect-uri.ts'
import type { PortalDeps } from '../deps.ts'
import { writeStrangersEvent } from '../events.ts'
import { browserDigest, markBrowser } from '../form-guard.ts'
import { PATHS } from '../metadata/documents.ts'
import { sendHtml } from '../page-scope.tsx'
import { storeKeys } from '../records/keys.ts'
import { problemPage } from './pages.tsx'
import { type Authorization, type AuthorizationProblem, readAuthorization } from './read-authorization.ts'
import { consentPath, type Transaction, TRANSACTION_LIFE_MS } from './transaction.ts'

/** `GET /oauth/authorize`: validates, remembers, sends the person to the consent page. It grants nothing. */
export function authorizeRoute(app: FastifyInstance, deps: PortalDeps): void {
  app.get(PATHS.authorize, async (request, reply) => {
    const read = await readAuthorization(request.query, deps)
    return read.ok
      ? begin(request, reply, { ...deps, read: read.value })
      : refuse(request, reply, { ...deps, why: read.error })
  })
}

async function begin(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly read: Authorization },
): Promise<FastifyReply> {
  const id = randomId()
  const transaction: Transaction = { ...deps.read, browser: browserDigest(markBrowser(request, reply)) }
  await deps.store.put(storeKeys.transaction(id), JSON.stringify(transaction), TRANSACTION_LIFE_MS)
  return reply.header('cache-control', 'no-store').redirect(consentPath(id), 302)
}

async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly why: AuthorizationProblem },
): Promise<FastifyReply> {
  const { why } = deps
  await writeStrangersEvent(request, deps, {
    eventType: 'consent.shown',
    outcome: 'refused',
    operation: 'authorize',
    principal: null,
    authMethod: 'none',
    responseCode: why.to === 'page' ? 400 : 302,
    reason: why.to === 'page' ? why.problem : why.problem.error,
  })
  if (why.to === 'page') return sendHtml(reply, 400, problemPage(why.problem, request))
  const { error, description } = why.problem
  const iss = deps.config.portalUrl
  const answer = { error, error_description: description, state: why.state, iss }
  return reply.header('cache-control', 'no-store').redirect(withAnswer(why.redirectUri, answer), 302)
}
