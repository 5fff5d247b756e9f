import { z } from 'zod'
import { randomId } from '../../kernel/random.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { SessionOwner } from './session-state.ts'

const form = z.object({
  userId: z.string(),
  sessionId: z.string(),
  /** Path and query of the POST. */
  action: z.string().startsWith('/').max(2000),
  fields: z.array(z.tuple([z.string().max(100), z.string().max(8192)])).max(50),
})
export type KeptForm = z.output<typeof form>

/** Names and values of a form body as @fastify/formbody leaves it; `null` for anything else. */
export function formFields(body: unknown): [string, string][] | null {
  const read = formBody.safeParse(body)
  if (!read.success) return null
  return Object.entries(read.data).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  )
}

/**
 * Keeps a form while its owner's session goes through a handshake. It can be taken once, within ten minutes, by the
 * same user in the same session.
 *
 * @returns the id to take it by; `null` for a form too large to keep
 * @throws StoreUnavailable
 */
export async function keepForm(kept: KeptForm, store: Store): Promise<string | null> {
  const valid = form.safeParse(kept)
  const text = JSON.stringify(kept)
  if (!valid.success || text.length > MAX_FORM_CHARS) return null
  const id = randomId()
  await store.put(`form:${id}`, text, FORM_LIFE_MS)
  return id
}

/** @throws StoreUnavailable */
export async function takeForm(id: string, owner: SessionOwner, store: Store): Promise<KeptForm | null> {
  if (!FORM_ID.test(id)) return null
  const text = await store.take(`form:${id}`)
  if (text === null) return null
  const kept = form.parse(JSON.parse(text))
  return kept.userId === owner.userId && kept.sessionId === owner.sessionId ? kept : null
}

const formBody = z.record(z.string(), z.union([z.string(), z.array(z.string())]))

const FORM_ID = /^[A-Za-z0-9_-]{22}$/
const FORM_LIFE_MS = 600_000
const MAX_FORM_CHARS = 16_384
