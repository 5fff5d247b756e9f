import type { AuditEvent, AuditOwnEvent } from './event.ts'

/**
 * The record of an event as the text of a JSON object: the operator's fields always, in their order, `null` where they
 * do not apply, then what else is known.
 *
 * @param timestamp RFC 3339
 * @param hashValue keyed hash of one query value
 */
export function recordOf(event: AuditEvent | AuditOwnEvent, timestamp: string, hashValue: HashValue): string {
  const record = JSON.stringify({
    timestamp,
    eventType: event.eventType,
    principal: cut(event.principal),
    authMethod: cut(event.authMethod),
    resource: cut(event.resource),
    action: cut(event.action),
    queryParams: event.queryParams === undefined ? null : hashedParams(event.queryParams, hashValue),
    responseCode: event.responseCode,
    recordCount: event.recordCount ?? null,
    sourceIP: cut(event.sourceIP),
    duration_ms: event.duration_ms ?? null,
    userAgent: cut(event.userAgent),
    correlationId: cut(event.correlationId),
    masInstance: cut(event.masInstance),
    operation: cut(event.operation),
    outcome: event.outcome,
    reason: present(event.reason),
    tool: present(event.tool),
    tokenId: present(event.tokenId),
    grantId: present(event.grantId),
    clientId: present(event.clientId),
    environmentId: present(event.environmentId),
    sessionId: present(event.sessionId),
    detection: event.detection,
    head: event.head,
    tombstone: event.tombstone,
    hold: event.hold,
    personal: event.personal,
  })
  return escapeUnseen(record)
}

export type HashValue = (value: string) => string

/** `name=~hash&…`: which parameters were used, and whether two calls used the same value, without the value. */
function hashedParams(params: Readonly<Record<string, unknown>>, hashValue: HashValue): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    parts.push(`${name.slice(0, MAX_NAME_CHARS).replace(SEPARATORS, '_')}=~${hashValue(text)}`)
  }
  return cutText(parts.join('&'))
}

const cut = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : cutText(text)

const present = (text: string | undefined): string | undefined => (text === undefined ? text : cutText(text))

function cutText(text: string): string {
  // A character is at most three bytes of UTF-8.
  if (text.length * 3 <= MAX_FIELD_BYTES || Buffer.byteLength(text) <= MAX_FIELD_BYTES) return text
  const bytes = Buffer.from(text).subarray(0, MAX_FIELD_BYTES - ELLIPSIS_BYTES)
  return `${bytes.toString('utf8').replace(/\ufffd+$/, '')}…`
}

/** JSON text as a record holds it. */
export const escapeUnseen = (json: string): string =>
  UNSEEN.test(json) ? json.replace(EVERY_UNSEEN, escaped) : json

/** What `JSON.stringify` leaves as it is and a terminal would obey: DEL, C1 controls, line and direction marks. */
const UNSEEN = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/
const EVERY_UNSEEN = new RegExp(UNSEEN, 'g')
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

const SEPARATORS = /[&=~\s]/g
const MAX_NAME_CHARS = 64
const MAX_FIELD_BYTES = 1024
const ELLIPSIS_BYTES = 3
