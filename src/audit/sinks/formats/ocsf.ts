import { originText, type SinkEvent } from '../event.ts'
import { membersBeside, present } from './members.ts'
import { severityOf } from './severity.ts'

/**
 * Open Cybersecurity Schema Framework 1.4: sign-ins, sign-outs and refused credentials are Authentication (3002), all else is
 * API Activity (6003). What the schema has no attribute for stands under `unmapped`.
 */
export function asOcsf(event: SinkEvent): object {
  const { record } = event
  const authentication = AUTHENTICATION[record.eventType]
  return authentication === undefined ? apiActivity(event) : authenticated(event, authentication)
}

interface Activity {
  readonly id: number
  readonly name: string
}

function authenticated(event: SinkEvent, activity: Activity): object {
  const { record, origin } = event
  return {
    ...classified(event, AUTHENTICATION_CLASS, activity),
    user: record.principal === null ? NOBODY : { uid: record.principal },
    service: { name: `maximo-mcp ${origin.service}` },
    // Its own list of protocols is for other things.
    ...present({ auth_protocol_id: 99, auth_protocol: record.authMethod, is_remote: true }),
    src_endpoint: sourceOf(event),
  }
}

function apiActivity(event: SinkEvent): object {
  const { record, origin } = event
  const { principal, operation, resource, masInstance, responseCode, userAgent } = record
  return {
    ...classified(event, API_CLASS, ACTIVITIES[record.eventType] ?? OTHER),
    actor: principal === null ? { app_name: 'maximo-mcp' } : { user: { uid: principal } },
    api: present({
      operation: operation ?? record.eventType,
      service: { name: `maximo-mcp ${origin.service}` },
      response: responseCode === null ? null : { code: responseCode },
    }),
    src_endpoint: sourceOf(event),
    ...present({
      dst_endpoint: masInstance === null ? null : { hostname: masInstance },
      resources: resource === null ? null : [{ name: resource }],
      http_request: userAgent === null ? null : { user_agent: userAgent },
      http_response: responseCode === null ? null : { code: responseCode },
    }),
  }
}

interface EventClass {
  readonly uid: number
  readonly name: string
  readonly category: { readonly uid: number; readonly name: string }
}

function classified(event: SinkEvent, { uid, name, category }: EventClass, activity: Activity): object {
  const { record, timeMs } = event
  return {
    metadata: metadataOf(event),
    ...{ category_uid: category.uid, category_name: category.name, class_uid: uid, class_name: name },
    ...{ activity_id: activity.id, activity_name: activity.id === 99 ? record.eventType : activity.name },
    type_uid: uid * 100 + activity.id,
    ...{ type_name: `${name}: ${activity.name}`, time: timeMs, timezone_offset: 0 },
    severity_id: severityOf(record),
    ...statusOf(record.outcome),
    ...present({
      status_detail: record['reason'],
      duration: record.duration_ms === null ? null : Math.round(record.duration_ms),
    }),
    unmapped: Object.fromEntries(membersBeside(event, uid === API_CLASS.uid ? IN_API : IN_AUTHENTICATION)),
  }
}

const metadataOf = ({ id, n, origin, record }: SinkEvent): object =>
  present({
    version: '1.4.0',
    product: { name: 'maximo-mcp', vendor_name: 'maximo-mcp', feature: { name: origin.service } },
    ...{ uid: id, sequence: n, event_code: record.eventType, original_time: record.timestamp },
    ...{ log_name: 'audit', log_provider: originText(origin), correlation_uid: record.correlationId },
  })

function statusOf(outcome: string): object {
  if (outcome === 'success') return { status_id: 1, status: 'Success' }
  if (outcome === 'refused' || outcome === 'failed') return { status_id: 2, status: 'Failure' }
  return { status_id: 99, status: outcome }
}

/** Required of a class that tells of the network: what we did ourselves came from ourselves. */
function sourceOf({ record, origin }: SinkEvent): object {
  if (record.sourceIP !== null) return { ip: record.sourceIP }
  const { sourceNetwork } = record
  return typeof sourceNetwork === 'string'
    ? { name: sourceNetwork }
    : { name: `maximo-mcp ${origin.service}`, uid: origin.instance }
}

const NOBODY = { name: 'unknown', type_id: 0, type: 'Unknown' }

const AUTHENTICATION_CLASS: EventClass = {
  ...{ uid: 3002, name: 'Authentication' },
  category: { uid: 3, name: 'Identity & Access Management' },
}
const API_CLASS: EventClass = {
  ...{ uid: 6003, name: 'API Activity' },
  category: { uid: 6, name: 'Application Activity' },
}
const AUTHENTICATION: Readonly<Record<string, Activity | undefined>> = {
  sign_in: { id: 1, name: 'Logon' },
  'auth.attempt': { id: 1, name: 'Logon' },
  sign_out: { id: 2, name: 'Logoff' },
}
const CREATE: Activity = { id: 1, name: 'Create' }
const READ: Activity = { id: 2, name: 'Read' }
const UPDATE: Activity = { id: 3, name: 'Update' }
const DELETE: Activity = { id: 4, name: 'Delete' }
const OTHER: Activity = { id: 99, name: 'Other' }
const ACTIVITIES: Readonly<Record<string, Activity | undefined>> = {
  'client.registered': CREATE,
  'grant.attested': CREATE,
  'grant.derived': CREATE,
  'token.issued': CREATE,
  'credential.saved': CREATE,
  'revocation.recorded': CREATE,
  'consent.shown': READ,
  'grant.status': READ,
  'token.introspected': READ,
  'token.refreshed': UPDATE,
  'plan.recorded': UPDATE,
  'credential.confirmed': UPDATE,
  'credential.reverted': UPDATE,
  'environment.changed': UPDATE,
  'key.changed': UPDATE,
  'maximo.write': UPDATE,
  'grant.ended': DELETE,
  'token.revoked': DELETE,
  'credential.removed': DELETE,
}

/** What every event says in attributes of the schema. */
const IN_BOTH = [
  ...['timestamp', 'eventType', 'outcome', 'reason', 'duration_ms'],
  ...['correlationId', 'principal', 'sourceIP'],
]
const IN_AUTHENTICATION: ReadonlySet<string> = new Set([...IN_BOTH, 'authMethod'])
const IN_API: ReadonlySet<string> = new Set([
  ...IN_BOTH,
  ...['operation', 'resource', 'masInstance', 'responseCode', 'userAgent'],
])
