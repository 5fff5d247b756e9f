import { type ProvenAssertion, verifyClientAssertion } from '../../crypto/client-assertion.ts'
import { sha256Base64url } from '../../crypto/digest.ts'
import type { ForeignKeys } from '../../crypto/foreign-keys.ts'
import { type Clock, nowSeconds } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { Client } from '../clients/client.ts'
import type { Clients } from '../clients/clients.ts'
import { storeKeys } from '../records/keys.ts'

export type AssertionRefusal = 'client_assertion_wrong' | 'client_assertion_used' | 'client_keys_unavailable'

export interface AssertionDeps {
  readonly clients: Pick<Clients, 'findKeys'>
  readonly config: { readonly portalUrl: string }
  readonly store: Store
  readonly clock: Clock
}

/**
 * Whether a client holds one of its keys (`private_key_jwt`): its assertion is verified, and counts once. Where the keys
 * by address do not fit, newer ones are looked for before it is refused.
 *
 * @throws StoreUnavailable
 */
export async function proveByAssertion(
  {
    client,
    assertion,
    address,
  }: { readonly client: Client; readonly assertion: string; readonly address: string },
  deps: AssertionDeps,
): Promise<Result<void, AssertionRefusal>> {
  const keys = await deps.clients.findKeys(client, address)
  if (keys === null) return err('client_keys_unavailable')
  const verify = async (by: ForeignKeys): ReturnType<typeof verifyClientAssertion> =>
    verifyClientAssertion(assertion, by, {
      clientId: client.cid,
      issuer: deps.config.portalUrl,
      clock: deps.clock,
    })
  const first = await verify(keys)
  if (first.ok) return useOnce(client, first.value, deps)
  const isOtherKey = first.error === 'kid_unknown' || first.error === 'signature_wrong'
  const newer = isOtherKey ? await deps.clients.findKeys(client, address, keys) : null
  const second = newer === null || newer === keys ? first : await verify(newer)
  return second.ok ? useOnce(client, second.value, deps) : err('client_assertion_wrong')
}

/** Remembered until it has ended for sure (RFC 7523 §3, point 7). */
async function useOnce(
  client: Client,
  { jti, exp }: ProvenAssertion,
  { store, clock }: AssertionDeps,
): Promise<Result<void, 'client_assertion_used'>> {
  const key = storeKeys.assertion(sha256Base64url(JSON.stringify([client.cid, jti])))
  const lifeMs = (exp - nowSeconds(clock) + 2 * SKEW_S) * 1000
  return (await store.putOnce(key, '1', lifeMs)) ? ok(undefined) : err('client_assertion_used')
}

/** As the verifier forgives, and once more for whole seconds. */
const SKEW_S = 30
