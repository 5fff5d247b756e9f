import type { z } from 'zod'
import type { revocationAsk, RevocationTarget } from '../../crypto/internal-api.ts'
import type { OpenedToken } from '../../crypto/token-open.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ok, type Result } from '../../kernel/result.ts'
import { StoreUnavailable, type Store } from '../../kernel/store/contract.ts'
import type { Records } from '../records/records.ts'
import type { CallRefusal } from './call-refusal.ts'
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

/** Ends what is named: on disk first, then in the store. `enforced` only when the very next call will be refused. */
export async function revoke(ask: Ask, deps: RevokeDeps): Promise<Result<Act<Answer>, CallRefusal>> {
  const { target, reason, by } = ask
  const { isProjected } = await deps.records.record('revocation.made', {
    target,
    markMs: deps.records.ledger.nextMark(),
    untilS: endOf(target, deps.records),
    reason,
    by,
  })
  deps.forget((token) => isTarget(token, target))
  const isEnforced = isProjected && (await clockAgrees(deps))
  return ok({ answer: { state: isEnforced ? 'enforced' : 'recorded' }, event: detailsOf(target) })
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
  target: RevocationTarget,
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
  }
}
