import type { Audit } from '../../audit/audit.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import type { OpenedToken } from '../../crypto/token-open.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { FailureLimiter } from '../../kernel/failure-limiter.ts'
import type { Log } from '../../kernel/log.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { Egress } from '../../maximo/egress/egress.ts'
import type { Changes } from '../changes/changes.ts'
import type { Records } from '../records/records.ts'
import type { AgePolicy } from './credential-age.ts'
import type { Turns } from '../../kernel/turns.ts'
import type { Visits } from './visits.ts'

/** What the vault's pages work with. */
export interface VaultDeps {
  readonly visits: Visits
  readonly turns: Turns
  readonly records: Records
  readonly changes: Pick<Changes, 'plans' | 'discard'>
  readonly keys: () => McpKeys
  readonly store: Store
  readonly egress: Egress
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Log
  readonly forget: (isEnded: (token: OpenedToken) => boolean) => void
  /** Bounds the records that requests without a visit can cause. */
  readonly strangers: FailureLimiter
  readonly agePolicy: AgePolicy
  /** Origins, without a trailing slash. */
  readonly portalUrl: string
  readonly mcpUrl: string
}
