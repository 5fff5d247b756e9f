/** Handles for tests and demonstrations. None of them can be reached over HTTP. Accounts are named by e-mail address. */
export interface StandinHooks {
  /** `features` absent: those of the plan. Shows in the next session token. */
  setPlan(email: string, plan: string, features?: readonly string[]): Promise<void>
  ban(email: string): Promise<void>
  unban(email: string): Promise<void>
  lock(email: string): Promise<void>
  remove(email: string): Promise<void>
  /** Sessions started from now on have open tasks: their tokens say `sts: pending`. */
  setPending(email: string, pending: boolean): void
  /** Ends every session of the account, as an administrator does in Clerk's dashboard. */
  revokeSessions(email: string): Promise<void>
  /** `hang`: accept and never answer. `fail`: 500. `null`: work. */
  setTrouble(trouble: 'hang' | 'fail' | null): void
  /** Handshakes hand out no `__refresh` cookie, and refreshing is refused. */
  denyRefresh(deny: boolean): void
  /** Method and path of every request since the last call. */
  takeRequests(): string[]
}
