import type { OpenedToken } from '../../crypto/token-open.ts'
import { oncePer } from '../../kernel/once-per.ts'
import { randomId } from '../../kernel/random.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { Admitted, type MaximoAccess, maximoAccess } from './admitted.ts'
import type { Caller } from './caller.ts'
import type { Demand } from './demand.ts'
import { checkEntitlement } from './entitlement.ts'
import { holdLease } from './lease.ts'
import { policyOf, serviceLimits } from './limit-policies.ts'
import type { LimitPolicy } from './limits.ts'
import type { Plans } from './plans.ts'
import type { Refusal } from './refusal.ts'
import type {
  AdmissionStore,
  AdmissionVerdict,
  RequiredMark,
  Spending,
  Standing,
  StoreLimit,
} from './store.ts'

export interface AdmitDeps {
  readonly store: AdmissionStore
  /** What the store must hold, by what this process itself has journaled. */
  readonly requiredMarks: () => readonly RequiredMark[]
  readonly limits: LimitPolicy
  readonly plans: Plans
  /** Opens the journaled credential that serves instead of the receipt's. */
  readonly openNewer: (token: OpenedToken, newer: NewerCredential) => Promise<MaximoAccess>
}
type NewerCredential = NonNullable<Extract<AdmissionVerdict, { state: 'passed' }>['newer']>

/**
 * The last guard: scope and feature, then the one store call. Fails closed: a store that cannot answer, or that lost
 * something, is `503`, never a pass and never a bad token.
 *
 * @throws when a journaled credential cannot be opened: its wrapping key was removed under it
 */
export async function admit(
  caller: Caller,
  demand: Demand,
  token: OpenedToken,
  deps: AdmitDeps,
): Promise<Result<Admitted, Refusal>> {
  const entitled = checkEntitlement(caller.facts, demand)
  if (!entitled.ok) return entitled

  const lease = demand.kind === 'tool' ? { id: randomId() } : null
  const verdict = await askStore(caller, demand, { token, leaseId: lease?.id ?? '', deps })
  if (!verdict.ok) return verdict
  const held = holdLease(deps.store, caller.facts.grantId, lease)
  try {
    const { newer, spending, left } = verdict.value
    const maximo = newer === null ? receiptAccess(token) : await deps.openNewer(token, newer)
    const limits = serviceLimits(spending, left)
    return ok(Admitted.assertion({ caller, maximo, limits, release: held.release }))
  } catch (error) {
    await held.release()
    throw error
  }
}

interface StoreQuestion {
  readonly token: OpenedToken
  readonly leaseId: string
  readonly deps: AdmitDeps
}
type Passed = Extract<AdmissionVerdict, { state: 'passed' }> & { readonly spending: Spending }

async function askStore(
  caller: Caller,
  demand: Demand,
  { token, leaseId, deps }: StoreQuestion,
): Promise<Result<Passed, Refusal>> {
  const question = {
    marks: deps.requiredMarks(),
    standing: standingOf(token),
    spending: spendingOf(caller, demand, { leaseId, deps }),
  }
  try {
    const verdict = await deps.store.ask(question)
    return verdict.state === 'passed'
      ? ok({ ...verdict, spending: question.spending })
      : err(refusalOf(verdict, question.spending))
  } catch (error) {
    if (error instanceof StoreUnavailable) return err(unavailable('store_silent'))
    throw error
  }
}

/** One object for all calls of a token, as {@link receiptAccess}. */
export const standingOf = oncePer(
  ({ claims, receipt, encryptionKid, signingKid }: OpenedToken): Standing => ({
    tokenId: claims.jti,
    grantId: receipt.gid,
    subject: receipt.sub,
    environment: receipt.env,
    clientId: receipt.cid,
    encryptionKid,
    signingKid,
    kind: claims.knd,
    attestedMs: receipt.at,
    credentialVersion: receipt.ver,
  }),
)

/** A message spends one unit of the profile's rate; a tool call its own rate, a lease and quota besides. */
function spendingOf(
  { facts }: Caller,
  demand: Demand,
  { leaseId, deps }: Omit<StoreQuestion, 'token'>,
): Spending {
  const profile = { name: facts.profile, limit: deps.limits.profile[facts.profile] }
  if (demand.kind === 'message') return { profile }
  const quota = deps.plans.quotaOf(facts.plan)
  const isCounted = demand.costUnits > 0 && (quota.perDay !== null || quota.perMonth !== null)
  return {
    profile,
    tool: { name: demand.tool, limit: deps.limits.tool[demand.effect] },
    lease: { id: leaseId, atMost: deps.limits.concurrent[facts.profile] },
    ...(isCounted && { quota: { ...quota, units: demand.costUnits } }),
  }
}

function refusalOf(verdict: Exclude<AdmissionVerdict, { state: 'passed' }>, spending: Spending): Refusal {
  switch (verdict.state) {
    case 'unprimed':
      return unavailable('store_unprimed')
    case 'revoked':
      return { reason: 'token_invalid', fault: { kind: 'revoked', by: verdict.by } }
    case 'unlisted':
      return { reason: 'token_invalid', fault: { kind: 'unlisted' } }
    case 'limited': {
      const retryAfterS = Math.max(1, Math.ceil(verdict.retryAfterMs / 1000))
      const { limit } = verdict
      const policy = policyOf(limit, spending)
      return { reason: 'limited', limit, retryAfterS, policy, whose: whoseLimit(limit, spending) }
    }
  }
}

function whoseLimit(limit: StoreLimit, { profile, tool }: Spending): string | null {
  if (limit === 'profile_rate') return profile?.name ?? null
  return limit === 'tool_rate' ? (tool?.name ?? null) : null
}

/** One to five seconds, so that clients do not come back all at once. */
const unavailable = (why: 'store_silent' | 'store_unprimed'): Refusal => ({
  reason: 'unavailable',
  why,
  retryAfterS: 1 + Math.floor(Math.random() * 5),
})

/** One object for all calls of a token, so that what is worked out of it can be kept beside it. */
const receiptAccess = oncePer(({ receipt }: OpenedToken): MaximoAccess =>
  maximoAccess({ sub: receipt.sub, env: receipt.env }, receipt),
)
