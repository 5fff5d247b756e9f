import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { LEASE_MS, type AdmissionStore } from './store.ts'

export interface HeldLease {
  /** Safe to call twice. Never rejects. */
  readonly release: () => Promise<void>
}

/** Keeps a running call's place among its grant's calls, and gives it back. `null`: the call takes none. */
export function holdLease(
  store: AdmissionStore,
  grantId: string,
  lease: { readonly id: string } | null,
): HeldLease {
  if (lease === null) return { release: () => Promise.resolve() }
  const renewal = setInterval(() => void quietly(() => store.renewLease(grantId, lease.id)), RENEW_EVERY_MS)
  renewal.unref()
  let isHeld = true
  return {
    release: async () => {
      if (!isHeld) return
      isHeld = false
      clearInterval(renewal)
      await quietly(() => store.releaseLease(grantId, lease.id))
    },
  }
}

/** A lease that the store does not hear of any more ends by itself: the limit is then stricter for a while, not weaker. */
async function quietly(call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
  }
}

const RENEW_EVERY_MS = LEASE_MS / 3
