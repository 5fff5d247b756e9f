import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { randomId } from '../../kernel/random.ts'
import type { PortalDeps } from '../deps.ts'
import { accountGonePage, vaultRefusedPage, vaultSilentPage } from '../environments/pages.tsx'
import { formToken, markBrowser } from '../form-guard.ts'
import { ownForm } from '../own-form.ts'
import { sendHtml } from '../page-scope.tsx'
import { pageSession } from '../page-session.ts'
import type { GuardDeps } from '../session/answers.ts'
import type { SignedIn } from '../session/session-state.ts'
import { ago } from '../ui/ago.ts'
import { changesPage } from '../ui/changes-page.tsx'
import { vaultDoorPage } from '../ui/environments-page.tsx'

type Deps = PortalDeps & { readonly guard: GuardDeps }

/**
 * `GET /changes`: which changes of Maximo wait for the owner, by id, risk and age; and `POST /changes/open`, the way to the
 * page of the MCP server that shows one. What a change says never comes to this portal.
 */
export function changeRoutes(app: FastifyInstance, deps: Deps): void {
  app.get('/changes', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    return session === null ? reply : list(request, reply, { ...deps, session })
  })
  app.post('/changes/open', async (request, reply) => {
    const form = await ownForm(request, reply, deps)
    if (form === null) return reply
    return open(request, reply, { ...deps, session: form.session, change: form.fields.find('change') ?? '' })
  })
}

async function list(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Deps & { readonly session: SignedIn },
): Promise<FastifyReply> {
  const { session, accounts, mcp, config, clock, keys } = deps
  const [account, waiting] = await Promise.all([
    accounts.findAccount(session.userId),
    mcp.findWaitingChanges({ sub: session.userId }),
  ])
  const mark = markBrowser(request, reply)
  const view = {
    account: account?.email ?? session.userId,
    rows: waiting.ok
      ? waiting.value.changes.map(({ id, risk, madeMs, isOwn }) => ({
          ...{ id, risk, isOwn },
          age: ago(madeMs, clock.nowMs()),
        }))
      : null,
    formToken: formToken('pages', { owner: session, mark }, keys),
    mcpHost: new URL(config.mcpUrl).host,
  }
  return sendHtml(reply, 200, changesPage(view))
}

async function open(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Deps & { readonly session: SignedIn; readonly change: string },
): Promise<FastifyReply> {
  const { session, change, config, mcp } = deps
  const account = await deps.accounts.findAccount(session.userId)
  if (account === null) return sendHtml(reply, 403, accountGonePage(request))
  const opened = await mcp.openVault({
    clerkToken: session.token.reveal(),
    transaction: randomId(),
    purpose: 'change',
    account: account.email.slice(0, 200),
    // What is no id is as unknown as an id of nothing.
    change: ID.test(change) ? change : randomId(),
  })
  if (!opened.ok)
    return opened.error.reason === 'unavailable'
      ? sendHtml(reply.header('retry-after', '5'), 503, vaultSilentPage(request))
      : sendHtml(reply, 422, vaultRefusedPage(request))
  const { handle } = opened.value
  const [vaultUrl, mcpHost] = [`${config.mcpUrl}/vault`, new URL(config.mcpUrl).host]
  return sendHtml(
    reply,
    200,
    vaultDoorPage({ account: account.email, mcpHost, vaultUrl, handle, to: 'change' }),
  )
}

const ID = /^[A-Za-z0-9_-]{22}$/
