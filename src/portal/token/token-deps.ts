import type { PortalKeys } from '../../crypto/keys/key-ring.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { Clients } from '../clients/clients.ts'
import type { McpCalls } from '../mcp-calls.ts'
import type { Owners } from '../owners.ts'
import type { PortalRecords } from '../records/records.ts'
import type { Revocations } from '../revoke/revocations.ts'
import type { UnansweredUses } from './unanswered-uses.ts'

/** What the decisions of the token endpoint work with. */
export interface TokenDeps {
  readonly config: { readonly portalUrl: string; readonly mcpUrl: string }
  readonly clock: Clock
  readonly store: Store
  readonly records: PortalRecords
  readonly clients: Pick<Clients, 'findKnown' | 'findKeys' | 'keep'>
  readonly keys: PortalKeys
  readonly mcp: Pick<McpCalls, 'findGrantStatus'>
  readonly revocations: Pick<Revocations, 'endGrant'>
  readonly owners: Pick<Owners, 'isKnownGood'>
  readonly unanswered: UnansweredUses
}

/** A successful answer (RFC 6749 §5.1), and what the audit says of it. */
export interface Issued {
  readonly accessToken: string
  /** Null: it has no expiry. */
  readonly expiresInS: number | null
  readonly refreshToken: string | null
  /** As granted, `offline_access` included where it was asked for. */
  readonly scope: string
  readonly gid: string
  readonly rid: string
  /** What was used up for it, as `UnansweredUses` knows it. */
  readonly use: string
}

export const ACCESS_TOKEN_LIFE_S = 3_600
export const REFRESH_SLIDING_S = 30 * 24 * 3_600
export const GRANT_LIFE_S = 180 * 24 * 3_600
/** How long a refresh token that was just used still leads to the same successor. */
export const SAME_SUCCESSOR_MS = 60_000
