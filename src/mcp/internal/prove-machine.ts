import type { z } from 'zod'
import { verifyClientAssertion } from '../../crypto/client-assertion.ts'
import { safeEqual, sha256Base64url } from '../../crypto/digest.ts'
import { readForeignKeys } from '../../crypto/foreign-keys.ts'
import type { grantDerive } from '../../crypto/internal-api.ts'
import type { MachineProof } from '../../crypto/machine-proof.ts'
import type { Clock } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { WorkloadIssuers } from '../workload/issuers.ts'
import { refused, unavailable, type CallRefusal } from './call-refusal.ts'

type Shown = z.output<typeof grantDerive.ask>['proof']
type OfKind<P, K> = Extract<P, { readonly kind: K }>

export interface ProveMachineDeps {
  readonly store: Store
  readonly clock: Clock
  readonly workloads: WorkloadIssuers
  /** `PUBLIC_PORTAL_URL`, the OAuth issuer: what a client's assertion is made for. */
  readonly portalUrl: string
}

/**
 * Whether whoever asks holds what the root receipt fixed, by this server's own check: the portal's word does not count. An
 * assertion counts once.
 *
 * @throws StoreUnavailable
 */
export async function proveMachine(
  root: { readonly cid: string; readonly proof: MachineProof },
  shown: Shown,
  deps: ProveMachineDeps,
): Promise<Result<void, CallRefusal>> {
  const { proof } = root
  if (proof.kind === 'keys' && shown.kind === 'keys')
    return proveKey({ clientId: root.cid, thumbprints: proof.thumbprints }, shown, deps)
  if (proof.kind === 'workload' && shown.kind === 'workload') return proveWorkload(proof, shown, deps)
  if (proof.kind === 'secret' && shown.kind === 'secret')
    return safeEqual(sha256Base64url(shown.secret), proof.sha256)
      ? ok(undefined)
      : err(refused('proof_secret_wrong'))
  return err(refused('proof_kind_wrong'))
}

async function proveKey(
  fixed: { readonly clientId: string; readonly thumbprints: readonly string[] },
  { assertion, jwk }: OfKind<Shown, 'keys'>,
  deps: ProveMachineDeps,
): Promise<Result<void, CallRefusal>> {
  const keys = await readForeignKeys({ keys: [jwk] })
  if (!keys.ok) return err(refused('proof_key_malformed'))
  // The portal may hand us any key; only one that the owner registered with us counts.
  if (!keys.value.all.every(({ thumbprint }) => fixed.thumbprints.includes(thumbprint)))
    return err(refused('proof_key_unknown'))
  const { clientId } = fixed
  const { portalUrl: issuer, clock } = deps
  const proven = await verifyClientAssertion(assertion, keys.value, { clientId, issuer, clock })
  return proven.ok ? useOnce(clientId, proven.value, deps) : err(refused(`proof_${proven.error}`))
}

async function proveWorkload(
  { issuer, audience, rules }: OfKind<MachineProof, 'workload'>,
  { assertion }: OfKind<Shown, 'workload'>,
  deps: ProveMachineDeps,
): Promise<Result<void, CallRefusal>> {
  const proven = await deps.workloads.verify(assertion, { issuer, audience, rules })
  if (proven.ok) return useOnce(issuer, proven.value, deps)
  return err(proven.error === 'unavailable' ? unavailable('issuer_keys') : refused(`proof_${proven.error}`))
}

/** RFC 7523 §3: until its expiry an assertion is remembered. Of many at once exactly one counts. */
async function useOnce(
  issuer: string,
  { jti, exp }: { readonly jti: string; readonly exp: number },
  { store, clock }: ProveMachineDeps,
): Promise<Result<void, CallRefusal>> {
  const key = `assertion:${sha256Base64url(JSON.stringify([issuer, jti]))}`
  const isFirst = await store.putOnce(key, '1', exp * 1000 - clock.nowMs() + MEMORY_AFTER_MS)
  return isFirst ? ok(undefined) : err(refused('proof_used'))
}

/** More than any skew that the checks of `exp` tolerate. */
const MEMORY_AFTER_MS = 120_000
