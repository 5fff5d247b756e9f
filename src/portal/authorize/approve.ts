import { randomBytes } from 'node:crypto'
import { sealCode } from '../../crypto/code.ts'
import type { CallFailure } from '../../crypto/internal-client.ts'
import { sealWith } from '../../crypto/sealed.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Environment } from '../clerk/environments.ts'
import { describeRedirect } from '../clients/redirect-uri.ts'
import type { PortalDeps } from '../deps.ts'
import { storeKeys } from '../records/keys.ts'
import type { SignedIn } from '../session/session-state.ts'
import { GRANT_LIFE_S } from '../token/token-deps.ts'
import { splitOffline } from './scopes.ts'
import type { Transaction } from './transaction.ts'
import { CODE_LIFE_S, type WaitingReceipt, WAITING_RECEIPT_TYP } from './waiting-receipt.ts'

export interface Approval {
  /** Already taken: nobody else can answer it. */
  readonly transactionId: string
  readonly transaction: Transaction
  readonly session: SignedIn
  readonly environment: Environment
  /** Of the store in which the code will be used up. */
  readonly epoch: string
}

export interface Approved {
  readonly code: string
  readonly gid: string
}

/**
 * Turns an owner's yes into a grant and an authorization code. The MCP server checks the owner's live Clerk session by
 * itself and returns the receipt, without which no token works. The receipt waits sealed under a key that travels in
 * the code alone.
 *
 * @throws StoreUnavailable, DiskUnavailable
 */
export async function approve(
  approval: Approval,
  deps: Pick<PortalDeps, 'mcp' | 'store' | 'keys' | 'clock' | 'records' | 'clients'>,
): Promise<Result<Approved, CallFailure>> {
  const gid = randomId()
  const attested = await deps.mcp.attestGrant(grantOf(approval, gid))
  if (!attested.ok) return err(attested.error)
  const maxS = attested.value.max ?? nowSeconds(deps.clock) + GRANT_LIFE_S
  await deps.clients.keep(approval.transaction.client)
  await recordConnection(approval, { gid, maxS }, deps)
  const code = await makeCode(approval, { gid, receipt: { receipt: attested.value.receipt, maxS } }, deps)
  return ok({ code, gid })
}

function grantOf(
  { transactionId, transaction, session, environment }: Approval,
  gid: string,
): Parameters<PortalDeps['mcp']['attestGrant']>[0] {
  return {
    clerkToken: session.token.reveal(),
    transaction: transactionId,
    gid,
    env: environment.env,
    blob: environment.blob,
    cid: transaction.client.cid,
    clientName: transaction.client.name,
    redirectHost: describeRedirect(transaction.redirectUri).slice(0, 255),
    scp: splitOffline(transaction.scp).scope,
    knd: 'at',
    prf: 'interactive',
    lifeS: GRANT_LIFE_S,
  }
}

async function recordConnection(
  { transaction, session, environment }: Approval,
  grant: { readonly gid: string; readonly maxS: number },
  deps: Pick<PortalDeps, 'records'>,
): Promise<void> {
  await deps.records.record('connection.made', {
    ...grant,
    sub: session.userId,
    cid: transaction.client.cid,
    clientName: transaction.client.name,
    redirectHost: describeRedirect(transaction.redirectUri).slice(0, 255),
    env: environment.env,
    envLabel: environment.label,
    scp: transaction.scp,
  })
}

async function makeCode(
  { transaction, session, environment, epoch }: Approval,
  made: { readonly gid: string; readonly receipt: WaitingReceipt },
  deps: Pick<PortalDeps, 'store' | 'keys' | 'clock'>,
): Promise<string> {
  const j = randomId()
  const key = randomBytes(32)
  const waiting = await sealWith(key, WAITING_RECEIPT_TYP, JSON.stringify(made.receipt))
  await deps.store.put(storeKeys.waitingReceipt(j), waiting, WAITING_MS)
  const iat = nowSeconds(deps.clock)
  return sealCode(
    {
      j,
      gid: made.gid,
      cid: transaction.client.cid,
      ruri: transaction.redirectUri,
      chal: transaction.challenge,
      sub: session.userId,
      sid: session.sessionId,
      env: environment.env,
      scp: transaction.scp,
      res: transaction.audience,
      ep: epoch,
      k: key.toString('base64url'),
      iat,
      exp: iat + CODE_LIFE_S,
    },
    deps.keys,
  )
}

/** A little longer than the code lives. */
const WAITING_MS = (CODE_LIFE_S + 60) * 1000
