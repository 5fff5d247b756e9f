import type { Store } from '../../kernel/store/contract.ts'
import { storeKeys } from '../records/keys.ts'

/**
 * Uses a form up: of all who send it, one makes a token.
 *
 * @throws StoreUnavailable
 */
export const useFormOnce = async (id: string, store: Store): Promise<boolean> =>
  store.putOnce(storeKeys.usedForm(id), '1', USED_MS)

/** Longer than a session of Clerk lives, to which a form is bound. */
const USED_MS = 8 * 24 * 3_600_000
