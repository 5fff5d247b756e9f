import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { randomId } from '../../kernel/random.ts'
import type { Account, Environment } from '../clerk/environments.ts'
import type { PortalDeps } from '../deps.ts'
import { readFields } from '../fields.ts'
import { formToken, isFormTokenValid, isFromHere, markBrowser } from '../form-guard.ts'
import type { Notice } from '../notices/find-notices.ts'
import { sendHtml } from '../page-scope.tsx'
import { formSession, pageSession } from '../page-session.ts'
import type { GuardDeps } from '../session/answers.ts'
import type { SignedIn } from '../session/session-state.ts'
import { ago } from '../ui/ago.ts'
import { environmentsPage, vaultDoorPage } from '../ui/environments-page.tsx'
import { foreignFormPage } from '../ui/session-pages.tsx'
import { collectFromVault } from './collect.ts'
import { accountGonePage, unknownEnvironmentPage, vaultRefusedPage, vaultSilentPage } from './pages.tsx'
import { findKeyAges, type KeyAge, keyAgeInWords, keyNotices } from './key-ages.ts'
import { keepPendingTakes, readPendingTakes } from './pending-takes.ts'

type Deps = PortalDeps & { readonly guard: GuardDeps }

/** `GET /environments`, and `POST /environments/open`: the way to the vault, where every change is made. */
export function environmentRoutes(app: FastifyInstance, deps: Deps): void {
  app.get('/environments', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    const account = await deps.accounts.findAccount(session.userId)
    return account === null
      ? sendHtml(reply, 403, accountGonePage(request))
      : list(request, reply, { ...deps, session, account })
  })
  app.post('/environments/open', async (request, reply) => {
    if (!isFromHere(request, deps.config)) return sendHtml(reply, 403, foreignFormPage(request.id))
    const session = await formSession(request, reply, deps)
    return session === null ? reply : open(request, reply, { ...deps, session })
  })
}

interface Listed extends Deps {
  readonly session: SignedIn
  readonly account: Account
}

async function list(request: FastifyRequest, reply: FastifyReply, listed: Listed): Promise<FastifyReply> {
  const { session, clock, config } = listed
  const collected = await collectFromVault({ ...listed, request })
  const environments = collected.hasChanged
    ? await listed.accounts.listEnvironments(session.userId)
    : listed.account.environments
  const fields = readFields(request.query)
  const asked = fields.ok ? fields.value.find('next') : undefined
  const mark = markBrowser(request, reply)
  const ages = await findKeyAges(session.userId, listed)
  const token = formToken('pages', { owner: session, mark }, listed.keys)
  const view = {
    account: listed.account.email,
    rows: environments.map(({ env, label, host, added }) => ({
      env,
      label,
      host,
      age: `added ${ago(added * 1000, clock.nowMs())}`,
      key: keyWords(ages?.get(env)),
      address: `${config.mcpUrl}/mcp/${env}`,
    })),
    notices: collected.notices,
    next: collected.next ?? (isNextPath(asked) ? asked : undefined),
    owner: {
      notices: environments.flatMap(({ env, label }) => ownNotices(ages?.get(env), label, listed)),
      formToken: token,
      from: '/environments' as const,
      nowMs: clock.nowMs(),
    },
    formToken: token,
    mcpHost: new URL(config.mcpUrl).host,
  }
  return sendHtml(reply, 200, environmentsPage(view))
}

const keyWords = (age: KeyAge | undefined): string | null => (age === undefined ? null : keyAgeInWords(age))

const ownNotices = (
  age: KeyAge | undefined,
  label: string,
  { session, records }: Listed,
): readonly Notice[] =>
  age === undefined
    ? []
    : keyNotices(age, label).filter(({ id }) => !records.connections.isDismissed(session.userId, id))

/** The only pages that may be gone on to. Anything else would be an open redirect. */
const isNextPath = (path: string | undefined): path is string =>
  path !== undefined && /^\/oauth\/consent\?txn=[A-Za-z0-9_-]{22}$/.test(path)

const openForm = z.object({
  purpose: z.enum(['add', 'replace', 'remove', 'grants']),
  env: z.string().optional(),
  next: z.string().optional(),
})
type OpenForm = z.output<typeof openForm>

async function open(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Deps & { readonly session: SignedIn },
): Promise<FastifyReply> {
  const { session, config } = deps
  const fields = readFields(request.body)
  const form = openForm.safeParse(request.body)
  const asked = { request, purpose: 'pages', owner: session } as const
  if (!fields.ok || !form.success || !isFormTokenValid(fields.value.find('form'), asked, deps.keys))
    return sendHtml(reply, 403, foreignFormPage(request.id))
  const account = await deps.accounts.findAccount(session.userId)
  if (account === null) return sendHtml(reply, 403, accountGonePage(request))
  const environment = account.environments.find(({ env }) => env === form.data.env)
  if (environment === undefined && NEEDS_ENVIRONMENT.includes(form.data.purpose))
    return sendHtml(reply, 404, unknownEnvironmentPage(request))

  const opened = await deps.mcp.openVault(askOf(form.data.purpose, { session, account, environment }))
  if (!opened.ok)
    return opened.error.reason === 'unavailable'
      ? sendHtml(reply.header('retry-after', '5'), 503, vaultSilentPage(request))
      : sendHtml(reply, 422, vaultRefusedPage(request))
  await remember(opened.value.take, form.data, deps)
  const vaultUrl = `${config.mcpUrl}/vault`
  const mcpHost = new URL(config.mcpUrl).host
  return sendHtml(
    reply,
    200,
    vaultDoorPage({ account: account.email, mcpHost, vaultUrl, handle: opened.value.handle }),
  )
}

const NEEDS_ENVIRONMENT: readonly OpenForm['purpose'][] = ['replace', 'remove']

interface Opening {
  readonly session: SignedIn
  readonly account: Account
  readonly environment: Environment | undefined
}

function askOf(
  purpose: OpenForm['purpose'],
  { session, account, environment }: Opening,
): Parameters<PortalDeps['mcp']['openVault']>[0] {
  const named = environment !== undefined && NEEDS_ENVIRONMENT.includes(purpose)
  return {
    clerkToken: session.token.reveal(),
    transaction: randomId(),
    purpose,
    account: account.email.slice(0, 200),
    ...(named ? { env: environment.env, label: environment.label, blob: environment.blob } : {}),
  }
}

async function remember(
  take: string,
  form: OpenForm,
  deps: Deps & { readonly session: SignedIn },
): Promise<void> {
  if (form.purpose === 'grants') return
  const { userId, sessionId } = deps.session
  const owner = { userId, sessionId }
  const before = await readPendingTakes(owner, deps.store)
  const next = isNextPath(form.next) ? form.next : null
  await keepPendingTakes([...before, { take, env: form.env ?? null, next }], owner, deps.store)
}
