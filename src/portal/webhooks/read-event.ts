import { z } from 'zod'

/** What an event of Clerk asks us to do. It says that something happened, not what is true now: events come in any order. */
export type Wanted =
  /** The user does not exist any more; that is never undone. */
  | { readonly act: 'end'; readonly sub: string }
  /** The user may be gone: look. `isGone`: the event itself says so. */
  | { readonly act: 'look'; readonly sub: string; readonly isGone: boolean }
  /** The subscription changed: read it. */
  | { readonly act: 'cap'; readonly sub: string }
  | { readonly act: 'nothing' }

/**
 * Reads an event. A ban and a lock have no events of their own; an ordinary sign-out ends no grant (design §4.5), but a
 * session that an administrator ended may be one of a ban.
 */
export function readEvent({ type, data }: { readonly type: string; readonly data: unknown }): Wanted {
  if (type === 'user.deleted') return of(user, data, ({ id }) => ({ act: 'end', sub: id }))
  if (type === 'user.updated')
    return of(user, data, ({ id, ...flags }) =>
      GONE_FLAGS.some((flag) => flags[flag] === true) ? { act: 'look', sub: id, isGone: true } : NOTHING,
    )
  if (type === 'session.revoked')
    return of(session, data, ({ user_id: sub }) => ({ act: 'look', sub, isGone: false }))
  if (SUBSCRIPTION.test(type)) return of(subscription, data, ({ payer }) => capOf(payer.user_id))
  return NOTHING
}

const NOTHING: Wanted = { act: 'nothing' }

/** Of an event whose content is not as documented nothing is known; the job that looks every owner up remains. */
function of<T>(schema: z.ZodType<T>, data: unknown, wanted: (read: T) => Wanted): Wanted {
  const read = schema.safeParse(data)
  return read.success ? wanted(read.data) : NOTHING
}

/** Organisations subscribe, too; their plans are not ours. */
const capOf = (sub: string | null | undefined): Wanted =>
  sub === null || sub === undefined ? NOTHING : { act: 'cap', sub }

/** Ids go into addresses of Clerk's API. */
const id = z.string().regex(/^[A-Za-z0-9_]{1,100}$/)
const flag = z.boolean().nullish()
const user = z.object({ id, banned: flag, locked: flag, deprovisioned: flag })
const GONE_FLAGS = ['banned', 'locked', 'deprovisioned'] as const
const session = z.object({ user_id: id })
const subscription = z.object({ payer: z.object({ user_id: id.nullish() }) })
const SUBSCRIPTION = /^subscription(Item)?\./
