import { originText, type SinkEvent } from '../event.ts'
import { membersBeside, present } from './members.ts'

/** A row of the custom table: the columns that docs/operate/audit-sinks.md declares, the rest in `AdditionalFields`. */
export function asSentinelRow(event: SinkEvent): object {
  const { record } = event
  const columns = Object.entries(COLUMNS).map(([name, column]): [string, unknown] => [column, record[name]])
  const beside = membersBeside(event, new Set(['timestamp', ...Object.keys(COLUMNS)]))
  return present({
    TimeGenerated: record.timestamp,
    EventId: event.id,
    Origin: originText(event.origin),
    Sequence: event.n,
    ...Object.fromEntries(columns),
    AdditionalFields: beside.length === 0 ? null : Object.fromEntries(beside),
  })
}

const COLUMNS: Readonly<Record<string, string>> = {
  eventType: 'EventType',
  outcome: 'Outcome',
  operation: 'Operation',
  principal: 'Principal',
  authMethod: 'AuthMethod',
  resource: 'Resource',
  action: 'Action',
  queryParams: 'QueryParams',
  responseCode: 'ResponseCode',
  recordCount: 'RecordCount',
  sourceIP: 'SourceIP',
  duration_ms: 'DurationMs',
  userAgent: 'UserAgent',
  correlationId: 'CorrelationId',
  masInstance: 'MasInstance',
  reason: 'Reason',
  tool: 'Tool',
  tokenId: 'TokenId',
  grantId: 'GrantId',
  clientId: 'ClientId',
  environmentId: 'EnvironmentId',
  sessionId: 'SessionId',
}
