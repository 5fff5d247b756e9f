import { type Store, StoreUnavailable } from '../kernel/store/contract.ts'
import type { VerifiedCall } from './internal-call.ts'

/**
 * Uses a verified call up. `false`: this very call came before.
 *
 * @param isRepeatable doing it twice is doing it once: a silent store, which remembers what was used, does not hold it up
 * @throws StoreUnavailable unless it is repeatable
 */
export async function useCall(
  { issuer, jti }: Pick<VerifiedCall, 'issuer' | 'jti'>,
  { isRepeatable, store }: { readonly isRepeatable: boolean; readonly store: Pick<Store, 'putOnce'> },
): Promise<boolean> {
  try {
    return await store.putOnce(`call:${issuer}:${jti}`, '1', MEMORY_MS)
  } catch (error) {
    if (isRepeatable && error instanceof StoreUnavailable) return true
    throw error
  }
}

/** A call is valid for 60 s; twice that covers any skew that the signature check tolerates. */
const MEMORY_MS = 120_000
