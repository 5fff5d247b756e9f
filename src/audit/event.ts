/** What happened, and what it means. Additions are welcome, names never change: they are the operator's filters. */
export const EVENT_TYPES = {
  'auth.attempt':
    'a credential was shown at /mcp and refused; one that is admitted is written with the call it made',
  'mcp.call':
    'a tool or resource was called by an admitted caller, or the call was refused by scope, rule, limit or feature',
  sign_in: 'a session of Clerk was taken over, or refused, by the portal',
  sign_out: 'a person left the portal',
  'client.registered': 'an OAuth client or a machine client was registered',
  'consent.shown': 'an authorization was asked for: the consent page was shown, or the request refused',
  'consent.decided': 'a person allowed or denied a client, and a code was issued',
  'grant.attested': 'the MCP server vouched for a grant, or would not',
  'grant.derived': 'a machine client proved itself and got a grant of an hour, or did not',
  'grant.status': 'the portal asked whether a grant still holds',
  'grant.ended': 'a person ended a connection',
  'token.issued': 'a code or a proof became a token, or was refused',
  'token.refreshed': 'a refresh token became the next one, or was refused',
  'token.revoked': 'a token was ended by its client or owner',
  'token.introspected': 'the operator asked what a token is',
  'revocation.recorded': 'the MCP server recorded that something is ended',
  'plan.recorded': 'a plan, or a cap on one, was recorded for a person',
  'vault.opened': 'a visit of the vault was prepared, begun or refused',
  'vault.tested': 'a Maximo credential was tried',
  'credential.saved': 'a Maximo credential was saved',
  'credential.confirmed': 'a new credential was confirmed; the former one is forgotten',
  'credential.reverted': 'the former credential serves again',
  'credential.removed': 'an environment was removed with its credential',
  'environment.changed': 'the portal took over what the vault did',
  'internal.call': 'a signed call between services, or one whose signature was not accepted',
  'key.changed': 'a machine client got another key',
  'webhook.received': 'a webhook of Clerk was accepted or refused',
  'notice.dismissed': 'a person put a notice away',
  'maximo.write': 'one record of a change: about to be sent to Maximo, and what became of it',
  'change.approved': 'a person agreed to a change',
  'change.discarded': 'a change that waited can never be written any more',
  'store.circuit': 'the store was left alone, or believed again',
  'maximo.circuit': 'the Maximo at a host was left alone, or believed again',
  'settings.changed': 'a file of the operator came into force while the server runs, or was not usable',
  'detection.raised': 'one of the six patterns was seen',
  'detection.settled': 'a pattern that was seen is over',
  'load.shed': 'requests were turned away because there were too many',
  'internal.refused': 'how many more unsigned calls there were than were recorded one by one',
  'keys.reloaded': 'a service read its key folder again, or kept the old keys',
} as const
export type AuditEventType = keyof typeof EVENT_TYPES

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
