import { randomId } from '../../../kernel/random.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { MaximoUser } from './users.ts'

/** A web session. One made for an API-key call knows no user: replaying its cookie is the trap of maximo-api §1.2. */
export interface Session {
  readonly id: string
  readonly user: MaximoUser | null
  /** What its writes must show in the header `csrftoken`; null: it never asked for one. */
  csrfToken: string | null
}

export interface Sessions {
  open(user: MaximoUser | null): Session
  /** Null when unknown or idle for too long; otherwise its idle time starts anew. */
  find(id: string): Session | null
  end(id: string): void
}

export function createSessions(clock: Clock, idleMs: number): Sessions {
  const live = new Map<string, { session: Session; usedAtMs: number }>()
  return {
    open: (user) => {
      const session = { id: `0000${randomId()}`, user, csrfToken: null }
      live.set(session.id, { session, usedAtMs: clock.nowMs() })
      forgetOldest(live)
      return session
    },
    find: (id) => {
      const entry = live.get(id)
      if (entry === undefined) return null
      if (clock.nowMs() - entry.usedAtMs > idleMs) {
        live.delete(id)
        return null
      }
      entry.usedAtMs = clock.nowMs()
      return entry.session
    },
    end: (id) => void live.delete(id),
  }
}

const MAX_SESSIONS = 5000

/** Every API-key call may open a session; a long run must not keep them all. */
function forgetOldest(live: Map<string, unknown>): void {
  const [oldest] = live.keys()
  if (live.size > MAX_SESSIONS && oldest !== undefined) live.delete(oldest)
}
