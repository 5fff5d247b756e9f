import type { FastifyInstance } from 'fastify'
import { canonicalResource } from './authorize/resource.ts'
import type { PortalDeps } from './deps.ts'
import { formToken, markBrowser } from './form-guard.ts'
import { sendHtml } from './page-scope.tsx'
import type { GuardDeps } from './session/answers.ts'
import { findSession } from './session/guard.ts'
import { homePage } from './ui/home-page.tsx'

/** `GET /`: the three steps, and how far the person is. */
export function homeRoute(app: FastifyInstance, deps: PortalDeps & { readonly guard: GuardDeps }): void {
  const mcpAddress = canonicalResource(deps.config.mcpUrl)
  app.get('/', async (request, reply) => {
    const session = await findSession(request, reply, deps.guard)
    if (session === null) return reply
    if (session === 'anonymous')
      return sendHtml(
        reply,
        200,
        homePage({ account: undefined, notices: null, environments: 0, connections: 0, mcpAddress }),
      )
    const account = await deps.accounts.findAccount(session.userId)
    const { connections } = deps.records
    const live = connections.listFor(session.userId).filter((connection) => connections.isLive(connection))
    const mark = markBrowser(request, reply)
    const view = {
      account: account?.email ?? session.userId,
      notices: {
        notices: await deps.notices.of(session.userId),
        formToken: formToken('pages', { owner: session, mark }, deps.keys),
        from: '/' as const,
        nowMs: deps.clock.nowMs(),
      },
      environments: account?.environments.length ?? 0,
      connections: live.length,
      mcpAddress,
    }
    return sendHtml(reply, 200, homePage(view))
  })
}
