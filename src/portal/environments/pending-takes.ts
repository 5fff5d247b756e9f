import { z } from 'zod'
import type { Store } from '../../kernel/store/contract.ts'
import { storeKeys } from '../records/keys.ts'
import type { SessionOwner } from '../session/session-state.ts'

/** A visit to the vault whose outcome has not been fetched. Kept for 15 minutes, like the outcome itself. */
const pendingTake = z.strictObject({
  take: z.string().max(100),
  env: z.string().max(22).nullable(),
  /** Page to go on to afterwards. */
  next: z.string().max(100).nullable(),
})
export type PendingTake = z.output<typeof pendingTake>
const pendingTakes = z.array(pendingTake)

/** Several visits may be open in several tabs; the oldest beyond five is given up. */
const MAX_PENDING = 5
const PENDING_MS = 15 * 60_000

export async function readPendingTakes(owner: SessionOwner, store: Store): Promise<readonly PendingTake[]> {
  const text = await store.get(storeKeys.pendingTake(owner))
  return text === null ? [] : pendingTakes.parse(JSON.parse(text))
}

export async function keepPendingTakes(
  takes: readonly PendingTake[],
  owner: SessionOwner,
  store: Store,
): Promise<void> {
  const key = storeKeys.pendingTake(owner)
  if (takes.length === 0) await store.remove(key)
  else await store.put(key, JSON.stringify(takes.slice(-MAX_PENDING)), PENDING_MS)
}
