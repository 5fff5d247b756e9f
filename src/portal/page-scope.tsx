import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Overloaded } from '../kernel/load/load.ts'
import { StoreUnavailable } from '../kernel/store/contract.ts'
import type { PortalDeps } from './deps.ts'
import { clientErrorStatus, isOutage, logOutage, waitSeconds } from './outage.ts'
import { messagePage, ToStart } from './ui/message-page.tsx'

/** Where people go: forms, HTML errors. Pages are never cached, since they show who is signed in. */
export async function pageScope(app: FastifyInstance): Promise<void> {
  await app.register(formbody, { bodyLimit: MAX_FORM_BYTES })
  app.setErrorHandler(async (error, request, reply) => {
    if (isOutage(error)) {
      logOutage(request, error)
      const page = error instanceof Overloaded ? busyPage(request, error) : unavailablePage(request)
      return sendHtml(reply.header('retry-after', waitSeconds(error)), 503, page)
    }
    const status = clientErrorStatus(error)
    if (status !== null) return sendHtml(reply, status, unreadablePage(request, status))
    request.log.error({ err: error }, 'unexpected failure')
    return sendHtml(reply, 500, brokenPage(request))
  })
}

const MAX_FORM_BYTES = 16 * 1024

export async function sendHtml(reply: FastifyReply, status: number, html: string): Promise<FastifyReply> {
  return reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html)
}

/** While the store may have lost something, nothing is decided and nothing is shown as if it were whole. */
export function demandPrimed(app: FastifyInstance, deps: Pick<PortalDeps, 'records'>): void {
  app.addHook('onRequest', (_request, _reply, done) => {
    done(deps.records.recorder.primed() ? undefined : new StoreUnavailable('the store is not primed'))
  })
}

const unavailablePage = (request: FastifyRequest): string =>
  messagePage({
    status: 503,
    heading: 'Not available at the moment',
    what: 'A service that the portal needs does not answer. Nothing was changed, and you are still signed in.',
    next: 'Try again in a moment: reload this page.',
    correlationId: request.id,
  })

const busyPage = (request: FastifyRequest, { retryAfterS: waitS }: Overloaded): string =>
  messagePage({
    status: 503,
    heading: 'Too much to do at the moment',
    what: 'The portal has more to do than it can. Nothing was changed, and you are still signed in.',
    next: `Try again in ${waitS} ${waitS === 1 ? 'second' : 'seconds'}: reload this page.`,
    correlationId: request.id,
  })

const unreadablePage = (request: FastifyRequest, status: number): string =>
  messagePage({
    status,
    heading: 'This request could not be read',
    what: 'What was sent is too large or not in a form that the portal reads.',
    next: <ToStart />,
    correlationId: request.id,
  })

const brokenPage = (request: FastifyRequest): string =>
  messagePage({
    status: 500,
    heading: 'Something failed on our side',
    what: 'The portal could not finish this, and the operator’s log says why.',
    next: 'Try again. If it happens again, give the reference below to your operator.',
    correlationId: request.id,
  })

export const notFoundPage = (request: FastifyRequest): string =>
  messagePage({
    status: 404,
    heading: 'There is no such page',
    what: 'The address leads nowhere.',
    next: <ToStart />,
    correlationId: request.id,
  })
