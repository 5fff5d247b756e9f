import { recentEvents, type RecentEvent, type RecentEvents } from '../../../audit/recent-events.ts'
import type { KeptDetection } from '../../../crypto/detection.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { StoreUnavailable } from '../../../kernel/store/contract.ts'
import { type Caller, isUnattended, type CallerFacts } from '../../admission/caller.ts'
import type { LimitPolicy } from '../../admission/limits.ts'
import type { Plans } from '../../admission/plans.ts'
import { type QuotaUse, quotaUseOf } from '../../admission/quota-use.ts'
import type { AdmissionStore } from '../../admission/store.ts'
import type { GrantUse, Grant } from '../../records/ledger.ts'
import type { GrantUses } from '../../records/grant-uses.ts'
import type { Records } from '../../records/records.ts'

export interface Connection {
  readonly grant: Grant
  /** What the owner called the environment; null: he has removed it. */
  readonly environment: string | null
  readonly isEnded: boolean
  /** Of automation grants; null: never, or not known at the moment. */
  readonly lastUse: GrantUse | null
}

export interface Usage {
  readonly day: QuotaUse
  readonly month: QuotaUse
  readonly limits: Pick<LimitPolicy, 'tool'> & {
    readonly profile: LimitPolicy['profile'][CallerFacts['profile']]
    readonly concurrent: number
  }
}

/** `enforced`: its very next call is refused. `recorded`: it is on disk, and the store follows. `unknown`: none of theirs. */
export type Ended = 'enforced' | 'recorded' | 'ended_before' | 'unknown'

/** Who ends a connection, and by which request. */
export type Ending = Pick<Caller, 'facts' | 'request'>

/** What this server knows about a caller's own connections, spending and calls. A token without a person sees itself. */
export interface OwnRecords {
  connections(caller: CallerFacts): Promise<readonly Connection[]>
  /** Ends one of them, as the portal does for its owner. @throws when it could not be written down */
  end(caller: Ending, gid: string): Promise<Ended>
  /** @throws StoreUnavailable */
  usage(caller: CallerFacts): Promise<Usage>
  detections(caller: CallerFacts): OwnDetections
  events(
    caller: CallerFacts,
    wanted: { readonly matches: (event: RecentEvent) => boolean; readonly atMost: number },
  ): Promise<RecentEvents>
}

/** What was noticed about the caller's connections. */
export interface OwnDetection {
  readonly detection: KeptDetection
  /** What the client of the connection calls itself; null: it is about no one connection. */
  readonly clientName: string | null
}

export interface OwnDetections {
  /** The newest first. */
  readonly detections: readonly OwnDetection[]
  /** All of the last 30 days are among them. */
  readonly isWhole: boolean
}

export interface OwnRecordsDeps {
  readonly records: Pick<Records, 'ledger'>
  readonly uses: Pick<GrantUses, 'find'>
  readonly store: AdmissionStore
  readonly plans: Plans
  readonly limits: LimitPolicy
  readonly clock: Clock
  /** The audit log of this process. */
  readonly auditLog: { readonly folder: string; readonly instance: string }
  /** Under which name a person stands in it. */
  readonly nameInLog: (subject: string) => Promise<string>
  /** Ends a grant, whoever's it is. */
  readonly endGrant: (gid: string, caller: Ending) => Promise<'enforced' | 'recorded'>
}

export function ownRecords(deps: OwnRecordsDeps): OwnRecords {
  const { records, limits, auditLog } = deps
  return {
    async connections(caller) {
      const { ledger } = records
      const grants = ledger.grantsOf(caller.subject).filter((grant) => isOwn(grant, caller))
      const uses = await lastUses(caller.subject, grants, deps)
      return grants.map((grant) => ({
        grant,
        environment: ledger.newestCredential({ sub: caller.subject, env: grant.env })?.label ?? null,
        isEnded: ledger.isEnded(grant),
        lastUse: uses.find(({ gid }) => gid === grant.gid) ?? null,
      }))
    },
    async end(caller, gid) {
      const { ledger } = records
      const grant = ledger.findGrant(gid)
      if (grant === null || !isOwn(grant, caller.facts)) return 'unknown'
      return ledger.isEnded(grant) ? 'ended_before' : deps.endGrant(gid, caller)
    },
    async usage({ subject, plan, profile }) {
      return {
        ...(await quotaUseOf(subject, plan, deps)),
        limits: {
          tool: limits.tool,
          profile: limits.profile[profile],
          concurrent: limits.concurrent[profile],
        },
      }
    },
    detections: (caller) => ownDetections(caller, records),
    events: async (caller, { matches, atMost }) =>
      recentEvents(auditLog, await deps.nameInLog(caller.subject), {
        matches: (event) => (!isUnattended(caller) || event.grantId === caller.grantId) && matches(event),
        atMost,
      }),
  }
}

/** A token without a person has one connection, itself. */
const isOwn = ({ sub, gid }: Grant, caller: CallerFacts): boolean =>
  sub === caller.subject && (!isUnattended(caller) || gid === caller.grantId)

function ownDetections(caller: CallerFacts, { ledger }: OwnRecordsDeps['records']): OwnDetections {
  const { detections, isCut } = ledger.detections.of(caller.subject)
  const own = detections.filter(({ subject }) => !isUnattended(caller) || subject.id === caller.grantId)
  return {
    detections: own.map((detection) => ({
      detection,
      clientName: ledger.findGrant(detection.subject.id)?.clientName ?? null,
    })),
    isWhole: !isCut,
  }
}

/** Of a server without journals, as tests and measurements run it. */
export const NO_RECORDS: OwnRecords = {
  connections: () => Promise.resolve([]),
  end: () => Promise.resolve('unknown'),
  detections: () => ({ detections: [], isWhole: true }),
  usage: () => Promise.reject(new StoreUnavailable('this server keeps no records')),
  events: () => Promise.resolve({ events: [], isWhole: true }),
}

/** Nothing is decided by them: a store that is silent leaves them out. */
async function lastUses(
  subject: string,
  grants: readonly Grant[],
  { uses }: OwnRecordsDeps,
): Promise<readonly GrantUse[]> {
  try {
    return await uses.find(
      subject,
      grants.map(({ gid }) => gid),
    )
  } catch (error) {
    if (error instanceof StoreUnavailable) return []
    throw error
  }
}
