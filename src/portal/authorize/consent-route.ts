import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Account } from '../clerk/environments.ts'
import { OWN_CLIENT_ID } from '../clients/own-client.ts'
import { describeRedirect, isLocalRedirect } from '../clients/redirect-uri.ts'
import { voucherOf } from '../clients/voucher.ts'
import type { PortalDeps } from '../deps.ts'
import { writeEvent } from '../events.ts'
import { readFields } from '../fields.ts'
import { accountGonePage } from '../environments/pages.tsx'
import { formToken, isSameBrowser, markBrowser } from '../form-guard.ts'
import { sendHtml } from '../page-scope.tsx'
import { pageSession } from '../page-session.ts'
import { storeKeys } from '../records/keys.ts'
import type { GuardDeps } from '../session/answers.ts'
import type { SignedIn } from '../session/session-state.ts'
import { type Consent, consentPage } from '../ui/consent-page.tsx'
import { otherBrowserPage, transactionGonePage } from './pages.tsx'
import { scopesInWords } from './scopes.ts'
import { traceShown } from './trace-authorization.ts'
import { consentPath, isTransactionId, readTransaction, type Transaction } from './transaction.ts'

/** `GET /oauth/consent`: shows, every time, who asks for what, and lets the owner choose. It grants nothing. */
export function consentRoute(app: FastifyInstance, deps: PortalDeps & { readonly guard: GuardDeps }): void {
  app.get('/oauth/consent', async (request, reply) => {
    const fields = readFields(request.query)
    const id = fields.ok ? fields.value.find('txn') : undefined
    const open = isTransactionId(id) ? readTransaction(await deps.store.get(storeKeys.transaction(id))) : null
    if (open === null || !isTransactionId(id)) return sendHtml(reply, 410, transactionGonePage(request))
    if (!isSameBrowser(request, open.browser)) return sendHtml(reply, 403, otherBrowserPage(request))
    // Our own command asks for an automation token: its consent step is that form.
    if (open.client.cid === OWN_CLIENT_ID)
      return reply.header('cache-control', 'no-store').redirect(`/tokens/new?txn=${id}`, 303)
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    return show(request, reply, { ...deps, id, open, session })
  })
}

interface Shown extends PortalDeps {
  readonly id: string
  readonly open: Transaction
  readonly session: SignedIn
}

async function show(request: FastifyRequest, reply: FastifyReply, shown: Shown): Promise<FastifyReply> {
  const { id, open, session } = shown
  const account = await shown.accounts.findAccount(session.userId)
  if (account === null) return sendHtml(reply, 403, accountGonePage(request))
  const mark = markBrowser(request, reply)
  const form = formToken(`consent:${id}`, { owner: session, mark }, shown.keys)
  await writeEvent(request, shown, {
    eventType: 'consent.shown',
    outcome: 'success',
    operation: 'show',
    principal: session.userId,
    authMethod: 'clerk_session',
    responseCode: 200,
    clientId: open.client.cid,
    sessionId: session.sessionId,
  })
  traceShown(request, { open, account, sub: session.userId }, shown)
  return sendHtml(reply, 200, consentPage(describe(account, open, { txn: id, form })))
}

function describe(
  account: Account,
  open: Transaction,
  hidden: { readonly txn: string; readonly form: string },
): Consent {
  const environments = account.environments.filter(({ env }) => open.env === null || env === open.env)
  return {
    account: account.email,
    clientName: open.client.name,
    redirectTo: describeRedirect(open.redirectUri),
    isLocal: isLocalRedirect(open.redirectUri),
    voucher: voucherOf(open.client),
    resource: open.audience,
    scopes: scopesInWords(open.scp),
    staysConnected: open.staysConnected,
    environments,
    isForeignEnvironment: open.env !== null && environments.length === 0,
    returnPath: consentPath(hidden.txn),
    hidden,
  }
}
