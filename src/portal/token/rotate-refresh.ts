import { nowSeconds } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { readResource } from '../authorize/resource.ts'
import { type AskedScopes, joinOffline, narrowScope, splitOffline } from '../authorize/scopes.ts'
import { storeKeys } from '../records/keys.ts'
import type { StoredClient, StoredRefresh, StoredRotation } from '../records/projection.ts'
import { issueAccessToken } from './issue-access-token.ts'
import type { TokenRefusal } from './refusal.ts'
import {
  isRefreshToken,
  newRefreshToken,
  openReceiptWith,
  openSuccessorWith,
  refreshHashes,
  sealReceiptFor,
  sealSuccessorFor,
} from './refresh-token.ts'
import { type Issued, REFRESH_SLIDING_S, SAME_SUCCESSOR_MS, type TokenDeps } from './token-deps.ts'

export interface RefreshAsked {
  readonly refreshToken: string
  readonly scope: string | undefined
  readonly resource: string | undefined
}

export interface RefreshDeps extends TokenDeps {
  /** Rotations under way, by hash: parallel requests with one token share one successor. */
  readonly rotating: Map<string, Promise<string>>
}

/** A refresh token as presented, and what is known of it. */
interface Shown {
  readonly token: string
  readonly hash: string
  readonly held: StoredRefresh
  readonly rotation: StoredRotation | null
}

/**
 * Refreshes (RFC 6749 §6) with rotation: for 60 seconds the same token leads to the same successor, so that parallel
 * sessions and lost answers do no harm; after that a second use means that two parties hold it, and ends the grant.
 * Whether the grant still stands is asked of the MCP server every time.
 *
 * @throws StoreUnavailable, DiskUnavailable
 */
export async function rotateRefresh(
  asked: RefreshAsked,
  client: StoredClient,
  deps: RefreshDeps,
): Promise<Result<Issued, TokenRefusal>> {
  const shown = await findShown(asked.refreshToken, deps)
  if (shown === null) return err('refresh_unknown')
  const { held } = shown
  if (held.cid !== client.cid) return err('refresh_other_client')
  if (held.expS <= nowSeconds(deps.clock)) return err('refresh_expired')
  if (!readResource(asked.resource, deps.config.mcpUrl).ok) return err('resource_unknown')
  const granted = splitOffline(held.scp)
  const scope = narrowScope(asked.scope, granted.scope)
  if (scope === null) return err('scope_too_wide')

  const standing = await judge(shown, deps)
  if (standing !== 'good') return err(standing)
  // Counted for what is proven and stands, and before it is used up: nobody else can spend it, and waiting is enough.
  const { count } = await deps.store.count(storeKeys.refreshes(held.gid), REFRESH_WINDOW_MS)
  if (count > MAX_REFRESHES) return err('refresh_too_often')

  return deps.unanswered.during(shown.hash, async () =>
    issueNext(shown, { scope, offline: granted.offline }, deps),
  )
}

async function issueNext(
  shown: Shown,
  granted: AskedScopes,
  deps: RefreshDeps,
): Promise<Result<Issued, TokenRefusal>> {
  const { held, hash } = shown
  const refreshToken = await findSuccessor(shown, deps)
  const receipt = await openReceiptWith(held.receipt, shown.token)
  const access = await issueAccessToken({ ...held, receipt }, granted.scope, deps)
  if (!access.ok) return access
  const { token, rid, expiresInS } = access.value
  const scope = joinOffline(granted)
  return ok({ accessToken: token, expiresInS, refreshToken, scope, gid: held.gid, rid, use: hash })
}

async function findShown(token: string, deps: RefreshDeps): Promise<Shown | null> {
  if (!isRefreshToken(token)) return null
  for (const hash of refreshHashes(token, deps.keys)) {
    const found = await deps.records.findRefresh(hash)
    if (found !== null) return { token, hash, ...found }
  }
  return null
}

/** Ended here? Used before? Ended at the MCP server? In this order, because reuse must count even while that is silent. */
async function judge(shown: Shown, deps: RefreshDeps): Promise<'good' | TokenRefusal> {
  const { gid, maxS } = shown.held
  if (await deps.records.isEnded(gid)) return 'grant_ended'
  const reuse = await judgeReuse(shown, deps)
  if (reuse === 'refresh_reused')
    await deps.revocations.endGrant({ gid, maxS, by: 'portal', reason: 'refresh_reused' })
  if (reuse !== 'good') return reuse

  if (!deps.owners.isKnownGood(gid)) return 'cannot_decide'
  const status = await deps.mcp.findGrantStatus({ gid })
  if (!status.ok) return 'cannot_decide'
  if (status.value.state === 'ended')
    await deps.records.record('connection.ended', { gid, maxS, by: 'mcp', reason: 'ended_elsewhere' })
  return GRANT_STATES[status.value.state]
}

const GRANT_STATES = { live: 'good', ended: 'grant_ended', unknown: 'grant_unknown' } as const

async function judgeReuse(
  { hash, rotation }: Shown,
  deps: RefreshDeps,
): Promise<'good' | 'refresh_reused' | 'refresh_superseded'> {
  if (rotation === null || deps.unanswered.has(hash)) return 'good'
  if (deps.clock.nowMs() - rotation.atMs > SAME_SUCCESSOR_MS) return 'refresh_reused'
  // A grandparent inside the window: its successor is in use already, so a third token would be a sibling. A late
  // duplicate of an honest client looks the same, hence no revocation.
  return (await deps.records.findRotation(rotation.to)) === null ? 'good' : 'refresh_superseded'
}

async function findSuccessor(shown: Shown, deps: RefreshDeps): Promise<string> {
  if (shown.rotation !== null) return openSuccessorWith(shown.rotation.successor, shown.token)
  const running = deps.rotating.get(shown.hash)
  if (running !== undefined) return running
  const rotation = rotateOnce(shown, deps).finally(() => deps.rotating.delete(shown.hash))
  deps.rotating.set(shown.hash, rotation)
  return rotation
}

/**
 * Journals a rotation, then answers what the store holds: where another portal rotated the same token at the same time,
 * the first to reach the store wins, and the loser's successor was never shown to anybody.
 */
async function rotateOnce(shown: Shown, deps: RefreshDeps): Promise<string> {
  // Another request may have rotated it since this one looked.
  const before = await deps.records.findRotation(shown.hash)
  if (before !== null) return openSuccessorWith(before.successor, shown.token)
  const { gid, cid, scp, maxS, receipt } = shown.held
  const next = newRefreshToken()
  const isProjected = await deps.records.record('refresh.rotated', {
    gid,
    cid,
    from: shown.hash,
    to: refreshHashes(next, deps.keys)[0],
    successor: await sealSuccessorFor(next, shown.token),
    scp,
    receipt: await sealReceiptFor(await openReceiptWith(receipt, shown.token), next),
    expS: Math.min(nowSeconds(deps.clock) + REFRESH_SLIDING_S, maxS),
    maxS,
  })
  const rotation = isProjected ? await deps.records.findRotation(shown.hash) : null
  if (rotation === null)
    throw new StoreUnavailable('the rotation is journaled, but the store does not have it yet')
  return openSuccessorWith(rotation.successor, shown.token)
}

/** Far more than parallel sessions of one client need for an hour of access; a loop writes no journal full. */
const MAX_REFRESHES = 60
const REFRESH_WINDOW_MS = 60_000
/** As clients are told of it, with the seconds after which it lets through again in any case. */
export const REFRESHES = {
  policy: { name: 'refreshes', quota: MAX_REFRESHES, windowS: REFRESH_WINDOW_MS / 1000 },
  retryAfterS: REFRESH_WINDOW_MS / 1000,
}
