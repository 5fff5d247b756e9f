import type { Audit } from '../audit/audit.ts'
import type { Sinks } from '../audit/sinks/open-sinks.ts'
import type { PortalKeys } from '../crypto/keys/key-ring.ts'
import type { WorkloadIssuer } from '../crypto/workload-issuers.ts'
import type { Clock } from '../kernel/clock.ts'
import type { FailureLimiter } from '../kernel/failure-limiter.ts'
import type { Traffic } from '../kernel/load/traffic.ts'
import type { Log } from '../kernel/log.ts'
import type { Metrics } from '../kernel/metrics.ts'
import type { Store } from '../kernel/store/contract.ts'
import type { Accounts } from './clerk/environments.ts'
import type { Clients } from './clients/clients.ts'
import type { PendingRegistrations } from './clients/pending-registrations.ts'
import type { PortalConfig } from './config.ts'
import type { McpCalls } from './mcp-calls.ts'
import type { OwnerNotices } from './notices/owner-notices.ts'
import type { StoreHealth } from './open-store.ts'
import type { Owners } from './owners.ts'
import type { PortalRecords } from './records/records.ts'
import type { Revocations } from './revoke/revocations.ts'
import type { Sessions } from './session/sessions.ts'
import type { Traces } from './traces/traces.ts'

/** Everything the portal works with. Made in `start.ts`, or by a test. */
export interface PortalDeps {
  readonly config: PortalConfig
  readonly clock: Clock
  readonly log: Log
  readonly keys: PortalKeys
  readonly store: Store
  readonly storeHealth: StoreHealth
  readonly records: PortalRecords
  readonly clients: Clients
  /** Registrations that no owner said yes to yet. */
  readonly pending: PendingRegistrations
  /** Platforms whose workloads may be machine clients. */
  readonly workloadIssuers: readonly WorkloadIssuer[]
  readonly audit: Pick<Audit, 'write'>
  /** How the places stand that its records are brought to. */
  readonly sinks: Pick<Sinks, 'reasons' | 'notes'>
  readonly metrics: Metrics
  readonly traffic: Traffic
  /** Bounds the records that somebody without any proof can cause. */
  readonly strangers: FailureLimiter
  /** What each login attempt was and came to, for its owner and the operator. */
  readonly traces: Traces
  readonly mcp: McpCalls
  readonly revocations: Revocations
  readonly owners: Owners
  readonly notices: OwnerNotices
  readonly sessions: Sessions
  readonly accounts: Accounts
  /** Origins at Clerk that a form may lead to, by handshake or sign-in. */
  readonly formTargets: readonly string[]
}
