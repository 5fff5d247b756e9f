import { openCode, type CodePayload } from '../../crypto/code.ts'
import { openWith } from '../../crypto/sealed.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { readEpoch } from '../../kernel/recorder.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { waitingReceipt, WAITING_RECEIPT_TYP, type WaitingReceipt } from '../authorize/waiting-receipt.ts'
import { readResource } from '../authorize/resource.ts'
import { splitOffline, staysConnected } from '../authorize/scopes.ts'
import { storeKeys } from '../records/keys.ts'
import type { StoredClient } from '../records/projection.ts'
import { issueAccessToken } from './issue-access-token.ts'
import { verifierMatches } from './pkce.ts'
import type { TokenRefusal } from './refusal.ts'
import { newRefreshToken, refreshHashes, sealReceiptFor } from './refresh-token.ts'
import { GRANT_LIFE_S, type Issued, REFRESH_SLIDING_S, type TokenDeps } from './token-deps.ts'

export interface CodeExchange {
  readonly code: string
  /** Optional in OAuth 2.1; if it is sent, it must be the one the code was made for. */
  readonly redirectUri: string | undefined
  readonly verifier: string
  readonly resource: string | undefined
}

/**
 * Exchanges an authorization code (RFC 6749 §4.1.3). Everything is checked before the code is used up: so a thief who
 * lacks the verifier can neither burn it nor, once it is spent, end the owner's session (OAuth 2.1, "Reuse of
 * Authorization Codes"). A second use that is itself valid ends what the first one issued.
 *
 * @throws StoreUnavailable, DiskUnavailable
 */
export async function exchangeCode(
  asked: CodeExchange,
  client: StoredClient,
  deps: TokenDeps,
): Promise<Result<Issued, TokenRefusal>> {
  const opened = await openCode(asked.code, deps.keys, deps.clock)
  if (!opened.ok) return err(opened.error === 'expired' ? 'code_expired' : 'code_unknown')
  const code = opened.value
  const mismatch = findMismatch(asked, { code, client, mcpUrl: deps.config.mcpUrl })
  if (mismatch !== null) return err(mismatch)

  const receipt = await deps.store.get(storeKeys.waitingReceipt(code.j))
  const use = await useCode(code, deps)
  if (use === 'again') {
    await endWhatItIssued(code, deps)
    return err('code_used')
  }
  if (use === 'forgotten' || receipt === null) return err('code_forgotten')
  return issueFirst(code, client, { ...deps, receipt: await openWaiting(receipt, code) })
}

function findMismatch(
  asked: CodeExchange,
  made: { readonly code: CodePayload; readonly client: StoredClient; readonly mcpUrl: string },
): TokenRefusal | null {
  const { code, client } = made
  if (code.cid !== client.cid) return 'client_mismatch'
  if (asked.redirectUri !== undefined && asked.redirectUri !== code.ruri) return 'redirect_uri_mismatch'
  if (!verifierMatches(asked.verifier, code.chal)) return 'verifier_mismatch'
  const resource = readResource(asked.resource, made.mcpUrl)
  return resource.ok && resource.value.audience === code.res ? null : 'resource_unknown'
}

/**
 * One atomic step decides who is first. The epoch is read after it: if the store was emptied since the code was made,
 * what it forgot might be the first use.
 */
async function useCode(code: CodePayload, deps: TokenDeps): Promise<'first' | 'again' | 'forgotten'> {
  const key = storeKeys.usedCode(code.j)
  const isFirst = await deps.store.putOnce(key, '1', USED_CODE_TTL_MS)
  if (!isFirst && !deps.unanswered.take(key)) return 'again'
  try {
    return (await readEpoch(deps.store)) === code.ep ? 'first' : 'forgotten'
  } catch (error) {
    deps.unanswered.add(key)
    throw error
  }
}

async function endWhatItIssued(code: CodePayload, deps: TokenDeps): Promise<void> {
  const maxS = deps.records.connections.find(code.gid)?.maxS ?? nowSeconds(deps.clock) + GRANT_LIFE_S
  await deps.revocations.endGrant({ gid: code.gid, maxS, by: 'portal', reason: 'code_reused' })
}

async function openWaiting(sealed: string, code: CodePayload): Promise<WaitingReceipt> {
  const opened = await openWith(Buffer.from(code.k, 'base64url'), WAITING_RECEIPT_TYP, sealed)
  if (!opened.ok) throw new Error(`a waiting receipt does not open: ${opened.error}`)
  return waitingReceipt.parse(JSON.parse(Buffer.from(opened.value).toString('utf8')))
}

async function issueFirst(
  code: CodePayload,
  client: StoredClient,
  deps: TokenDeps & { readonly receipt: WaitingReceipt },
): Promise<Result<Issued, TokenRefusal>> {
  const { receipt, maxS } = deps.receipt
  const { scope } = splitOffline(code.scp)
  const access = await issueAccessToken({ gid: code.gid, cid: client.cid, receipt, maxS }, scope, deps)
  if (!access.ok) return access
  const refreshToken = staysConnected(client, code.scp) ? newRefreshToken() : null
  if (refreshToken !== null)
    await deps.records.record('refresh.issued', {
      gid: code.gid,
      cid: client.cid,
      hash: refreshHashes(refreshToken, deps.keys)[0],
      scp: code.scp,
      receipt: await sealReceiptFor(receipt, refreshToken),
      expS: Math.min(nowSeconds(deps.clock) + REFRESH_SLIDING_S, maxS),
      maxS,
    })
  const { token, rid, expiresInS } = access.value
  return ok({ accessToken: token, expiresInS, refreshToken, scope: code.scp, gid: code.gid, rid })
}

/** A little longer than a code can live. */
const USED_CODE_TTL_MS = 6 * 60_000
