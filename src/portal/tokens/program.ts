import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sealCode } from '../../crypto/code.ts'
import type { PortalKeys } from '../../crypto/keys/key-ring.ts'
import { sealWith } from '../../crypto/sealed.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import { readEpoch } from '../../kernel/recorder.ts'
import type { Store } from '../../kernel/store/contract.ts'
import { isTransactionId, readTransaction, type Transaction } from '../authorize/transaction.ts'
import { CODE_LIFE_S, type WaitingToken, WAITING_TOKEN_TYP } from '../authorize/waiting-receipt.ts'
import { OWN_CLIENT_ID } from '../clients/own-client.ts'
import { describeRedirect, withAnswer } from '../clients/redirect-uri.ts'
import { formToken, isSameBrowser } from '../form-guard.ts'
import { sendHtml } from '../page-scope.tsx'
import { storeKeys } from '../records/keys.ts'
import type { SignedIn } from '../session/session-state.ts'
import { leavingPage } from '../ui/consent-page.tsx'
import { formUsedPage } from '../ui/token-pages.tsx'
import { idsOf, noteToken, type Outcome } from './answers.ts'
import type { MadeToken, TokenToMake } from './make-token.ts'

/** Our own command, which waits on this computer for the token: the form is its consent step (design §4.9). */
export interface Program {
  readonly id: string
  readonly transaction: Transaction
  readonly client: TokenToMake['client']
}

/**
 * The login that the form belongs to; null when it belongs to none.
 *
 * @throws StoreUnavailable
 */
export async function findProgram(
  id: string | undefined,
  request: FastifyRequest,
  store: Store,
): Promise<Program | null | 'gone'> {
  if (id === undefined || id === '') return null
  const open = isTransactionId(id) ? readTransaction(await store.get(storeKeys.transaction(id))) : null
  if (open?.client.cid !== OWN_CLIENT_ID || !isSameBrowser(request, open.browser)) return 'gone'
  const redirectHost = describeRedirect(open.redirectUri).slice(0, 255)
  return { id, transaction: open, client: { cid: OWN_CLIENT_ID, redirectHost } }
}

/** What the form shows of the program, and the fields of the form that says no to it. */
export const programForm = (
  { id, transaction }: Program,
  bound: { readonly session: SignedIn; readonly mark: string; readonly keys: Pick<PortalKeys, 'local'> },
): { readonly redirectTo: string; readonly deny: Readonly<Record<string, string>> } => ({
  redirectTo: describeRedirect(transaction.redirectUri),
  deny: {
    txn: id,
    form: formToken(`consent:${id}`, { owner: bound.session, mark: bound.mark }, bound.keys),
  },
})

/**
 * Leads back to the program with a code; its exchange returns the token, once. Until then the token waits sealed under a
 * key that travels in the code alone.
 *
 * @throws StoreUnavailable, DiskUnavailable
 */
export async function answerProgram(
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: Outcome & { readonly made: MadeToken; readonly program: Program },
): Promise<FastifyReply> {
  const { made, program, store, revocations } = outcome
  const taken = await store.take(storeKeys.transaction(program.id))
  if (taken === null) {
    // Answered in another window meanwhile: nobody will fetch this token.
    await revocations.endGrant({ gid: made.gid, maxS: made.maxS, by: 'portal', reason: 'not_delivered' })
    return sendHtml(reply, 410, formUsedPage(request.id))
  }
  const code = await makeCode(outcome)
  await noteToken(request, outcome, { outcome: 'success', responseCode: 200, ...idsOf(made) })
  const { redirectUri, state } = program.transaction
  const address = withAnswer(redirectUri, { code, state: state ?? undefined, iss: outcome.config.portalUrl })
  return sendHtml(
    reply,
    200,
    leavingPage({ isApproved: true, redirectTo: describeRedirect(redirectUri), address }),
  )
}

async function makeCode({
  made,
  program,
  session,
  environment,
  store,
  keys,
  clock,
}: Outcome & { readonly made: MadeToken; readonly program: Program }): Promise<string> {
  const { transaction } = program
  const j = randomId()
  const key = randomBytes(32)
  const waiting: WaitingToken = { token: made.token, rid: made.rid, expS: made.expS, scope: made.scope }
  const sealed = await sealWith(key, WAITING_TOKEN_TYP, JSON.stringify(waiting))
  await store.put(storeKeys.waitingReceipt(j), sealed, (CODE_LIFE_S + 60) * 1000)
  const iat = nowSeconds(clock)
  return sealCode(
    {
      ...{ j, gid: made.gid, cid: transaction.client.cid, ruri: transaction.redirectUri },
      ...{ chal: transaction.challenge, sub: session.userId, sid: session.sessionId },
      ...{ env: environment.env, scp: made.scope, res: transaction.audience, ep: await readEpoch(store) },
      ...{ k: key.toString('base64url'), iat, exp: iat + CODE_LIFE_S },
    },
    keys,
  )
}
