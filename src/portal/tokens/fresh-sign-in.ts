import { z } from 'zod'
import { randomId } from '../../kernel/random.ts'
import type { Store } from '../../kernel/store/contract.ts'
import { storeKeys } from '../records/keys.ts'
import type { SignedIn } from '../session/session-state.ts'

/** What was typed before its owner had to sign in again. */
const draft = z.strictObject({
  userId: z.string(),
  /** Where it goes on: a form that takes the values. */
  path: z.enum(['/tokens/new', '/tokens/rotate']),
  fields: z.array(z.tuple([z.string().max(100), z.string().max(2_000)])).max(50),
})
export type Draft = z.output<typeof draft>

/** Whether the person signed in within the last ten minutes; what Clerk does not say counts as long ago. */
export function isFreshSignIn({ claims }: SignedIn): boolean {
  const minutes = claims.fva?.[0] ?? -1
  return minutes >= 0 && minutes <= MAX_SIGN_IN_AGE_MIN
}

/**
 * Keeps what was typed, for the same person's next session.
 *
 * @returns the id to take it by
 * @throws StoreUnavailable
 */
export async function keepDraft(kept: Draft, store: Store): Promise<string> {
  const id = randomId()
  await store.put(storeKeys.tokenDraft(id), JSON.stringify(draft.parse(kept)), DRAFT_LIFE_MS)
  return id
}

/**
 * Reads a draft of this person. It stays, since a page may be loaded twice.
 *
 * @throws StoreUnavailable
 */
export async function findDraft(
  id: string | undefined,
  asked: { readonly userId: string; readonly path: Draft['path'] },
  store: Store,
): Promise<Draft['fields'] | null> {
  if (!isDraftId(id)) return null
  const text = await store.get(storeKeys.tokenDraft(id))
  if (text === null) return null
  const kept = draft.parse(JSON.parse(text))
  return kept.userId === asked.userId && kept.path === asked.path ? kept.fields : null
}

export const isDraftId = (id: string | undefined): id is string =>
  id !== undefined && /^[A-Za-z0-9_-]{22}$/.test(id)

const MAX_SIGN_IN_AGE_MIN = 10
const DRAFT_LIFE_MS = 30 * 60_000
