import { isMachineClient } from '../../crypto/machine-proof.ts'
import { addressPrefix } from '../../kernel/address.ts'
import type { AuditEvent } from '../event.ts'
import type { Subject } from '../../crypto/detection.ts'

/** What is added up: each family has one sliding window for each of its subjects. */
export const FAMILIES = ['failed', 'denied', 'records', 'calls', 'errors'] as const
export type Family = (typeof FAMILIES)[number]

/** What a service knows and its events do not say. */
export interface About {
  /** Whether a refusal may have been a guess at a secret, a code or a token. Expiry and policy are none. */
  isFailedSignIn(event: AuditEvent): boolean
  /** Clerk user id of whom an event concerns; null: nobody is known. */
  ownerOf(event: AuditEvent): string | null
  isProduction(event: AuditEvent): boolean
}

/** What an event says beside its sums. */
export interface Seen {
  readonly atMs: number
  readonly owner: string | null
  readonly isUnattended: boolean
  readonly environmentId: string | null
  readonly address: string | null
  readonly correlationId: string | null
}

/** One event's part in one sum. */
export interface Observation {
  readonly family: Family
  readonly subject: Subject
  /** Tells sums of one subject apart. */
  readonly tool?: string
  readonly amount: number
  readonly seen: Seen
  /** The owned client that a failure named. */
  readonly client?: string
}

/** What an event adds to sums: nothing for most of what happens. */
export function observationsOf(event: AuditEvent, atMs: number, about: About): readonly Observation[] {
  const isRefused = event.outcome === 'refused'
  if (isRefused && about.isFailedSignIn(event)) return failuresOf(event, atMs, about)
  if (isRefused && event.eventType !== 'mcp.call') return denialsOf(event, atMs, about)
  return event.eventType === 'mcp.call' && event.tool !== undefined ? callsOf(event, atMs, about) : []
}

function denialsOf(event: AuditEvent, atMs: number, about: About): readonly Observation[] {
  const seen = seenIn(event, atMs, about)
  const { reason = '', grantId, clientId } = event
  if (event.eventType === 'auth.attempt' && DENIED.has(reason) && grantId !== undefined)
    return [{ family: 'denied', subject: { kind: 'grant', id: grantId }, amount: 1, seen }]
  // A client of many persons that asks for more than one of them gave is no news; a machine client is one owner's.
  if (reason === 'scope_too_wide' && clientId !== undefined && isMachineClient(clientId))
    return [{ family: 'denied', subject: { kind: 'client', id: clientId }, amount: 1, seen }]
  return []
}

/** A missing feature is a matter of the plan, and limits are no door that somebody tries. */
const DENIED: ReadonlySet<string> = new Set(['scope_missing', 'object_refused'])

/** By address, and by the client that was named where it is somebody's own. */
function failuresOf(event: AuditEvent, atMs: number, about: About): readonly Observation[] {
  const seen = seenIn(event, atMs, about)
  const failure = { family: 'failed', amount: 1 } as const
  const { sourceIP, clientId } = event
  const client = seen.owner === null ? undefined : clientId
  const observations: Observation[] = []
  if (client !== undefined) observations.push({ ...failure, subject: { kind: 'client', id: client }, seen })
  if (sourceIP !== null)
    observations.push({
      ...failure,
      subject: { kind: 'address', id: addressPrefix(sourceIP) },
      // What the owner of a client has to know is told with the client.
      seen: { ...seen, owner: null },
      ...(client === undefined ? {} : { client }),
    })
  return observations
}

/** Every call comes through here: nothing is copied. */
function callsOf(event: AuditEvent, atMs: number, about: About): readonly Observation[] {
  const { grantId, environmentId, tool, outcome, recordCount = 0 } = event
  const seen = seenIn(event, atMs, about)
  const observations: Observation[] = []
  if (grantId !== undefined && recordCount > 0) {
    const subject = { kind: 'grant', id: grantId } as const
    observations.push({ family: 'records', subject, amount: recordCount, seen })
  }
  if (environmentId === undefined || tool === undefined) return observations
  const subject = { kind: 'environment', id: environmentId } as const
  for (const family of outcome === 'failed' ? FAILED_CALL : CALL) {
    observations.push({ family, subject, amount: 1, seen })
    observations.push({ family, subject, amount: 1, seen, tool })
  }
  return observations
}

const CALL = ['calls'] as const
const FAILED_CALL = ['calls', 'errors'] as const

const seenIn = (event: AuditEvent, atMs: number, about: About): Seen => ({
  atMs,
  owner: about.ownerOf(event),
  isUnattended: isUnattended(event),
  environmentId: event.environmentId ?? null,
  address: event.sourceIP,
  correlationId: event.correlationId,
})

/** Whether nobody sits behind it: an automation token or a machine client. */
export const isUnattended = ({
  authMethod,
  clientId,
}: Pick<AuditEvent, 'authMethod' | 'clientId'>): boolean =>
  authMethod === 'ci_token' || (clientId !== undefined && isMachineClient(clientId))
