import type { FastifyInstance } from 'fastify'
import type { PortalDeps } from '../deps.ts'
import { sendHtml } from '../page-scope.tsx'
import { pageSession } from '../page-session.ts'
import type { GuardDeps } from '../session/answers.ts'
import { usagePage } from '../ui/usage-page.tsx'

/** `GET /usage`: what the person has spent of the plan. The MCP server counts it and alone may look. */
export function usageRoute(app: FastifyInstance, deps: PortalDeps & { readonly guard: GuardDeps }): void {
  const { accounts, mcp, clock } = deps
  app.get('/usage', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    const { userId: sub } = session
    const [account, usage] = await Promise.all([accounts.findAccount(sub), mcp.findUsage({ sub })])
    const view = {
      account: account?.email ?? sub,
      usage: usage.ok ? usage.value : null,
      nowMs: clock.nowMs(),
    }
    return sendHtml(reply, 200, usagePage(view))
  })
}
