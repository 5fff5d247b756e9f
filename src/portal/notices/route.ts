import type { FastifyInstance } from 'fastify'
import type { PortalDeps } from '../deps.ts'
import { writeEvent } from '../events.ts'
import { ownForm } from '../own-form.ts'
import type { GuardDeps } from '../session/answers.ts'

/** `POST /notices/dismiss`: the owner has read one. Only one that is shown can be dismissed, so the list stays short. */
export function noticeRoutes(app: FastifyInstance, deps: PortalDeps & { readonly guard: GuardDeps }): void {
  app.post('/notices/dismiss', async (request, reply) => {
    const form = await ownForm(request, reply, deps)
    if (form === null) return reply
    const { session, fields } = form
    const asked = fields.find('notice') ?? ''
    const known = (await deps.notices.of(session.userId)).find(({ id }) => id === asked)
    if (known?.isDismissible === true) {
      await deps.records.record('notice.dismissed', { sub: session.userId, notice: asked })
      await writeEvent(request, deps, {
        eventType: 'notice.dismissed',
        outcome: 'success',
        operation: asked,
        principal: session.userId,
        authMethod: 'clerk_session',
        responseCode: 303,
        sessionId: session.sessionId,
      })
    }
    const from = PAGES.find((page) => page === fields.find('from')) ?? '/'
    return reply.header('cache-control', 'no-store').redirect(from, 303)
  })
}

/** Pages that show notices; anything else would be an open redirect. */
const PAGES = ['/', '/connections', '/environments', '/tokens'] as const
