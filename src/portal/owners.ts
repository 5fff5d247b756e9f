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
  /** Whether the owner of this grant was seen within the last hour; consent itself counts. */
  isKnownGood(gid: string): boolean
}

export interface OwnersDeps {
  readonly records: PortalRecords
  readonly accounts: Pick<Accounts, 'standing'>
  readonly revocations: Pick<Revocations, 'endGrant'>
  readonly clock: Clock
  readonly log: Log
}

export function createOwners(deps: OwnersDeps): Owners {
  const { connections } = deps.records
  return {
    check: async () => {
      const startedMs = deps.clock.nowMs()
      const subs = new Set(connections.live().map(({ sub }) => sub))
      for (const sub of subs) {
        const standing = await deps.accounts.standing(sub)
        if (standing !== 'good') await endAll(sub, standing, deps)
      }
      await deps.records.record('owners.checked', { owners: subs.size, startedMs })
    },
    isKnownGood: (gid) => {
      const lastMs = Math.max(connections.ownersCheckedMs() ?? 0, connections.find(gid)?.madeMs ?? 0)
      return deps.clock.nowMs() - lastMs <= GOOD_FOR_MS
    },
  }
}

async function endAll(sub: string, standing: string, deps: OwnersDeps): Promise<void> {
  deps.log.info({ sub, standing }, 'owner gone: ending every connection')
  for (const { gid, maxS, ...connection } of deps.records.connections.live())
    if (connection.sub === sub)
      await deps.revocations.endGrant({ gid, maxS, by: 'portal', reason: 'owner_gone' })
}
