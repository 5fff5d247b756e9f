import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Accounts } from './clerk/environments.ts'
import type { PortalRecords } from './records/records.ts'
import type { Revocations } from './revoke/revocations.ts'

/** How long a refresh may rest on the last look at Clerk (design §4.5). */
const GOOD_FOR_MS = 3_600_000

/** Whether owners of live connections still exist: deletion, ban and lock end everything they granted. */
export interface Owners {
  /**
   * Looks every owner up. The look counts only when it was complete.
   *
   * @throws ClerkUnavailable, DiskUnavailable
   */
  check(): Promise<void>
  /**
   * Looks one owner up, and ends everything of one who is gone.
   *
   * @throws ClerkUnavailable, DiskUnavailable
   */
  checkOne(sub: string): Promise<Standing>
  /** Ends everything of an owner who is known to be gone. @throws DiskUnavailable */
  endAll(sub: string, standing: Standing): Promise<void>
  /** Whether the owner of this grant was seen within the last hour; consent itself counts. */
  isKnownGood(gid: string): boolean
}

export interface OwnersDeps {
  readonly records: PortalRecords
  readonly accounts: Pick<Accounts, 'standing'>
  readonly revocations: Pick<Revocations, 'endUser'>
  readonly clock: Clock
  readonly log: Log
}

type Standing = Awaited<ReturnType<Accounts['standing']>>

export function createOwners(deps: OwnersDeps): Owners {
  const { connections } = deps.records
  const owners: Owners = {
    check: async () => {
      const startedMs = deps.clock.nowMs()
      const subs = new Set(connections.live().map(({ sub }) => sub))
      for (const sub of subs) await owners.checkOne(sub)
      await deps.records.record('owners.checked', { owners: subs.size, startedMs })
    },
    checkOne: async (sub) => {
      const standing = await deps.accounts.standing(sub)
      if (standing !== 'good') await owners.endAll(sub, standing)
      return standing
    },
    endAll: async (sub, standing) => {
      deps.log.info({ sub, standing }, 'owner gone: ending every connection')
      await deps.revocations.endUser({ sub, by: 'portal', reason: 'owner_gone' })
    },
    isKnownGood: (gid) => {
      const lastMs = Math.max(connections.ownersCheckedMs() ?? 0, connections.find(gid)?.madeMs ?? 0)
      return deps.clock.nowMs() - lastMs <= GOOD_FOR_MS
    },
  }
  return owners
}
