import { openCode, type CodePayload } from '../../crypto/code.ts'
import { openWith } from '../../crypto/sealed.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import {
  waitingReceipt,
  WAITING_RECEIPT_TYP,
  waitingToken,
  WAITING_TOKEN_TYP,
} from '../authorize/waiting-receipt.ts'
import { OWN_CLIENT_ID } from '../clients/own-client.ts'
import { readResource } from '../authorize/resource.ts'
import { splitOffline, staysConnected } from '../authorize/scopes.ts'
import { storeKeys } from '../records/keys.ts'
import type { StoredClient } from '../records/projection.ts'
import type { HeldForCode } from '../records/records.ts'
import { type GrantInHand, makeAccessToken, recordAccessToken } from './issue-access-token.ts'
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
  // One atomic step decides who is first. What is held for the code is asked for behind it, so that whatever the store has
  // forgotten by then was forgotten before the use; the store takes both in this order.
  const use = storeKeys.usedCode(code.j)
  const used = deps.store.putOnce(use, '1', USED_CODE_TTL_MS)
  const held = deps.records.findHeld(code)
  held.catch(() => undefined) // awaited below; by then it may have failed
  const isFirst = (await used) || deps.unanswered.take(use)
  if (isFirst)
    return deps.unanswered.during(use, async () => issueFirst({ code, client, held: await held }, deps))
  if ((await held).isEnded) return err('code_of_ended_grant')
  await endWhatItIssued(code, deps)
  return err('code_used')
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

async function endWhatItIssued(code: CodePayload, deps: TokenDeps): Promise<void> {
  const maxS = deps.records.connections.find(code.gid)?.maxS ?? nowSeconds(deps.clock) + GRANT_LIFE_S
  await deps.revocations.endGrant({ gid: code.gid, maxS, by: 'portal', reason: 'code_reused' })
}

/** A code that is used for the first time. */
interface FirstUse {
  readonly code: CodePayload
  readonly client: StoredClient
  readonly held: HeldForCode
}

/** `null`: the store was emptied since the code was made, so it is not known whether this is the first use. */
async function openWaiting({ code, held }: FirstUse, typ: string): Promise<unknown> {
  if (held.waiting === null) return null
  if (held.epoch === null) throw new StoreUnavailable('the store has no epoch yet')
  if (held.epoch !== code.ep) return null
  const opened = await openWith(Buffer.from(code.k, 'base64url'), typ, held.waiting)
  if (!opened.ok) throw new Error(`what waited for a code does not open: ${opened.error}`)
  return JSON.parse(Buffer.from(opened.value).toString('utf8')) as unknown
}

async function issueFirst(first: FirstUse, deps: TokenDeps): Promise<Result<Issued, TokenRefusal>> {
  // Its owner may have ended it since the consent, and the MCP server may not know that yet.
  if (first.held.isEnded) return err('code_of_ended_grant')
  return first.client.cid === OWN_CLIENT_ID ? handOver(first, deps) : issueTokens(first, deps)
}

/** Our own command gets the automation token that its owner just made; nothing else is issued for it. */
async function handOver(first: FirstUse, deps: TokenDeps): Promise<Result<Issued, TokenRefusal>> {
  const waiting = await openWaiting(first, WAITING_TOKEN_TYP)
  if (waiting === null) return err('code_forgotten')
  const { token, rid, expS, scope } = waitingToken.parse(waiting)
  const { gid, j } = first.code
  const expiresInS = expS === null ? null : expS - nowSeconds(deps.clock)
  return ok({
    ...{ accessToken: token, expiresInS, refreshToken: null, scope, gid, rid },
    use: storeKeys.usedCode(j),
  })
}

async function issueTokens(first: FirstUse, deps: TokenDeps): Promise<Result<Issued, TokenRefusal>> {
  const waiting = await openWaiting(first, WAITING_RECEIPT_TYP)
  if (waiting === null) return err('code_forgotten')
  const { code, client } = first
  const grant = { gid: code.gid, cid: client.cid, ...waitingReceipt.parse(waiting) }
  const access = await makeAccessToken(grant, splitOffline(code.scp).scope, deps)
  if (!access.ok) return access
  // Together, so that one write of the journal takes both: either is worth nothing before the answer.
  const [refreshToken] = await Promise.all([
    staysConnected(client, code.scp) ? issueRefreshToken(grant, code.scp, deps) : null,
    recordAccessToken(access.value, grant, deps),
  ])
  const { token, rid, expiresInS } = access.value
  const use = storeKeys.usedCode(code.j)
  return ok({ accessToken: token, expiresInS, refreshToken, scope: code.scp, gid: code.gid, rid, use })
}

async function issueRefreshToken(grant: GrantInHand, scp: string, deps: TokenDeps): Promise<string> {
  const { gid, cid, receipt, maxS } = grant
  const token = newRefreshToken()
  await deps.records.record('refresh.issued', {
    gid,
    cid,
    hash: refreshHashes(token, deps.keys)[0],
    scp,
    receipt: await sealReceiptFor(receipt, token),
    expS: Math.min(nowSeconds(deps.clock) + REFRESH_SLIDING_S, maxS),
    maxS,
  })
  return token
}

/** A little longer than a code can live. */
const USED_CODE_TTL_MS = 6 * 60_000
