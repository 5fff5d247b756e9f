import type { z } from 'zod'
import type { revocationAsk, RevocationTarget } from '../../crypto/internal-api.ts'
import type { Caller } from '../../crypto/internal-call.ts'
import type { OpenedToken } from '../../crypto/token-open.ts'
import { isoTime, type Clock } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { StoreUnavailable, type Store } from '../../kernel/store/contract.ts'
import type { RecordData } from '../records/entries.ts'
import type { Records } from '../records/records.ts'
import { refused, type CallRefusal } from './call-refusal.ts'
import type { Act, EventDetails } from './signed-route.ts'
import { storeClockAgrees } from './store-clock.ts'

type Ask = z.output<typeof revocationAsk.ask>
type Answer = z.input<typeof revocationAsk.answer>

export interface RevokeDeps {
  readonly records: Records
  readonly store: Store
  readonly clock: Clock
  /** Drops what was cached about tokens that ended. */
  readonly forget: (isEnded: (token: OpenedToken) => boolean) => void
}

/**
 * Ends what is named: on disk first, then in the store and on the disks of the other servers. `enforced` only when the
 * very next call will be refused at each of them, whatever the store forgets.
 */
export async function revoke(
  ask: Ask,
  caller: Caller,
  deps: RevokeDeps,
): Promise<Result<Act<Answer>, CallRefusal>> {
  if (caller === 'portal' && !OF_THE_PORTAL.has(ask.target.kind)) return err(refused('operator_only'))
  const times = checkTimes(ask.target, deps)
  if (!times.ok) return times
  const { target, markMs } = times.value
  const { reason, by } = ask
  const untilS = endOf(target, deps.records)
  const made = { target, markMs, untilS, reason, by }
  const { isProjected, servers } = await deps.records.record('revocation.made', made)
  deps.forget((token) => isTarget(token, made))
  const isEnforced = isProjected && servers.have === servers.of && (await clockAgrees(deps))
  const state = isEnforced ? 'enforced' : 'recorded'
  return ok({ answer: servers.of === 1 ? { state } : { state, servers }, event: detailsOf(target) })
}

/** What belongs to one person. The portal has no power over everybody (design §1): that takes the operator's key. */
const OF_THE_PORTAL: ReadonlySet<RevocationTarget['kind']> = new Set(['token', 'grant', 'user'])

type Made = Pick<RecordData<'revocation.made'>, 'target' | 'markMs'>

/**
 * Times are compared with receipts, which this server dated, so they are read by this server's clock. One that lies
 * ahead would end grants that are yet to be made; the present means everything up to now, which is what
 * {@link Ledger.nextMark} is for.
 */
function checkTimes(target: RevocationTarget, deps: RevokeDeps): Result<Made, CallRefusal> {
  const nowMs = deps.clock.nowMs()
  const markMs = deps.records.ledger.nextMark()
  const isAhead = (ms: number): boolean => ms > nowMs + TIME_SKEW_MS
  if (target.kind === 'before') {
    if (isAhead(target.beforeMs)) return err(refused('time_ahead'))
    return ok({ target, markMs: target.beforeMs < nowMs ? Math.max(target.beforeMs - 1, 1) : markMs })
  }
  if (target.kind !== 'window') return ok({ target, markMs })
  if (target.fromMs > target.toMs) return err(refused('window_empty'))
  if (isAhead(target.toMs)) return err(refused('time_ahead'))
  return ok({ target: { ...target, toMs: target.toMs < nowMs ? target.toMs : markMs }, markMs })
}

function endOf(target: RevocationTarget, { ledger }: Records): number | null {
  if (target.kind === 'token') return target.until
  return target.kind === 'grant' ? (ledger.findGrant(target.gid)?.maxS ?? null) : null
}

/** A revocation is never undone by a doubt about the clock; it only is not called enforced. */
async function clockAgrees({ store, clock }: RevokeDeps): Promise<boolean> {
  try {
    return await storeClockAgrees(store, clock)
  } catch (error) {
    if (error instanceof StoreUnavailable) return false
    throw error
  }
}

function isTarget(
  { claims, receipt, encryptionKid, signingKid }: OpenedToken,
  { target, markMs }: Made,
): boolean {
  switch (target.kind) {
    case 'token':
      return claims.jti === target.rid
    case 'grant':
      return receipt.gid === target.gid
    case 'user':
      return receipt.sub === target.sub
    case 'client':
      return receipt.cid === target.cid
    case 'env':
      return receipt.env === target.env
    case 'key':
      return [encryptionKid, signingKid].includes(target.kid)
    case 'before':
      return receipt.at <= markMs
    case 'window':
      return receipt.at >= target.fromMs && receipt.at <= target.toMs
  }
}

function detailsOf(target: RevocationTarget): EventDetails {
  switch (target.kind) {
    case 'token':
      return { tokenId: target.rid, resource: 'token' }
    case 'grant':
      return { grantId: target.gid, resource: 'grant' }
    case 'user':
      return { principal: target.sub, resource: 'user' }
    case 'client':
      return { clientId: target.cid, resource: 'client' }
    case 'env':
      return { environmentId: target.env, resource: 'environment' }
    case 'key':
      return { resource: `key:${target.kid}` }
    case 'before':
      return { resource: `before:${isoTime(target.beforeMs)}` }
    case 'window':
      return { resource: `window:${isoTime(target.fromMs)}/${isoTime(target.toMs)}` }
  }
}

/** How far the clock of whoever names a time may be ahead of ours. */
const TIME_SKEW_MS = 60_000
