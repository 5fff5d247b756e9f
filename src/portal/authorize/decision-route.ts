import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OWN_CLIENT_ID } from '../clients/own-client.ts'
import { describeRedirect, withAnswer } from '../clients/redirect-uri.ts'
import { readEpoch } from '../../kernel/recorder.ts'
import type { PortalDeps } from '../deps.ts'
import { accountGonePage } from '../environments/pages.tsx'
import { type Happening, writeEvent, writeStrangersEvent } from '../events.ts'
import { type Fields, readFields } from '../fields.ts'
import { isFormTokenValid, isFromHere } from '../form-guard.ts'
import { sendHtml } from '../page-scope.tsx'
import { formSession } from '../page-session.ts'
import { storeKeys } from '../records/keys.ts'
import type { GuardDeps } from '../session/answers.ts'
import type { SignedIn } from '../session/session-state.ts'
import { leavingPage } from '../ui/consent-page.tsx'
import { foreignFormPage } from '../ui/session-pages.tsx'
import { hasChanged } from '../clients/has-changed.ts'
import { approve } from './approve.ts'
import {
  chooseEnvironmentPage,
  clientChangedPage,
  mcpRefusedPage,
  mcpSilentPage,
  otherBrowserPage,
  transactionGonePage,
} from './pages.tsx'
import { traceDecision } from './trace-authorization.ts'
import { isTransactionId, readTransaction, type Transaction, TRANSACTION_LIFE_MS } from './transaction.ts'

/**
 * `POST /oauth/decision`: the owner's yes or no. It counts only as a form of our own page, in the browser and the
 * session it was shown in, once per transaction.
 */
export function decisionRoute(app: FastifyInstance, deps: PortalDeps & { readonly guard: GuardDeps }): void {
  app.post('/oauth/decision', async (request, reply) => {
    if (!isFromHere(request, deps.config)) {
      await note(request, deps, { outcome: 'refused', reason: 'foreign_form', responseCode: 403 })
      return sendHtml(reply, 403, foreignFormPage(request.id))
    }
    const session = await formSession(request, reply, deps)
    return session === null ? reply : decide(request, reply, { ...deps, session })
  })
}

async function decide(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly session: SignedIn },
): Promise<FastifyReply> {
  const { session } = deps
  const fields = readFields(request.body)
  const id = fields.ok ? fields.value.find('txn') : undefined
  const open = isTransactionId(id) ? readTransaction(await deps.store.get(storeKeys.transaction(id))) : null
  if (!fields.ok || open === null || !isTransactionId(id)) return gone(request, reply, deps)
  const asked = { request, purpose: `consent:${id}`, owner: session } as const
  // Its token was made in the browser that began the transaction, and is bound to that browser's mark.
  if (!isFormTokenValid(fields.value.find('form'), asked, deps.keys)) {
    await note(request, deps, {
      outcome: 'refused',
      reason: 'form_token_wrong',
      responseCode: 403,
      session,
      open,
    })
    return sendHtml(reply, 403, otherBrowserPage(request))
  }
  const decision = { ...deps, id, open, fields: fields.value }
  const isYes = fields.value.find('decision') === 'approve' && open.client.cid !== OWN_CLIENT_ID
  return isYes ? answerYes(request, reply, decision) : answerNo(request, reply, decision)
}

interface Decision extends PortalDeps {
  readonly id: string
  readonly open: Transaction
  readonly session: SignedIn
  readonly fields: Fields
}

/** Anything but a clear yes is a no. */
async function answerNo(
  request: FastifyRequest,
  reply: FastifyReply,
  decision: Decision,
): Promise<FastifyReply> {
  const { id, open, session } = decision
  const taken = await decision.store.take(storeKeys.transaction(id))
  if (taken === null) return gone(request, reply, decision)
  await note(request, decision, { outcome: 'refused', operation: 'deny', responseCode: 200, session, open })
  return leave(reply, decision, { error: 'access_denied', error_description: 'The owner did not allow it.' })
}

async function answerYes(
  request: FastifyRequest,
  reply: FastifyReply,
  decision: Decision,
): Promise<FastifyReply> {
  const { id, open, session, fields } = decision
  const account = await decision.accounts.findAccount(session.userId)
  // Deleted, banned or locked since the page was shown: a session may outlive that by a minute.
  if (account === null)
    return refuseOpen(request, reply, decision, {
      reason: 'owner_gone',
      status: 403,
      html: accountGonePage(request),
    })
  const chosen = account.environments.find(({ env }) => env === fields.find('env'))
  if (chosen === undefined || (open.env !== null && chosen.env !== open.env)) {
    const html = chooseEnvironmentPage(id, request)
    return refuseOpen(request, reply, decision, { reason: 'environment_not_owned', status: 422, html })
  }
  if (await hasChanged(open.client, request.ip, decision.clients)) {
    const html = clientChangedPage(request)
    return refuseOpen(request, reply, decision, { reason: 'client_changed', status: 409, html })
  }
  // Before the transaction is taken: a store that cannot say its epoch must not cost the owner a second consent.
  const epoch = await readEpoch(decision.store)
  const taken = await decision.store.take(storeKeys.transaction(id))
  if (taken === null) return gone(request, reply, decision)

  const approval = { transactionId: id, transaction: open, session, environment: chosen, epoch }
  const approved = await approve(approval, decision)
  if (!approved.ok)
    return refuseYes(request, reply, {
      ...decision,
      taken,
      isSilent: approved.error.reason === 'unavailable',
    })
  const { code, gid } = approved.value
  const named = { grantId: gid, environmentId: chosen.env, masInstance: chosen.host }
  await note(request, decision, {
    outcome: 'success',
    operation: 'approve',
    responseCode: 200,
    session,
    open,
    ...named,
  })
  return leave(reply, decision, { code })
}

/** Nothing was taken: the request stays open. */
async function refuseOpen(
  request: FastifyRequest,
  reply: FastifyReply,
  decision: Decision,
  refusal: { readonly reason: string; readonly status: number; readonly html: string },
): Promise<FastifyReply> {
  const { session, open } = decision
  const { reason, status, html } = refusal
  await note(request, decision, { outcome: 'refused', reason, responseCode: status, session, open })
  return sendHtml(reply, status, html)
}

/** Where the MCP server is silent, nobody was refused: the request stays open for a second try. */
async function refuseYes(
  request: FastifyRequest,
  reply: FastifyReply,
  decision: Decision & { readonly taken: string; readonly isSilent: boolean },
): Promise<FastifyReply> {
  const { id, open, session, taken, isSilent } = decision
  if (isSilent) await decision.store.put(storeKeys.transaction(id), taken, TRANSACTION_LIFE_MS)
  await note(request, decision, {
    outcome: isSilent ? 'failed' : 'refused',
    reason: isSilent ? 'mcp_silent' : 'mcp_refused',
    operation: 'approve',
    responseCode: isSilent ? 503 : 422,
    session,
    open,
  })
  return isSilent
    ? sendHtml(reply.header('retry-after', '5'), 503, mcpSilentPage(id, request))
    : sendHtml(reply, 422, mcpRefusedPage(request))
}

async function gone(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly session: SignedIn },
): Promise<FastifyReply> {
  await note(request, deps, {
    outcome: 'refused',
    reason: 'transaction_gone',
    responseCode: 410,
    session: deps.session,
  })
  return sendHtml(reply, 410, transactionGonePage(request))
}

/** Success and refusal both go back with `state` and `iss` (RFC 9207). */
async function leave(
  reply: FastifyReply,
  { open, config }: Decision,
  answer: { readonly code: string } | { readonly error: string; readonly error_description: string },
): Promise<FastifyReply> {
  const address = withAnswer(open.redirectUri, {
    ...answer,
    state: open.state ?? undefined,
    iss: config.portalUrl,
  })
  const redirectTo = describeRedirect(open.redirectUri)
  return sendHtml(reply, 200, leavingPage({ isApproved: 'code' in answer, redirectTo, address }))
}

async function note(
  request: FastifyRequest,
  deps: PortalDeps,
  decided: Pick<Happening, 'outcome' | 'responseCode'> &
    Partial<Happening> & { readonly session?: SignedIn; readonly open?: Transaction },
): Promise<void> {
  const { session, open, ...rest } = decided
  const write = session === undefined ? writeStrangersEvent : writeEvent
  await write(request, deps, {
    eventType: 'consent.decided',
    operation: 'decide',
    principal: session?.userId ?? null,
    authMethod: 'clerk_session',
    ...(session === undefined ? {} : { sessionId: session.sessionId }),
    ...(open === undefined ? {} : { clientId: open.client.cid }),
    ...rest,
  })
  traceDecision(request, { ...rest, open, sub: session?.userId }, deps)
}
