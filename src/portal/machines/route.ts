import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GRANTABLE_SCOPES } from '../authorize/scopes.ts'
import type { Account } from '../clerk/environments.ts'
import type { PortalDeps } from '../deps.ts'
import { accountGonePage } from '../environments/pages.tsx'
import { writeEvent } from '../events.ts'
import { formToken, markBrowser } from '../form-guard.ts'
import { PATHS } from '../metadata/documents.ts'
import { sendHtml } from '../page-scope.tsx'
import { pageSession } from '../page-session.ts'
import { isFreshSignIn } from '../tokens/fresh-sign-in.ts'
import type { SignedIn } from '../session/session-state.ts'
import { machineFormPage } from '../ui/machine-form.tsx'
import { machinePage } from '../ui/machine-page.tsx'
import { type MachineRouteDeps, type Posted, postedForm } from './guard.ts'
import { keyRoutes } from './key-routes.ts'
import {
  machineSilentPage,
  NEW_MACHINE_PATH,
  refusalInWords,
  signInAgainPage,
  unknownMachinePage,
} from './pages.tsx'
import { readMachineForm, RULE_ROWS, type Typed } from './read-form.ts'
import { registerMachine } from './register-machine.ts'
import { describeMachine, findOwn } from './view.ts'

/** Machine clients: `GET /machines/new`, `POST /machines`, the page of each, and its keys. */
export function machineRoutes(app: FastifyInstance, deps: MachineRouteDeps): void {
  app.get(NEW_MACHINE_PATH, async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    const account = await deps.accounts.findAccount(session.userId)
    if (account === null) return sendHtml(reply, 403, accountGonePage(request))
    if (!isFreshSignIn(session)) return sendHtml(reply, 403, signInAgainPage(account.email, NEW_MACHINE_PATH))
    return showForm(request, reply, { ...deps, session, account, typed: {}, problem: null })
  })
  app.post('/machines', async (request, reply) => {
    const posted = await postedForm(request, reply, deps)
    return posted === null ? reply : register(request, reply, { ...deps, ...posted })
  })
  app.get('/machines/:cid', async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    const { cid } = request.params as { readonly cid: string }
    return showMachine(request, reply, { ...deps, session, cid })
  })
  keyRoutes(app, deps)
}

const audiencesOf = ({ config }: Pick<PortalDeps, 'config'>): readonly string[] => [
  `${config.portalUrl}${PATHS.token}`,
  config.portalUrl,
]

interface Form extends MachineRouteDeps {
  readonly session: SignedIn
  readonly account: Account
  readonly typed: Typed
  readonly problem: string | null
}

async function showForm(request: FastifyRequest, reply: FastifyReply, form: Form): Promise<FastifyReply> {
  const { account, session, typed, problem, workloadIssuers } = form
  const mark = markBrowser(request, reply)
  const view = {
    account: account.email,
    environments: account.environments,
    issuers: workloadIssuers.map(({ issuer, name }) => ({ issuer, name: name ?? new URL(issuer).host })),
    audiences: audiencesOf(form),
    ruleRows: RULE_ROWS,
    formToken: formToken('pages', { owner: session, mark }, form.keys),
    ...{ scopes: GRANTABLE_SCOPES, typed, problem },
  }
  return sendHtml(reply, problem === null ? 200 : 422, machineFormPage(view))
}

async function register(
  request: FastifyRequest,
  reply: FastifyReply,
  posted: MachineRouteDeps & Posted,
): Promise<FastifyReply> {
  const { typed, account, session } = posted
  const again = (problem: string): Promise<FastifyReply> => showForm(request, reply, { ...posted, problem })
  const asked = await readMachineForm(typed, {
    issuers: posted.workloadIssuers,
    audiences: audiencesOf(posted),
  })
  if (!asked.ok) return again(asked.error)
  const environment = account.environments.find(({ env }) => env === asked.value.env)
  if (environment === undefined) return again('Choose one of your environments.')
  const registered = await registerMachine({ asked: asked.value, environment, session }, posted)
  if (!registered.ok) {
    await note(request, posted, { outcome: 'refused', responseCode: 422 })
    return registered.error.reason === 'unavailable'
      ? sendHtml(reply.header('retry-after', '5'), 503, machineSilentPage(request))
      : again(refusalInWords(registered.error))
  }
  const { cid, gid, secret } = registered.value
  await note(request, posted, {
    ...{ outcome: 'success', responseCode: 200, clientId: cid, grantId: gid },
    environmentId: environment.env,
  })
  return showMachine(request, reply, { ...posted, cid, secret })
}

interface OfOne extends MachineRouteDeps {
  readonly session: SignedIn
  readonly cid: string
  readonly secret?: string | null
  readonly problem?: string
}

/** The page of a machine client, for its owner alone. */
export async function showMachine(
  request: FastifyRequest,
  reply: FastifyReply,
  of: OfOne,
): Promise<FastifyReply> {
  const { session, cid, secret = null, problem = null } = of
  const own = findOwn(cid, session.userId, of)
  if (own === null) return sendHtml(reply, 404, unknownMachinePage(request))
  const account = await of.accounts.findAccount(session.userId)
  const mark = markBrowser(request, reply)
  const view = {
    ...describeMachine(own, of),
    account: account?.email ?? session.userId,
    formToken: formToken('pages', { owner: session, mark }, of.keys),
    ...{ secret, problem },
  }
  return sendHtml(reply, problem === null ? 200 : 422, machinePage(view))
}

async function note(
  request: FastifyRequest,
  { session, ...deps }: MachineRouteDeps & Pick<Posted, 'session'>,
  what: Pick<Parameters<typeof writeEvent>[2], 'outcome' | 'responseCode'> &
    Partial<Pick<Parameters<typeof writeEvent>[2], 'clientId' | 'grantId' | 'environmentId'>>,
): Promise<void> {
  await writeEvent(request, deps, {
    eventType: 'client.registered',
    operation: 'register_machine',
    principal: session.userId,
    authMethod: 'clerk_session',
    sessionId: session.sessionId,
    ...what,
  })
}
