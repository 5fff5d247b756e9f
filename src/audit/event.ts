/**
 * What happened. Additions are welcome, names never change: they are the operator's filters.
 * `auth.attempt` is a credential shown at `/mcp` and refused; one that is admitted is written with the call it made
 * (`mcp.call`).
 */
export type AuditEventType =
  | 'auth.attempt'
  | 'mcp.call'
  | 'sign_in'
  | 'sign_out'
  | 'client.registered'
  | 'consent.shown'
  | 'consent.decided'
  | 'grant.attested'
  | 'grant.derived'
  | 'grant.status'
  | 'grant.ended'
  | 'token.issued'
  | 'token.refreshed'
  | 'token.revoked'
  | 'token.introspected'
  | 'revocation.recorded'
  | 'plan.recorded'
  | 'vault.opened'
  | 'vault.tested'
  | 'credential.saved'
  | 'credential.confirmed'
  | 'credential.reverted'
  | 'credential.removed'
  | 'environment.changed'
  | 'internal.call'
  | 'key.changed'
  | 'webhook.received'
  | 'notice.dismissed'
  | 'maximo.write'
  | 'change.approved'
  | 'change.discarded'
  | 'store.circuit'
  | 'settings.changed'
  | 'detection.raised'
  | 'detection.settled'
  | 'load.shed'

/** Written by the log itself. */
export const OWN_EVENT_TYPES = [
  'audit.opened',
  'audit.segment',
  'audit.head',
  'audit.head_accepted',
  'audit.head_refused',
  'audit.removed',
  'audit.hold',
  'audit.erased',
] as const
export type AuditOwnEventType = (typeof OWN_EVENT_TYPES)[number]

/**
 * `success`: it was done. `refused`: we said no. `failed`: Maximo, Clerk, the store or we were broken.
 * `intent`: about to change something outside; the outcome follows with the same correlation id.
 */
export type AuditOutcome = 'success' | 'refused' | 'failed' | 'intent'

/**
 * One thing that happened, in the field names of an integration audit. Every text is cut at 1 KB.
 */
export interface AuditEvent {
  readonly eventType: AuditEventType
  readonly outcome: AuditOutcome
  /** Business meaning, e.g. the tool or the page's act: `query_records`, `approve`. */
  readonly operation: string
  /** Clerk user id, client id or instance id; `null` when nobody was proven. */
  readonly principal: string | null
  /** `oauth_token`, `ci_token`, `clerk_session`, `internal_signature`, `client_secret`, `none`, … */
  readonly authMethod: string | null
  /** What was reached: object structure, path template, grant. */
  readonly resource: string | null
  /** HTTP method or verb. */
  readonly action: string | null
  /** Parameters by name. Names are kept, every value becomes a keyed hash. */
  readonly queryParams?: Readonly<Record<string, unknown>>
  /** HTTP status as answered. */
  readonly responseCode: number | null
  readonly recordCount?: number
  readonly sourceIP: string | null
  readonly duration_ms?: number
  readonly userAgent?: string | null
  readonly correlationId: string | null
  /** Host of the Maximo environment. */
  readonly masInstance?: string | null
  /** Why, as a snake_case word of a closed list of the caller. */
  readonly reason?: string
  readonly tokenId?: string
  readonly grantId?: string
  readonly clientId?: string
  readonly environmentId?: string
  readonly sessionId?: string
  readonly tool?: string
  /** Of `detection.*`: what was noticed, or how much more of it there was. */
  readonly detection?: Readonly<Record<string, unknown>>
  /** Where persons stand in the log by pseudonyms: what only this person's key opens. */
  readonly personal?: string
  readonly head?: never
  readonly tombstone?: never
  readonly hold?: never
}

/** A record of the log about itself; `resource` is the origin it speaks of. */
export interface AuditOwnEvent extends Omit<AuditEvent, 'eventType' | 'head' | 'tombstone' | 'hold'> {
  readonly eventType: AuditOwnEventType
  /** A signed head, as text. */
  readonly head?: string
  /** Of `audit.removed`: signed, up to which record older files were removed. */
  readonly tombstone?: string
  /** Of `audit.hold`: what is held, and why; the person is the principal. */
  readonly hold?: Readonly<Record<string, unknown>>
}
