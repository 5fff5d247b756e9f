import { changePlan } from './backend-billing.ts'
import { banUser, removeUser, setStanding } from './backend-users.ts'
import type { Instance } from './instance.ts'
import { endSessions } from './sessions.ts'
import type { User } from './state.ts'

/** Handles for tests and demonstrations. None of them can be reached over HTTP. Accounts are named by e-mail address. */
export interface StandinHooks {
  /** `features` absent: those of the plan. Shows in the next session token. */
  setPlan(email: string, plan: string, features?: readonly string[]): Promise<void>
  ban(email: string): Promise<void>
  unban(email: string): Promise<void>
  lock(email: string): Promise<void>
  unlock(email: string): Promise<void>
  remove(email: string): Promise<void>
  /** Sessions started from now on have open tasks: their tokens say `sts: pending`. */
  setPending(email: string, pending: boolean): void
  /** Sessions started from now on were proven this many minutes ago: their `fva` says so. */
  setFactorAge(email: string, minutes: number): void
  /** Ends every session of the account, as an administrator does in Clerk's dashboard. */
  revokeSessions(email: string): Promise<void>
  /** `hang`: accept and never answer. `fail`: 500. `null`: work. */
  setTrouble(trouble: 'hang' | 'fail' | null): void
  /** Handshakes hand out no `__refresh` cookie, and refreshing is refused. */
  denyRefresh(deny: boolean): void
  /** Every event so far was taken by the portal, or given up. */
  webhooksSettled(): Promise<void>
  /** Method and path of every request since the last call. */
  takeRequests(): string[]
}

export function createHooks(instance: Instance): StandinHooks {
  const { settings, state } = instance
  const onUser = (email: string, work: (user: User) => void): Promise<void> =>
    state.change(() => work(userOf(email, instance)))
  return {
    setPlan: (email, plan, features) =>
      onUser(email, (user) => changePlan(user, { plan, features }, instance)),
    ban: (email) => onUser(email, (user) => banUser(user, instance)),
    unban: (email) => onUser(email, (user) => setStanding(user, { banned: false }, instance)),
    lock: (email) => onUser(email, (user) => setStanding(user, { locked: true }, instance)),
    unlock: (email) => onUser(email, (user) => setStanding(user, { locked: false }, instance)),
    remove: (email) => onUser(email, (user) => removeUser(user, instance)),
    setPending: (email, pending) => {
      if (pending) settings.pendingEmails.add(email)
      else settings.pendingEmails.delete(email)
    },
    setFactorAge: (email, minutes) => {
      settings.factorAgeMin.set(email, minutes)
    },
    revokeSessions: (email) => onUser(email, (user) => endSessions(user, 'revoked', instance)),
    setTrouble: (trouble) => {
      settings.trouble = trouble
    },
    denyRefresh: (deny) => {
      settings.refreshDenied = deny
    },
    webhooksSettled: () => instance.webhooks.settled(),
    takeRequests: () => {
      const { requests } = settings
      settings.requests = []
      return requests
    },
  }
}

function userOf(email: string, instance: Instance): User {
  const user = instance.state.data.users.find((one) => one.email === email)
  if (user === undefined) throw new Error(`The stand-in has no account ${email}`)
  return user
}
