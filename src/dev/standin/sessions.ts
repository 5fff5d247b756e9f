import type { Instance } from './instance.ts'
import type { Session, User } from './state.ts'
import { sessionJson } from './user-json.ts'

/** Ends every live session of a user. Call it inside `state.change`. */
export function endSessions(user: User, status: Session['status'], instance: Instance): void {
  for (const session of instance.state.data.sessions)
    if (session.userId === user.id) endSession(session, status, instance)
}

export function endSession(session: Session, status: Session['status'], instance: Instance): void {
  if (session.status !== 'active' && session.status !== 'pending') return
  session.status = status
  session.updatedAtMs = instance.clock.nowMs()
  instance.webhooks.send(`session.${status}`, sessionJson(session))
}
