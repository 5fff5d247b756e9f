import type { Clock } from '../../kernel/clock.ts'
import type { Store } from '../../kernel/store/contract.ts'

/**
 * Whether our clock is near the store's. Watermarks of several servers are compared with each other; one whose clock is
 * off would attest grants that are born ended, or that outlive a revocation (design §5).
 *
 * @throws StoreUnavailable
 */
export const storeClockAgrees = async (store: Store, clock: Clock): Promise<boolean> =>
  Math.abs((await store.nowMs()) - clock.nowMs()) <= MAX_SKEW_MS

const MAX_SKEW_MS = 2_000
