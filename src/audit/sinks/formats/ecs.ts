import { originText, type SinkEvent } from '../event.ts'
import { membersBeside, present } from './members.ts'
import { severityOf, TEN_STEPS } from './severity.ts'

/** Elastic Common Schema 8.11: https://www.elastic.co/guide/en/ecs/8.11/. What it has no field for stands under `maximo_mcp`. */
export function asEcs(event: SinkEvent): object {
  const { id, n, origin, record } = event
  const { categories, type } = kindOf(record.eventType)
  return {
    '@timestamp': record.timestamp,
    ecs: { version: '8.11.0' },
    event: present({
      ...{ id, kind: 'event', category: categories, type: [type], outcome: outcomeOf(record.outcome) },
      ...{ action: record.operation, code: record.eventType, reason: record['reason'] },
      ...{ module: 'maximo_mcp', dataset: 'maximo_mcp.audit', provider: originText(origin), sequence: n },
      severity: TEN_STEPS[severityOf(record)],
      // Nanoseconds.
      duration: record.duration_ms === null ? null : Math.round(record.duration_ms * 1_000_000),
    }),
    service: { name: 'maximo-mcp', type: origin.service, node: { name: origin.instance } },
    ...nested(event),
    maximo_mcp: {
      outcome: record.outcome,
      ...Object.fromEntries<unknown>(
        membersBeside(event, IN_ECS).map(([name, value]) => [snake(name), value] as const),
      ),
    },
  }
}

function nested({ record }: SinkEvent): object {
  const { principal, sourceIP, userAgent, responseCode, masInstance } = record
  return present({
    user: principal === null ? null : { id: principal },
    source: sourceIP === null ? null : { ip: sourceIP, address: sourceIP },
    user_agent: userAgent === null ? null : { original: userAgent },
    http: responseCode === null ? null : { response: { status_code: responseCode } },
    destination: masInstance === null ? null : { domain: masInstance, address: masInstance },
  })
}

/** Only values that ECS allows: an index with strict mappings takes no others. */
function kindOf(eventType: string): { readonly categories: readonly string[]; readonly type: string } {
  if (eventType === 'sign_in' || eventType === 'auth.attempt')
    return { categories: ['authentication'], type: 'start' }
  if (eventType === 'sign_out') return { categories: ['authentication'], type: 'end' }
  const [subject = ''] = eventType.split('.')
  if (IAM.has(subject)) return { categories: ['iam'], type: IAM_TYPES[eventType] ?? 'info' }
  if (CONFIGURATION.has(subject)) return { categories: ['configuration'], type: 'change' }
  if (subject === 'maximo' || subject === 'change') return { categories: ['api'], type: 'change' }
  return { categories: ['api'], type: 'info' }
}

const IAM = new Set(['client', 'consent', 'grant', 'token', 'credential', 'revocation'])
const IAM_TYPES: Readonly<Record<string, string>> = {
  'client.registered': 'creation',
  'grant.attested': 'creation',
  'grant.derived': 'creation',
  'token.issued': 'creation',
  'token.refreshed': 'change',
  'grant.ended': 'deletion',
  'token.revoked': 'deletion',
  'revocation.recorded': 'deletion',
  'credential.saved': 'creation',
  'credential.confirmed': 'change',
  'credential.reverted': 'change',
  'credential.removed': 'deletion',
}
const CONFIGURATION = new Set(['plan', 'environment', 'key'])

const outcomeOf = (outcome: string): string =>
  outcome === 'success' ? 'success' : outcome === 'intent' ? 'unknown' : 'failure'

const snake = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()

const IN_ECS: ReadonlySet<string> = new Set([
  ...['timestamp', 'eventType', 'outcome', 'operation', 'reason', 'duration_ms'],
  ...['principal', 'sourceIP', 'userAgent', 'responseCode', 'masInstance'],
])
